"""The certificates on disk: made once, checked at each start, renewed when they have to be."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from .certs import CA, BadKey, check_key, new_key
from .errors import ConfigurationError
from .host import ROOT, Host, Owner
from .leaf import BadLeaf, Leaf
from .renewal import due
from .stock import Stock
from .subject import Scope, Subject

__all__ = ["KeyKeeping", "Pki"]

_NEW_AUTHORITY = "made a new one, which browsers have to trust again."
_MISSING = "is not there yet"

# What becomes of the authority's key once it has signed.
KeyKeeping = Literal["local", "offline", "discard"]


@dataclass(frozen=True)
class Pki:
    """The files of an authority and of the certificate it issued.

    Attributes:
        folder: Where they are; what is secret in it has a mode that says so.
        keeping: What becomes of the authority's key.
        reader: Who owns the server's key where the server runs as another user: root and that user's group, so
            that the server can read it and a notebook can't change it; or that user, who then alone may read it.
    """

    folder: Path
    keeping: KeyKeeping = "local"
    reader: Owner | None = None

    @property
    def ca_certificate(self) -> Path:
        """What browsers are to trust. Not secret."""
        return self.folder / "ca.pem"

    @property
    def authority(self) -> Path:
        """What must never reach the server or a notebook; a folder of its own, so that a service can be kept out."""
        return self.folder / "authority"

    @property
    def ca_key(self) -> Path:
        """Who can read it can pretend to be this host, to browsers that trust the authority."""
        return self.authority / "ca-key.pem"

    @property
    def stock(self) -> Stock:
        """Certificates for later, where the authority's key is not kept here."""
        return Stock(self.authority / "stock")

    @property
    def leaf(self) -> Path:
        """The server's certificate and private key, in one file."""
        return self.folder / "server.pem"

    @property
    def _leaf_mode(self) -> int:
        return 0o640 if self.reader is not None and self.reader.uid == ROOT.uid else 0o600

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file there may be."""
        return (self.ca_certificate, self.ca_key, self.leaf)

    def due(self, host: Host, subject: Subject, now: datetime) -> str | None:
        """What `renew` would do something about, in words that fit after "The certificate"."""
        authority = host.read(self.ca_certificate)
        if authority is None:
            return _MISSING
        return self._due(self._read_leaf(host), authority, subject.within(CA(authority, None).scope), now)

    def fault(self, host: Host, subject: Subject, now: datetime) -> str | None:
        """Why a new authority is needed, in words that fit after "The certificate authority"."""
        certificate = host.read(self.ca_certificate)
        if certificate is None:
            return _MISSING
        return CA(certificate, self._read_ca_key(host)).fault(subject, now)

    def provide(self, host: Host, subject: Subject, scope: Scope, now: datetime) -> list[str]:
        """Make, keep or renew both certificates; returns what a person should know, a line each.

        Args:
            host: The machine.
            subject: What the certificate is for.
            scope: What a new authority may vouch for; contains the subject.
            now: With a time zone.

        Raises:
            ConfigurationError: A key is unreadable or not one of ours. Nothing was written then.
        """
        # All of them first: a key that is not ours must stop everything before the first write.
        key = self._read_ca_key(host)
        served = self._read_leaf(host)
        host.make_private_dir(self.authority)
        ca, told = self._authority(host, subject, scope, now, key)
        reason = self._due(served, ca.certificate, subject, now)
        if reason is not None:
            fresh = self._next(host, ca, subject, now)
            if fresh is None:
                told = [f"No certificate was left for {', '.join(subject.names)}; {_NEW_AUTHORITY}"]
                ca = self._new_authority(host, subject, scope, now, None)
                fresh = ca.issue(subject, now)
            elif served is not None and not told:
                # A new authority needs a new certificate; that goes without saying.
                told = [f"The certificate {reason}; issued a new one."]
            self._write_leaf(host, fresh)
        self._put_by(host, ca, subject, now)
        return told

    def renew(self, host: Host, subject: Subject, now: datetime, ca_key: bytes | None = None) -> list[str]:
        """Replace the certificate if it is due; never the authority. Returns what a person should know, a line each.

        Args:
            host: The machine.
            subject: What the certificate is for; names and addresses beyond the authority's are left out, and
                it is said.
            now: With a time zone.
            ca_key: The authority's key, where it is kept elsewhere and was brought along.

        Raises:
            ConfigurationError: There is no authority, or nothing that could issue.
        """
        authority = host.read(self.ca_certificate)
        if authority is None:
            raise ConfigurationError(f"There is no authority in {self.folder} that could renew; run `apply` first.")
        ca = CA(authority, ca_key or self._read_ca_key(host))
        wanted = subject.within(ca.scope)
        told = [
            f"{name} is beyond what the authority may vouch for, so the certificate is not for it; "
            "`apply` makes a new authority, which browsers have to trust again."
            for name in subject.outside(ca.scope)
        ]
        reason = self._due(self._read_leaf(host), authority, wanted, now)
        if reason is None:
            return told
        fresh = self._next(host, ca, wanted, now)
        if fresh is None:
            raise ConfigurationError(
                f"The certificate {reason}, and the authority's key is not here: bring it with --ca-key, "
                "or run `apply` for a new authority, which browsers have to trust again."
            )
        self._write_leaf(host, fresh)
        return [f"The certificate {reason}; issued a new one.", *told]

    def install(self, host: Host, certificate: bytes, key: bytes, subject: Subject, now: datetime) -> list[str]:
        """Serve a certificate of somebody else's authority; returns what a person should know, a line each.

        Raises:
            ConfigurationError: Browsers would refuse it. What was served stays.
        """
        leaf = Leaf(certificate, key)
        try:
            leaf.check(now)
        except BadLeaf as fault:
            raise ConfigurationError(f"The certificate {fault}; bring another one.") from fault
        # What an editor left around the PEM blocks would only be in the way.
        self._write_leaf(host, leaf.normalized())
        missing = [str(one) for one in (*subject.names, *subject.addresses) if not leaf.covers(one)]
        return [f"The certificate is not for {', '.join(missing)}: browsers warn there."] if missing else []

    def _authority(
        self, host: Host, subject: Subject, scope: Scope, now: datetime, key: bytes | None
    ) -> tuple[CA, list[str]]:
        certificate = host.read(self.ca_certificate)
        if certificate is None:
            return self._new_authority(host, subject, scope, now, key), []
        if key is None and self.keeping == "local":
            # Before the new key, so that a crash can't leave two files that do not fit.
            host.remove(self.ca_certificate)
            fault = "'s key is gone"
        else:
            ca = CA(certificate, key)
            found = ca.fault(subject, now)
            if found is None:
                return ca, []
            if found == "did not fit its key":
                raise ConfigurationError(
                    f"{self.ca_key} is not the key of {self.ca_certificate}; move both away to have new ones "
                    "made, and trust the new certificate in your browsers."
                )
            fault = f" {found}"
        told = [f"The certificate authority{fault}; {_NEW_AUTHORITY}"]
        return self._new_authority(host, subject, scope, now, key), told

    def _new_authority(self, host: Host, subject: Subject, scope: Scope, now: datetime, key: bytes | None) -> CA:
        if key is None:
            key = new_key()
            # One that is to be thrown away is never written: flash memory keeps what was deleted.
            if self.keeping != "discard":
                host.write(self.ca_key, key)
        # The key stays the same when the authority is renewed, so that a crash between two writes
        # can't leave a key and a certificate that do not fit.
        ca = CA.create(subject.names[-1], scope, key, now)
        host.write(self.ca_certificate, ca.certificate, 0o644)
        return ca

    def _next(self, host: Host, ca: CA, subject: Subject, now: datetime) -> Leaf | None:
        if ca.key is not None:
            return ca.issue(subject, now)
        return self.stock.take(host, ca.certificate, subject, now)

    def _put_by(self, host: Host, ca: CA, subject: Subject, now: datetime) -> None:
        """Certificates for later, while there is a key that can sign them."""
        if self.keeping == "local":
            host.remove(self.stock.folder)
            return
        if ca.key is not None and self.stock.reaches(host, ca.certificate, subject) is None:
            self.stock.fill(host, ca, subject, now)
        if self.keeping == "discard":
            host.remove(self.ca_key)

    def _write_leaf(self, host: Host, leaf: Leaf) -> None:
        host.write(self.leaf, leaf.pem, self._leaf_mode, self.reader)

    def _read_leaf(self, host: Host) -> bytes | None:
        found = host.look(self.leaf)
        if self.reader is None or found is None:
            return host.read_secret(self.leaf)
        if found.kind != "file" or found.mode & ~self._leaf_mode or not found.belongs_to(self.reader):
            # Somebody else could have read it: replaced like a missing one.
            return b""
        return host.read(self.leaf)

    def _read_ca_key(self, host: Host) -> bytes | None:
        key = host.read_secret(self.ca_key)
        if key is not None:
            self.check_ca_key(key)
        return key

    def check_ca_key(self, key: bytes) -> None:
        """Accept the authority's key.

        Raises:
            ConfigurationError: It is not one that labkit made.
        """
        try:
            check_key(key)
        except BadKey as error:
            raise ConfigurationError(
                f"{self.ca_key} is not a key that labkit made: {error}; move it away to have a new one made."
            ) from error

    @staticmethod
    def _due(served: bytes | None, authority: bytes, subject: Subject, now: datetime) -> str | None:
        if served is None:
            return _MISSING
        try:
            return due(Leaf.parse(served), authority, subject, now)
        except BadLeaf as fault:
            return str(fault)
