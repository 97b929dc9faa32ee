"""`renew` and `passwd`: a new certificate or password while the lab goes on; the server takes it over by itself."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from ...errors import ConfigurationError, UsageError
from ...host import Host
from ...password import ask_twice, generate, hash_of
from ..clock import clock_fault
from ..context import Context
from ..lan import Lan
from ..recipe import Recipe
from .apply import from_stdin

__all__ = ["passwd", "renew"]


def renew(context: Context) -> int:
    """Issue a new certificate if the one in use is due: a third of its life left, or other names or addresses."""
    host, now = context.host, datetime.now(UTC)
    if fault := clock_fault(host, now):
        if context.options.if_due:
            # The timer comes again; a certificate dated by a guess would do harm.
            context.say(f"Not looked at: the clock {fault}.")
            return 0
        raise ConfigurationError(f"The clock {fault}; connect the network, wait a minute and start again.")
    recipe = _recipe(context)
    if recipe.settings.own_certificate:
        raise ConfigurationError("The certificate is your own: renew it where it came from, then `apply --cert --key`.")
    certificates = recipe.certificates
    with context.journal.alone():
        pki, subject = certificates.pki, certificates.subject(host, Lan.of(host))
        for path in pki.files:
            host.sweep(path)
        if context.options.force:
            # Nothing is served from it while it is gone: the server keeps what it has.
            host.remove(pki.leaf)
        told = pki.renew(host, subject, now, _ca_key(host, context.options.ca_key))
    if told or not context.options.if_due:
        context.answer(told or ["The certificate is not due yet; --force renews it all the same."], ok=True, told=told)
    return 0


def passwd(context: Context) -> int:
    """Set another password; whoever is logged in has to log in again with it."""
    recipe = _recipe(context)
    made = generate() if context.options.generate else None
    if made is None and not context.options.password_stdin and not sys.stdin.isatty():
        raise UsageError("There is no terminal to type a password on; add --generate, or --password-stdin.")
    typed = made or (from_stdin() if context.options.password_stdin else ask_twice())
    mode, owner = recipe.secret_file
    with context.journal.alone():
        context.host.sweep(context.layout.password)
        context.host.write(context.layout.password, hash_of(typed).encode() + b"\n", mode, owner)
    lines = [f"  Password:  {made}   (shown this once)"] if made else []
    context.answer([*lines, "The new password is in force; everybody has to log in again."], ok=True, password=made)
    return 0


def _ca_key(host: Host, path: Path | None) -> bytes | None:
    if path is None:
        return None
    key = host.read(path.absolute())
    if key is None:
        raise ConfigurationError(f"--ca-key {path} is not there.")
    return key


def _recipe(context: Context) -> Recipe:
    settings = context.settings()
    return Recipe(context.host, context.layout, settings, context.person(settings.user), context.clone)
