"""What the lab says on the terminal when it is ready."""

import getpass
from pathlib import Path
from urllib.parse import quote

from .network import Remote
from .paths import State
from .pki import Pki

__all__ = ["address", "stopping", "welcome"]


def address(port: int, lessons: list[str]) -> str:
    """Where to find the first lesson, or JupyterLab itself if there is none."""
    page = f"/tree/{quote(lessons[0])}" if lessons else ""
    return f"https://localhost:{port}/lab{page}"


def welcome(state: State, port: int, lesson: str, password: str, remote: Remote | None, platform: str) -> list[str]:
    """All that a person needs to get from the terminal to the first lesson.

    Args:
        state: Where the lab keeps its files.
        port: Where it listens.
        lesson: The address to open.
        password: What to say about the password; may be the password itself.
        remote: How this person reached this machine, if not by its own keyboard.
        platform: As `sys.platform`.
    """
    return [
        "",
        "Your lab is ready.",
        *([] if remote is None else [*_tunnel(port, remote), ""]),
        f"  Address:   {lesson}",
        f"  Password:  {password}",
        f"  Log:       {state.log(port)}",
        "",
        *_trust(Pki(state.pki).ca_certificate, remote, platform),
        "",
        "Ctrl-C stops the lab and everything that runs in it.",
    ]


def stopping(kernels: int) -> str:
    """What to say while kernels are being shut down."""
    running = {0: "", 1: " and one kernel"}.get(kernels, f" and {kernels} kernels")
    return f"\nStopping JupyterLab{running} …"


def _tunnel(port: int, remote: Remote) -> list[str]:
    return [
        "It listens on this machine only. On your own computer run",
        f"  {remote.tunnel(port, getpass.getuser())}",
        "and open the address there while that is running.",
    ]


def _trust(certificate: Path, remote: Remote | None, platform: str) -> list[str]:
    file = str(certificate)
    lines = ["To have no warning in the browser, let it trust the lab's certificate, once:"]
    if remote is not None:
        lines.append(f"  Bring it over:    {remote.copy(certificate, getpass.getuser())}")
        file = "ca.pem"
    else:
        lines.append(f"  Certificate:      {file}")
    lines.append("  Firefox:          Settings > Certificates > View Certificates > Authorities > Import")
    if remote is not None or platform != "darwin":
        lines.append(f"  Chromium, Linux:  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n labkit -i '{file}'")
    if remote is not None or platform == "darwin":
        keychain = "-r trustRoot -k ~/Library/Keychains/login.keychain-db"
        lines.append(f"  macOS:            security add-trusted-cert {keychain} '{file}'")
    if remote is not None:
        lines.append(f"  Windows:          certutil -user -addstore Root {file}")
    return lines
