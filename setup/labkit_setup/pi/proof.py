"""The proof that a lab works: in through the front door, a kernel, its answer."""

from collections.abc import Callable
from pathlib import Path

from ..errors import SetupError
from ..host import Host
from .lan import Lan
from .recipe import Recipe
from .visit import Visit, VisitError, context_for

__all__ = ["own_visit", "prove"]

# Small enough for any board, and no constant that a page could hold by chance.
_CODE = "print(6 * 7, __import__('os').getppid() > 1)"
_REPLY = "42 True\n"


def prove(recipe: Recipe, password: str | None, say: Callable[[str], None]) -> dict[str, str]:
    """Log in and run a cell in a kernel over a secure websocket; returns what was seen.

    With the password, if it is known; else with a cookie that only root and the server's user can make.

    Raises:
        SetupError: Something on that way does not work; the text says what.
    """
    say("  · logging in and running a cell")
    visit = own_visit(recipe)
    try:
        if password is not None:
            visit.log_in(password)
        else:
            enter(recipe.host, recipe, visit)
        printed = visit.run(_CODE)
    except OSError as error:
        raise SetupError(
            f"The lab was set up, but https://{visit.host}/ can't be reached from here ({error}); "
            "`labkit-setup doctor` says why."
        ) from error
    except VisitError as error:
        raise SetupError(
            f"The lab was set up, but it does not work: {error} `labkit-setup doctor` says more."
        ) from error
    if printed != _REPLY:
        raise SetupError(
            f"The lab was set up, but its kernel answered {printed!r} to a sum; see `labkit-setup doctor`."
        )
    return {
        "address": f"https://{visit.host}/",
        "login": "password" if password else "cookie",
        "printed": printed.strip(),
    }


def own_visit(recipe: Recipe) -> Visit:
    """A visit from this machine, by the address that others use if it has one."""
    lan = Lan.of(recipe.host)
    own = [str(address) for address in recipe.certificates.addresses(lan) if not address.is_loopback]
    authority = recipe.host.read(recipe.layout.pki / "ca.pem")
    if recipe.settings.own_certificate:
        return Visit("localhost", recipe.settings.port, context_for(None))
    name = own[0] if own and not recipe.settings.addresses else "localhost"
    return Visit(name, recipe.settings.port, context_for(authority))


def enter(host: Host, recipe: Recipe, visit: Visit) -> None:
    """Come in without the password, as only root and the server's user can.

    Raises:
        VisitError: What that takes is not there.
    """
    secret = host.read(recipe.layout.state / "cookie-secret")
    hashed = host.read(Path(recipe.layout.password))
    if secret is None or hashed is None:
        raise VisitError("The server has not made its key for cookies yet; `labkit-setup logs` may say why.")
    visit.enter(secret, hashed.decode().strip())
