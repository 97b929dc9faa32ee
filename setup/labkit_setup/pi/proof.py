"""The proof that a lab works: in through the front door, a kernel, its answer."""

from collections.abc import Callable
from pathlib import Path

from ..errors import SetupError
from ..host import Host
from .lan import Lan
from .recipe import Recipe
from .visit import Visit, VisitError, context_for, context_for_one

__all__ = ["own_visit", "prove", "prove_for_once"]

# Small enough for any board, and no constant that a page could hold by chance.
_CODE = "print(6 * 7, __import__('os').getppid() > 1)"
_REPLY = "42 True\n"


# A Zero 2 W takes its time for the first start of JupyterLab.
_START_SECONDS = 330.0


def prove_for_once(recipe: Recipe, password: str | None, say: Callable[[str], None]) -> dict[str, str]:
    """As `prove`, where nothing serves yet: with a server that ends afterwards.

    Raises:
        SetupError: It does not start, or does not work; the text says what.
    """
    say("  · starting the lab for a moment")
    user = recipe.user.name if recipe.is_ours else None
    with recipe.host.serving([recipe.layout.python, "-I", *recipe.serve_command], user, _START_SECONDS):
        return prove(recipe, password, say)


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
    if recipe.settings.own_certificate:
        return _visit_by_own_certificate(recipe)
    server = recipe.server()
    own = [address for address in recipe.certificates.addresses(Lan.of(recipe.host)) if not address.is_loopback]
    # To its own address it connects from there, too: only where that network may connect.
    served = [str(address) for address in own if any(address in network for network in server.peers)]
    authority = recipe.host.read(recipe.layout.pki / "ca.pem")
    name = served[0] if served and not recipe.settings.addresses else "localhost"
    return Visit(name, recipe.settings.port, context_for(authority))


def _visit_by_own_certificate(recipe: Recipe) -> Visit:
    """By a name that the person's certificate is for, wherever that name leads: other machines may know it only.

    Who issued it may be known to their browsers and not to this machine, so it is compared, and not followed up.
    """
    from ..leaf import Leaf

    leaf = Leaf.parse(recipe.host.read(recipe.layout.pki / "server.pem") or b"")
    names = [*leaf.subject.names, *map(str, leaf.subject.addresses)]
    name = names[0].replace("*", "labkit")
    return Visit(name, recipe.settings.port, context_for_one(leaf.certificate), ("127.0.0.1", recipe.settings.port))


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
