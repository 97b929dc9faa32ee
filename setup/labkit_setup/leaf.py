"""The certificate that a server shows, and its private key: what it says, and why it can't be served."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from .subject import Address, Subject

__all__ = ["BadLeaf", "Leaf"]

_LEAST_RSA_BITS = 2048


class BadLeaf(ValueError):
    """A certificate that browsers would refuse; the text fits after "The certificate"."""


@dataclass(frozen=True)
class Leaf:
    """The certificate, perhaps followed by those that lead to its authority, and the private key; all PEM."""

    certificate: bytes
    key: bytes

    @classmethod
    def parse(cls, pem: bytes) -> "Leaf":
        """From one file that holds both.

        Raises:
            BadLeaf: One of them is missing, or neither can be read.
        """
        begin = pem.find(b"-----BEGIN CERTIFICATE-----")
        if begin < 0:
            raise BadLeaf("could not be read" if pem.strip() else "is empty")
        leaf = cls(pem[begin:], pem[:begin])
        leaf._check_readable()
        return leaf

    @property
    def pem(self) -> bytes:
        """Both in one file, which can be replaced as a whole: no moment with a key that does not fit."""
        return self.key + self.certificate

    @property
    def subject(self) -> Subject:
        """The names and addresses that it is for; none where it says none."""
        return _subject(self._parsed)

    @property
    def begins(self) -> datetime:
        """From when on it is valid."""
        return self._parsed.not_valid_before_utc

    @property
    def ends(self) -> datetime:
        """When it is no longer valid."""
        return self._parsed.not_valid_after_utc

    @property
    def life(self) -> timedelta:
        """How long it was made for."""
        return self.ends - self.begins

    @property
    def _parsed(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate)

    def covers(self, name: str | Address) -> bool:
        """Whether browsers accept it for a name or an address; `*.example.org` stands for one label."""
        subject = self.subject
        if not isinstance(name, str):
            return name in subject.addresses
        name = name.lower()
        return name in subject.names or f"*.{name.partition('.')[2]}" in subject.names

    def is_issued_by(self, authority: bytes) -> bool:
        """Whether a certificate, in PEM, is that of its issuer."""
        try:
            self._parsed.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not from this authority
            return False
        return True

    def check(self, now: datetime) -> None:
        """Accept what browsers accept, as far as that can be known here.

        Raises:
            BadLeaf: They would refuse it, or the server could not use it.
        """
        self._check_readable()
        certificate = self._parsed
        try:
            subject = _subject(certificate)
        except ValueError as error:
            raise BadLeaf("has names that could not be read") from error
        if not self._belongs_together():
            raise BadLeaf("does not fit its key")
        if now < certificate.not_valid_before_utc:
            raise BadLeaf(f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC")
        if now >= certificate.not_valid_after_utc:
            raise BadLeaf(f"expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
        # Python's own clients would take a common name instead; browsers do not.
        if not (subject.names or subject.addresses):
            raise BadLeaf("names no host in its subjectAltName, so every browser refuses it")
        if not _is_for_servers(certificate):
            raise BadLeaf("is not meant for servers (its extendedKeyUsage lacks serverAuth)")
        if fault := _weak_key(certificate):
            raise BadLeaf(fault)

    def _check_readable(self) -> None:
        try:
            x509.load_pem_x509_certificates(self.certificate)
        except ValueError as error:
            raise BadLeaf("could not be read" if self.certificate.strip() else "is empty") from error
        try:
            load_pem_private_key(self.key, password=None)
        except TypeError as error:
            raise BadLeaf("has a key with a passphrase, which nobody could type when the server starts") from error
        except (ValueError, UnsupportedAlgorithm) as error:
            raise BadLeaf("has a key that could not be read" if self.key.strip() else "has an empty key") from error

    def _belongs_together(self) -> bool:
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        own = load_pem_private_key(self.key, password=None).public_key()
        return own.public_bytes(*form) == self._parsed.public_key().public_bytes(*form)

    def normalized(self) -> "Leaf":
        """The same with nothing but the certificates and an unencrypted PKCS #8 key in its bytes."""
        certificates = x509.load_pem_x509_certificates(self.certificate)
        key = load_pem_private_key(self.key, password=None)
        return Leaf(
            b"".join(one.public_bytes(Encoding.PEM) for one in certificates),
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )


def _subject(certificate: x509.Certificate) -> Subject:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Subject((), ())
    addresses: list[Address] = [ip_address(str(one)) for one in found.get_values_for_type(x509.IPAddress)]
    return Subject(tuple(name.lower() for name in found.get_values_for_type(x509.DNSName)), tuple(addresses))


def _is_for_servers(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def _weak_key(certificate: x509.Certificate) -> str | None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return None if key.key_size >= _LEAST_RSA_BITS else f"has an RSA key of {key.key_size} bits, too short"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        return None
    return "has a key of a kind that browsers do not know; use P-256, P-384 or RSA"
