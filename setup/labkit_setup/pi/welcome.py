"""What `apply` says at the end: where the lab is, and how a browser comes to trust it."""

import shlex
from collections.abc import Mapping
from io import StringIO
from typing import Any

from .. import network
from .lan import Lan
from .recipe import Recipe

__all__ = ["fingerprint", "qr_code", "welcome"]


def welcome(
    recipe: Recipe, password: str, environment: Mapping[str, str], before: bytes | None = None
) -> tuple[list[str], dict[str, Any]]:
    """Lines for people, and the same as values.

    Args:
        recipe: What was set up.
        password: What to say about the password; may be the password itself.
        environment: This process's, which tells how the person came here.
        before: The certificate of the authority that there was before, if there was one.
    """
    names = recipe.certificates.names(recipe.host)
    peers = recipe.server().peers
    own = (a for a in recipe.certificates.addresses(Lan.of(recipe.host)) if not a.is_loopback)
    # Whoever reaches it by another one may not connect.
    numbers = [str(address) for address in own if any(address in network for network in peers)]
    port = recipe.settings.port
    address = f"https://{names[0]}:{port}/"
    others = [f"https://{f'[{number}]' if ':' in number else number}:{port}/" for number in numbers]
    authority = recipe.host.read(recipe.layout.pki / "ca.pem")
    print_ = fingerprint(authority) if authority and not recipe.settings.own_certificate else None
    lines = [
        "",
        "Your lab is ready.",
        f"  Address:      {address}",
        *(f"                {other}" for other in others),
        f"  Password:     {password}",
        f"  Notebooks:    {recipe.settings.root_dir}",
        *([f"  Fingerprint:  {print_}   (SHA-256 of the authority's certificate)"] if print_ else []),
        "",
        *(_trust(recipe, names[0], environment, before not in (None, authority)) if print_ else []),
        *([] if recipe.settings.service else _serve(recipe)),
        *qr_code(address),
    ]
    authority_file = str(recipe.layout.pki / "ca.pem") if print_ else None
    return lines, {"address": address, "addresses": others, "fingerprint": print_, "authority": authority_file}


def fingerprint(certificate: bytes) -> str:
    """The SHA-256 fingerprint of a certificate in PEM, as browsers show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    return x509.load_pem_x509_certificate(certificate).fingerprint(SHA256()).hex(":").upper()


def qr_code(address: str) -> list[str]:
    """An address to be read by a phone's camera; nothing where the library for it is not there."""
    try:
        import segno
    except ImportError:
        return []
    drawn = StringIO()
    segno.make(address, micro=False).terminal(drawn, compact=True)
    return [line.rstrip() for line in drawn.getvalue().splitlines()]


def _trust(recipe: Recipe, name: str, environment: Mapping[str, str], is_another: bool) -> list[str]:
    remote = network.remote(environment)
    at = remote.address if remote else name
    file = recipe.layout.pki / "ca.pem"
    return [
        *(["The authority is another one than before: browsers have to trust it anew."] if is_another else []),
        "So that browsers on your computer trust it, once, there:",
        f"  with labkit:  labkit-setup trust --from {recipe.user.name}@{at}   (shows the fingerprint first)",
        f"  without:      scp {recipe.user.name}@{at}:{file} .   and import ca.pem as an authority",
        "No way to import it? `labkit-setup tunnel` reaches the lab through ssh, without a certificate of ours.",
        "",
    ]


def _serve(recipe: Recipe) -> list[str]:
    commands = [f"Commands: {recipe.layout.venv / 'bin' / 'labkit-setup'}", ""] if recipe.layout.command is None else []
    # Not as root: the server refuses that.
    as_user = ["runuser", "-u", recipe.user.name, "--"] if recipe.is_ours else []
    command = shlex.join([*as_user, str(recipe.layout.python), "-I", *recipe.serve_command])
    return ["Nothing starts it by itself here. To serve, run", f"  {command}", "", *commands]
