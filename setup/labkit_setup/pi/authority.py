"""The certificate that browsers are to trust, looked at by those who are to trust it."""

import plistlib
import uuid
from dataclasses import dataclass
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ..errors import ConfigurationError
from ..subject import Scope

__all__ = ["Authority"]


@dataclass(frozen=True)
class Authority:
    """An authority that is limited to some names and addresses."""

    pem: bytes

    @classmethod
    def parse(cls, content: bytes) -> "Authority":
        """From PEM.

        Raises:
            ConfigurationError: It is no authority, or one that could vouch for any site on the internet: a browser
                that trusts it would believe whoever has its key.
        """
        authority = cls(content)
        try:
            constraints = authority._certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
            is_authority = constraints.ca
        except (ValueError, x509.ExtensionNotFound):
            is_authority = False
        if not is_authority:
            raise ConfigurationError("What is there is no certificate of an authority; run `labkit-setup apply` there.")
        try:
            Scope.of(authority._certificate)
        except ValueError as error:
            raise ConfigurationError(
                f"It is not to be trusted: {error}. A lab's authority vouches for its own names and network only."
            ) from error
        return authority

    @property
    def fingerprint(self) -> str:
        """SHA-256, as browsers show it."""
        return self._certificate.fingerprint(SHA256()).hex(":").upper()

    @property
    def name(self) -> str:
        """What it calls itself."""
        return str(self._certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def nickname(self) -> str:
        """What a browser's list calls it."""
        return f"{self.name} ({self.fingerprint[:8].replace(':', '')})"

    @property
    def limits(self) -> list[str]:
        """The names and networks that it may vouch for."""
        scope = Scope.of(self._certificate)
        return [*scope.names, *map(str, scope.networks)]

    def exported(self, form: str) -> bytes:
        """As a file: `pem`, `der`, or `mobileconfig` for Apple's phones and tablets."""
        if form == "pem":
            return self._certificate.public_bytes(Encoding.PEM)
        der = self._certificate.public_bytes(Encoding.DER)
        return der if form == "der" else self._profile(der)

    def _profile(self, der: bytes) -> bytes:
        """A configuration profile: the same certificate gives the same profile, so that it replaces itself."""
        own = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:sha256:{self.fingerprint}")
        root = {
            "PayloadType": "com.apple.security.root",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"labkit.{own}.root",
            "PayloadUUID": str(uuid.uuid5(own, "root")).upper(),
            "PayloadDisplayName": self.name,
            "PayloadContent": der,
        }
        profile = {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"labkit.{own}",
            "PayloadUUID": str(own).upper(),
            "PayloadDisplayName": self.name,
            "PayloadDescription": f"Trust for {', '.join(self.limits)}, and nothing else.",
            "PayloadContent": [root],
        }
        return plistlib.dumps(profile)

    @cached_property
    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.pem)
