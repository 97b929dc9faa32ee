"""Steps for what is secret: the password's hash, the certificate and its authority.

The libraries that these need come with an earlier step, so they are imported when a step is looked at, not before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import network
from ..addresses import LOOPBACK, Address
from ..errors import ConfigurationError, SetupError
from ..host import Host, Owner
from ..steps import Step
from ..undo import restore
from .addressing import is_local
from .lan import Lan, mdns_name, mdns_names
from .layout import Layout
from .libraries import need_packages
from .settings import Settings

if TYPE_CHECKING:
    from ..pki import Pki
    from ..subject import Scope, Subject

__all__ = ["Certificates", "password_step"]


def password_step(path: Path, typed: str | None, mode: int, owner: Owner) -> Step:
    """The password's hash.

    Args:
        path: Where it is kept.
        typed: The password, if one was typed; None keeps the one that is there.
        mode: The file's mode.
        owner: The file's owner.
    """

    def is_done(host: Host) -> bool:
        found = host.look(path)
        if found is None or found.mode != mode or not found.belongs_to(owner):
            return False
        need_packages()
        from ..password import check_hash, matches

        hashed = check_hash(host.read(path) or b"", path)
        return typed is None or matches(hashed, typed)

    def apply(host: Host) -> None:
        from ..password import check_hash, hash_of

        host.sweep(path)
        stored = host.read(path)
        if typed is not None:
            stored = hash_of(typed).encode() + b"\n"
        elif stored is None:
            raise SetupError("There is no password yet; run `labkit-setup apply` on a terminal, or with --generate.")
        check_hash(stored, path)
        host.write(path, stored, mode, owner)

    def shows(host: Host) -> list[str]:
        what = "keep the password, mend who may read it" if typed is None and host.look(path) else "set the password"
        return [f"{what}: {path} (mode {mode:04o}), only its argon2id hash"]

    return Step("password", is_done, apply, lambda host: [restore(host, path)], shows, is_secret=True)


@dataclass(frozen=True)
class Certificates:
    """The certificate that is served, for the names and addresses that this machine has now.

    Attributes:
        layout: Where they are.
        settings: What was asked for.
        reader: Who owns the certificate's key where the server runs as another user; see `Pki`.
        own: A certificate and its key that the person brought, in PEM.
    """

    layout: Layout
    settings: Settings
    reader: Owner | None
    own: tuple[bytes, bytes] | None = None

    @property
    def pki(self) -> "Pki":
        """The files."""
        from ..pki import Pki

        return Pki(self.layout.pki, self.settings.ca, self.reader)

    def names(self, host: Host) -> tuple[str, ...]:
        """What it is reached by: first what works from other machines."""
        announced = mdns_name(host)
        own = [name for name in network.sane_names(host.name, (host.read(Path("/etc/hosts")) or b"").decode()) if name]
        # A name that avahi gave up because another machine has it would lead people there.
        usable = [name for name in own if not name.endswith(".local") or announced in (None, name)]
        first = [announced] if announced else [name for name in usable if name.endswith(".local")]
        return tuple(dict.fromkeys((*first, *self.settings.names, *usable)))

    def addresses(self, lan: Lan) -> tuple[Address, ...]:
        """Likewise, by number; public ones are left out, as no authority of ours vouches for them."""
        from ipaddress import ip_address, ip_network

        own = [address for address in lan.addresses if is_local(ip_network(address))]
        return tuple(dict.fromkeys((*LOOPBACK, *own, *map(ip_address, self.settings.addresses))))

    def subject(self, host: Host, lan: Lan) -> "Subject":
        """Both together."""
        from ..subject import Subject

        return Subject(self.names(host), self.addresses(lan))

    def scope(self, host: Host, subject: "Subject", lan: Lan) -> "Scope":
        """What an authority for this subject may vouch for, also when avahi announces the machine by its next name."""
        from dataclasses import replace
        from ipaddress import ip_network

        from ..subject import Scope

        networks = (ip_network(self.settings.lan),) if self.settings.lan else lan.networks
        around = Scope.around(subject, networks, lan.gateways)
        return replace(around, names=tuple(dict.fromkeys((*around.names, *mdns_names(host)))))

    def step(self) -> Step:
        """Make or renew what has to be."""
        return Step("certificate", self._is_done, self._apply, self._undo, self._shows, is_secret=True)

    def _is_done(self, host: Host) -> bool:
        if host.look(self.layout.pki / "server.pem") is None:
            return False
        need_packages()
        pki, lan, now = self.pki, Lan.of(host), datetime.now(UTC)
        if self.settings.own_certificate:
            from ..leaf import Leaf

            return self.own is None or Leaf(*self.own).normalized().pem == host.read(pki.leaf)
        subject = self.subject(host, lan)
        return pki.fault(host, subject, now) is None and pki.due(host, subject, now) is None

    def _apply(self, host: Host) -> None:
        pki, lan, now = self.pki, Lan.of(host), datetime.now(UTC)
        subject = self.subject(host, lan)
        for path in pki.files:
            host.sweep(path)
        if self.settings.own_certificate:
            if self.own is None:
                raise ConfigurationError("Your own certificate is gone; bring it again with --cert and --key.")
            pki.install(host, *self.own, subject, now)
        else:
            pki.provide(host, subject, self.scope(host, subject, lan), now)

    def _undo(self, host: Host) -> list:  # type: ignore[type-arg]
        from ..undo import Action

        files = [self.layout.pki / name for name in ("ca.pem", "server.pem", "authority/ca-key.pem")]
        folder = self.layout.pki / "authority"
        made = [] if host.look(folder) else [Action("restore", {"path": str(folder), "kind": "nothing"})]
        return [*made, *(restore(host, path) for path in files if host.look(folder) or path.parent != folder)]

    def _shows(self, host: Host) -> list[str]:
        lan = Lan.of(host)
        covered = ", ".join([*self.names(host), *map(str, self.addresses(lan))])
        if self.settings.own_certificate:
            return [f"your own certificate: {self.layout.pki / 'server.pem'}, its key not shown"]
        if host.look(self.layout.pki / "ca.pem") is None:
            return [f"new authority and certificate in {self.layout.pki}/, for {covered}; keys (ECDSA P-256) not shown"]
        need_packages()
        fault = self.pki.fault(host, self.subject(host, lan), datetime.now(UTC))
        what = "renew the certificate" if fault is None else "new authority and certificate"
        again = [] if fault is None else [f"the authority {fault}: browsers have to trust the new one again"]
        return [f"{what} in {self.layout.pki}/, for {covered}; keys (ECDSA P-256) not shown", *again]
