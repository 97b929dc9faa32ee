"""The certificates on disk: made once, checked at each start, renewed when they have to be."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .certs import CA, BadKey, Leaf, Subject, check_key, new_key
from .errors import ConfigurationError
from .host import Host

__all__ = ["Pki"]

_TRUST_AGAIN = "made a new one, which browsers have to trust again."


@dataclass(frozen=True)
class Pki:
    """The files of an authority and its certificate in one folder."""

    folder: Path

    @property
    def ca_certificate(self) -> Path:
        """What browsers are to trust."""
        return self.folder / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """Who can read it can pretend to be this host, to browsers that trust the authority."""
        return self.folder / "ca-key.pem"

    @property
    def certificate(self) -> Path:
        """The server's certificate."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """The server's private key."""
        return self.folder / "server-key.pem"

    def provide(self, host: Host, subject: Subject, now: datetime) -> list[str]:
        """Make, keep or renew both certificates; returns what a person should know, a line each.

        Raises:
            ConfigurationError: A key is unreadable or not one of ours. Nothing was written then.
        """
        # All four first: a key that is not ours must stop everything before the first write.
        ca_key = self._read_key(host, self.ca_key)
        key = self._read_key(host, self.key)
        ca_certificate = host.read(self.ca_certificate)
        certificate = host.read(self.certificate)

        ca, told = self._authority(host, subject, now, ca_certificate, ca_key)
        if certificate is not None and key is not None:
            fault = Leaf(certificate, key).fault(ca, subject, now)
            if fault is None:
                return told
            # A new authority needs a new certificate; that goes without saying.
            if not told:
                told = [f"The certificate {fault}; issued a new one."]
        self._issue(host, ca, subject, now)
        return told

    def _authority(
        self, host: Host, subject: Subject, now: datetime, certificate: bytes | None, key: bytes | None
    ) -> tuple[CA, list[str]]:
        told = []
        if certificate is not None and key is not None:
            ca = CA(certificate, key)
            fault = ca.fault(subject, now)
            if fault is None:
                return ca, []
            if fault == "did not fit its key":
                raise ConfigurationError(
                    f"{self.ca_key} is not the key of {self.ca_certificate}; move both away to have new ones "
                    "made, and trust the new certificate in your browsers."
                )
            told = [f"The certificate authority {fault}; {_TRUST_AGAIN}"]
        elif certificate is not None:
            told = [f"The certificate authority's key is gone; {_TRUST_AGAIN}"]
            # Before the new key, so that a crash can't leave two files that do not fit.
            host.remove(self.ca_certificate)
        if key is None:
            key = new_key()
            host.write(self.ca_key, key)
        # The key stays the same when the authority is renewed, so that a crash between two writes
        # can't leave a key and a certificate that do not fit.
        ca = CA.create(subject, key, now)
        host.write(self.ca_certificate, ca.certificate, 0o644)
        return ca, told

    def _issue(self, host: Host, ca: CA, subject: Subject, now: datetime) -> None:
        leaf = ca.issue(subject, now)
        host.write(self.key, leaf.key)
        host.write(self.certificate, leaf.certificate, 0o644)

    def _read_key(self, host: Host, path: Path) -> bytes | None:
        key = host.read_secret(path)
        if key is not None:
            try:
                check_key(key)
            except BadKey as error:
                raise ConfigurationError(
                    f"{path} is not a key that labkit made: {error}; move it away to have a new one made."
                ) from error
        return key
