"""`status`, `logs` and `tunnel`: what there is to see from outside, and a way in that needs no certificate."""

import os
from datetime import UTC, datetime

from ... import network
from ...errors import ConfigurationError
from ..context import Context
from ..lan import Lan, mdns_name
from ..recipe import Recipe
from ..service import is_active, last_words
from ..settings import DEFAULT_PORT, Settings
from ..units import RENEW, SERVICE, TIMER
from ..welcome import fingerprint

__all__ = ["logs", "status", "tunnel"]


def status(context: Context) -> int:
    """What is set up and how it is; 1 where the lab does not run."""
    settings = context.settings()
    recipe = Recipe(context.host, context.layout, settings, context.person(settings.user), context.clone)
    runs = is_active(context.host, SERVICE) if settings.service else None
    leaf, authority = _leaf(recipe), context.host.read(context.layout.pki / "ca.pem")
    address = f"https://{recipe.certificates.names(context.host)[0]}:{settings.port}/"
    values = {
        "address": address,
        "running": runs,
        "timer": is_active(context.host, TIMER) if settings.service else None,
        "user": settings.user,
        "notebooks": settings.root_dir,
        "certificate_until": leaf and leaf.ends,
        "certificate_for": leaf and [str(name) for name in (*leaf.subject.names, *leaf.subject.addresses)],
        "fingerprint": fingerprint(authority) if authority else None,
        "packages": str(context.layout.venv),
    }
    lines = [
        f"Lab:          {address}   ({'running' if runs else 'no service' if runs is None else 'NOT RUNNING'})",
        f"Runs as:      {settings.user}, with the notebooks in {settings.root_dir}",
        *([] if leaf is None else [f"Certificate:  until {leaf.ends:%Y-%m-%d}, {_days(leaf.ends)} days from now"]),
        *([] if authority is None else [f"Fingerprint:  {values['fingerprint']}"]),
        *(
            []
            if runs is not False
            else ["", *last_words(context.host, SERVICE), "", "`labkit-setup doctor` says more."]
        ),
    ]
    context.answer(lines, ok=runs is not False, **values)
    return 1 if runs is False else 0


def logs(context: Context) -> int:
    """The journal of the service and of its renewal."""
    options = context.options
    if not context.settings().service:
        raise ConfigurationError("This lab has no service: what it says is on the terminal that serves it.")
    units = ("--unit", SERVICE, "--unit", RENEW)
    form = ("--output", "json") if options.json else ("--output", "short-iso")
    command = ["journalctl", *units, "--lines", str(options.lines), "--no-pager", "--quiet", *form]
    if options.follow:
        context.host.replace_process(["/usr/bin/env", *command, "--follow"], dict(os.environ))
    print(context.host.run(command).output, end="")
    return 0


def tunnel(context: Context) -> int:
    """The ssh command for the other computer, and the address there."""
    settings = Settings.load(context.host, context.layout.settings)
    port = settings.port if settings else DEFAULT_PORT
    remote = network.remote(context.environment)
    own = [str(address) for address in Lan.of(context.host).addresses]
    at = remote or network.Remote(mdns_name(context.host) or next(iter(own), context.host.name), 22)
    user = settings.user if settings else context.person().name
    command = at.tunnel(port, user)
    lines = [
        "On the other computer run",
        f"  {command}",
        f"and open https://localhost:{port}/ there while that is running. ssh protects the way, so the warning",
        "about the certificate, if there is one, is about nothing but this machine's own name for itself.",
    ]
    context.answer(lines, ok=True, command=command, address=f"https://localhost:{port}/")
    return 0


def _leaf(recipe: Recipe):  # type: ignore[no-untyped-def]
    from ...leaf import BadLeaf, Leaf

    try:
        return Leaf.parse(recipe.host.read(recipe.layout.pki / "server.pem") or b"")
    except BadLeaf:
        return None


def _days(until: datetime) -> int:
    return (until - datetime.now(UTC)).days
