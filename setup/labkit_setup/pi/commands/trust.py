"""`trust`: the authority's certificate, brought to where browsers look for those they trust."""

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigurationError, SetupError, UsageError
from ...host import NOT_THERE, Host
from ..authority import Authority
from ..context import Context
from ..layout import Layout

__all__ = ["trust"]

_WHERE = re.compile(r"(?!-)(?:[A-Za-z_][A-Za-z0-9._-]*@)?[A-Za-z0-9\[][A-Za-z0-9.:\[\]%-]*")
_FIREFOX = (".mozilla/firefox", "snap/firefox/common/.mozilla/firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox")


def trust(context: Context) -> int:
    """Show or export the authority of this machine's lab, or trust another's on this computer."""
    options = context.options
    if options.source is not None:
        return _trust_here(context, options.source)
    if context.settings().own_certificate:
        raise ConfigurationError("The certificate is your own: browsers trust whom it came from, or not.")
    content = context.host.read(context.layout.pki / "ca.pem")
    if content is None:
        raise ConfigurationError("There is no authority here; `labkit-setup apply` makes one.")
    authority = Authority.parse(content)
    if options.export is not None:
        sys.stdout.buffer.write(authority.exported(options.export))
        return 0
    lines = [
        f"Fingerprint (SHA-256):  {authority.fingerprint}",
        f"Vouches only for:       {', '.join(authority.limits)}",
        "",
        "On your computer:  labkit-setup trust --from USER@THIS-MACHINE",
        "For a phone:       labkit-setup trust --export mobileconfig > labkit.mobileconfig, and send it there",
        "By hand:           labkit-setup trust --export pem > labkit.pem, and import it as an authority",
    ]
    context.answer(lines, ok=True, fingerprint=authority.fingerprint, limits=authority.limits)
    return 0


def _trust_here(context: Context, source: str) -> int:
    if _WHERE.fullmatch(source) is None:
        raise UsageError(f"--from {source!r} is not USER@HOST, as for ssh.")
    authority = Authority.parse(_fetched(context.host, source))
    context.say(
        f"The authority of {source}:",
        f"  fingerprint (SHA-256)  {authority.fingerprint}",
        f"  vouches only for       {', '.join(authority.limits)}",
    )
    if not context.options.yes:
        _confirm(context)
    home = Path(context.environment.get("HOME", "/"))
    with tempfile.TemporaryDirectory(prefix="labkit-") as folder:
        file = Path(folder, "ca.pem")
        file.write_bytes(authority.pem)
        stores = list(_stores(context.host, home))
        if not stores:
            raise SetupError(
                "No browser was found that could be told; `labkit-setup trust --export pem` on the lab's machine "
                "prints what to import as an authority."
            )
        told = [store.add(context.host, authority.nickname, file) for store in stores]
    lines = [*(f"Trusted by {name}." for name in told), "Restart browsers that are open."]
    context.answer(lines, ok=True, fingerprint=authority.fingerprint, trusted_by=told)
    return 0


def _fetched(host: Host, source: str) -> bytes:
    """The certificate, over ssh: who it is from is as sure as that connection."""
    path = Layout.of_machine().pki / "ca.pem"
    # A lab without a service is that user's own.
    users = Layout.of_user(Path("labkit")).pki / "ca.pem"
    here = f'"${{XDG_DATA_HOME:-$HOME/.local/share}}/{users}"'
    command = f"cat {path} 2>/dev/null || cat {here} 2>/dev/null || sudo -n cat {path}"
    ran = host.run(["ssh", "--", source, command], seconds=120)
    if not ran.ok or "BEGIN CERTIFICATE" not in ran.output:
        raise SetupError(
            f"The certificate could not be fetched from {source} ({ran.complaint}); check that `ssh {source}` works "
            "and that a lab is set up there."
        )
    return ran.output.encode()


def _confirm(context: Context) -> None:
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to confirm the fingerprint on; compare it, and add --yes.")
    context.say("`labkit-setup status` on the lab's machine shows the fingerprint, too.")
    print("Trust it? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise ConfigurationError("Nothing was changed.")


@dataclass(frozen=True)
class _Nss:
    """The store of a Chromium or a Firefox profile."""

    name: str
    folder: Path

    def add(self, host: Host, nickname: str, file: Path) -> str:
        at = f"sql:{self.folder}"
        if host.look(self.folder / "cert9.db") is None:
            host.run(["mkdir", "-p", self.folder])
            host.run(["certutil", "-d", at, "-N", "--empty-password"])
        # Under its name there may be an older one.
        host.run(["certutil", "-d", at, "-D", "-n", nickname])
        ran = host.run(["certutil", "-d", at, "-A", "-t", "C,,", "-n", nickname, "-i", file])
        if not ran.ok:
            raise SetupError(f"{self.name} was not told ({ran.complaint}); close it and start again.")
        return self.name


@dataclass(frozen=True)
class _Keychain:
    """macOS's own, which all its browsers go by."""

    name: str
    file: Path

    def add(self, host: Host, nickname: str, file: Path) -> str:
        ran = host.run(["security", "add-trusted-cert", "-r", "trustRoot", "-k", self.file, file])
        if not ran.ok:
            raise SetupError(f"{self.name} was not told ({ran.complaint}).")
        return self.name


def _stores(host: Host, home: Path) -> Iterator[_Nss | _Keychain]:
    if host.platform == "darwin":
        yield _Keychain("the login keychain", home / "Library" / "Keychains" / "login.keychain-db")
        return
    if host.run(["certutil", "-H"]).status == NOT_THERE:
        raise SetupError("`certutil`, which writes browsers' stores, is missing; `sudo apt install libnss3-tools`.")
    yield _Nss("Chromium and Chrome", home / ".pki" / "nssdb")
    for base in _FIREFOX:
        for profile in host.entries(home / base):
            if host.look(profile / "cert9.db") is not None:
                yield _Nss(f"Firefox ({profile.name})", profile)
