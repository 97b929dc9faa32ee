"""`plan` and `apply`: what would be done, and doing it."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ... import network, steps
from ...errors import ConfigurationError, UsageError
from ...host import Host
from ...password import ask_twice, generate, weakness
from ...steps import Change
from ..clock import clock_fault
from ..context import Context
from ..groups import has_buses
from ..libraries import are_here
from ..notebooks import check_root_dir
from ..proof import prove, prove_for_once
from ..recipe import Recipe
from ..service import has_systemd, is_active
from ..settings import Settings
from ..units import SERVICE
from ..welcome import welcome

__all__ = ["apply", "plan"]

# EX_OK and what `plan` says beside it, as `diff` does with 1 and terraform with 2.
_CHANGES = 2


@dataclass(frozen=True)
class _Password:
    """A password to set, and what to tell the person about it."""

    typed: str | None
    told: str
    made: str | None = None


def plan(context: Context) -> int:
    """Show what `apply` would do; 0 where that is nothing, 2 where it is something."""
    recipe = _recipe(context)
    changes = steps.plan(context.host, context.journal, recipe.steps())
    shown = [line for change in changes for line in _lines(change)] or ["Nothing to do: everything is as asked for."]
    values = [{"step": change.step, "shows": change.shows, "undo": change.undo} for change in changes]
    context.answer(shown, ok=True, changes=values)
    return _CHANGES if changes else 0


def apply(context: Context) -> int:
    """Do it, prove that it works, and say how to get in."""
    recipe = _recipe(context)
    _check_machine(context, recipe.settings)
    authority = context.host.read(context.layout.pki / "ca.pem")
    if not context.is_ours:
        context.host.make_private_dir(context.layout.journal.parent)
    password = _password(context)
    with context.journal.alone() as lock:
        recipe = _recipe(context, password.typed, lock if lock >= 0 else None)
        changes = steps.plan(context.host, context.journal, recipe.steps())
        _confirm(context, changes)
        changed = steps.apply(context.host, context.journal, recipe.steps(), _progress(context), context.options.force)
    # On a machine that is played there is nobody to visit.
    proof = _prove(context, recipe, password.typed) if context.options.root is None else None
    lines, values = welcome(recipe, password.told, context.environment, authority)
    context.answer(lines, ok=True, changed=changed, proof=proof, password=password.made, **values)
    return 0


def _prove(context: Context, recipe: Recipe, password: str | None) -> dict[str, str]:
    if recipe.settings.service:
        return prove(recipe, password, context.say)
    return prove_for_once(recipe, password, context.say)


def settings(context: Context) -> Settings:
    """What was asked for now, on top of what was asked for before.

    Raises:
        ConfigurationError: A folder or an account is missing or not fit.
    """
    asked = context.options
    stored = Settings.load(context.host, context.layout.settings)
    user = context.person(asked.user or (stored.user if stored else None))
    service = asked.service
    if service is None and stored is None and context.host.platform == "darwin":
        service = False
    if (asked.spi is not None or asked.i2c is not None) and not (context.is_ours and has_buses(context.host)):
        raise ConfigurationError(
            "--spi and --i2c are done by raspi-config, as root, on Raspberry Pi OS; leave them out here, and switch "
            "the buses on as this system does it."
        )
    default = stored or Settings(user.name, str(user.home / "notebooks"), service=context.is_ours)
    root_dir = asked.root_dir or default.root_dir
    if asked.root_dir or context.host.look(Path(root_dir)) is not None:
        check_root_dir(context.host, root_dir, user)
    return default.changed(
        user=user.name,
        root_dir=root_dir,
        port=asked.port,
        names=tuple(asked.name) if asked.name else None,
        addresses=tuple(map(str, asked.ip)) if asked.ip else None,
        lan=str(asked.lan) if asked.lan else None,
        tls=asked.tls,
        ca=asked.ca,
        own_certificate=True if asked.cert else (False if asked.ca else None),
        service=service,
        spi=asked.spi,
        i2c=asked.i2c,
    )


def _recipe(context: Context, password: str | None = None, lock: int | None = None) -> Recipe:
    wanted = settings(context)
    own = _own_certificate(context.host, context.options.cert, context.options.key) if context.options.cert else None
    user = context.person(wanted.user)
    return Recipe(context.host, context.layout, wanted, user, context.clone, password, own, lock)


def _own_certificate(host: Host, certificate: Path, key: Path) -> tuple[bytes, bytes]:
    found = []
    for option, path in (("--cert", certificate), ("--key", key)):
        content = host.read(path.absolute())
        if content is None:
            raise ConfigurationError(f"{option} {path} is not there.")
        if not content.strip():
            raise ConfigurationError(f"{option} {path} is empty.")
        found.append(content)
    _refuse_bad_certificate(certificate, found[0], found[1])
    return found[0], found[1]


def _refuse_bad_certificate(path: Path, certificate: bytes, key: bytes) -> None:
    """At once, and not after the packages; where these are not there yet, the step looks at it when they are.

    Raises:
        ConfigurationError: Browsers would refuse it.
    """
    if not are_here():
        return
    from ...leaf import BadLeaf, Leaf

    try:
        Leaf(certificate, key).check(datetime.now(UTC))
    except BadLeaf as fault:
        raise ConfigurationError(f"The certificate in {path} {fault}; bring another one.") from fault


def _check_machine(context: Context, wanted: Settings) -> None:
    """What makes no sense to begin with.

    Raises:
        ConfigurationError: The clock is a guess, the port is taken, there is no network or no systemd.
    """
    host = context.host
    if wanted.service and not has_systemd(host):
        raise ConfigurationError("There is no systemd here to run a service; add --no-service.")
    if wanted.service and not context.is_ours:
        raise ConfigurationError("A service is for root to set up; leave --service out.")
    fault = None if context.options.trust_clock else clock_fault(host, datetime.now(UTC))
    if fault:
        raise ConfigurationError(
            f"The clock {fault}, and certificates would be dated by it; connect the network and wait a minute, or set "
            "it with `sudo date -s` and add --trust-clock."
        )
    if Recipe(host, context.layout, wanted, context.person(wanted.user), None).network is None:
        raise ConfigurationError(
            "This machine is in no local network, so nobody could connect; connect it, or name the network with --lan."
        )
    before = Settings.load(host, context.layout.settings)
    serves = before is not None and before.port == wanted.port and is_active(host, SERVICE)
    if not serves and context.options.root is None:
        for held in network.reserve(wanted.port, everywhere=True):
            held.close()


def _password(context: Context) -> _Password:
    """Asked for first of all, so that nobody has to wait for the packages to type it."""
    options = context.options
    if options.generate:
        made = generate()
        return _Password(made, f"{made}   (shown this once; `labkit-setup passwd` sets another)", made)
    if options.password_stdin:
        return _Password(from_stdin(), "the one that was given")
    if context.host.look(context.layout.password) is not None:
        return _Password(None, "the one you have already (`labkit-setup passwd` replaces it)")
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to type a password on; add --generate, or --password-stdin.")
    return _Password(ask_twice(), "the one you just chose")


def from_stdin() -> str:
    """A password that another program gives.

    Raises:
        UsageError: There is none, or it is a bad one.
    """
    typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        raise UsageError("No password came on standard input; give one, as in `pass show lab | … --password-stdin`.")
    if fault := weakness(typed):
        raise UsageError(f"The password on standard input is not accepted: {fault[:1].lower()}{fault[1:]}")
    return typed


def _confirm(context: Context, changes: Sequence[Change]) -> None:
    if not changes or context.options.yes or context.options.json or not sys.stdin.isatty():
        return
    context.say(*(f"  {change.shows[0] if change.shows else change.step}" for change in changes))
    print("\nGo on? [Y/n] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("", "y", "yes"):
        raise ConfigurationError("Nothing was changed; `plan` shows every change in full.")


def _progress(context: Context) -> Callable[[str], None]:
    return lambda name: context.say(f"  · {name}")


def _lines(change: Change) -> list[str]:
    shown = [f"• {change.step}", *(f"    {line}" for line in change.shows)]
    return [*shown, *(f"    undone by: {line}" for line in change.undo), ""]
