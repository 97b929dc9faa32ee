"""A certificate authority that can vouch for this host only, and the certificate it issues."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["CA", "CA_LIFE", "LEAF_LIFE", "RENEW_BEFORE", "BadKey", "Leaf", "Subject", "check_key", "new_key"]

# 825 days is the most that Apple accepts from a certificate a user trusts. Each new authority has to be
# imported into every browser again, so it is not shorter; and since whoever steals its key can only
# pretend to be this host (name constraints), it need not be.
CA_LIFE = timedelta(days=825)
# Renewed without a word to the browsers, so short: below the 90 days that public authorities settled on.
LEAF_LIFE = timedelta(days=89)
RENEW_BEFORE = timedelta(days=30)
# A Raspberry Pi without a battery-backed clock can be a day behind until it has reached a time server.
_BACKDATED = timedelta(days=1)

_LOOPBACK = (IPv4Address("127.0.0.1"), IPv6Address("::1"))


class BadKey(ValueError):
    """The bytes are not a private key that this module makes; the text says what they are."""


@dataclass(frozen=True)
class Subject:
    """The names and addresses that a certificate is for; the first name is the one shown to people."""

    names: tuple[str, ...]
    addresses: tuple[IPv4Address | IPv6Address, ...] = _LOOPBACK


@dataclass(frozen=True)
class CA:
    """A certificate authority: the certificate to import into browsers, and its private key, both PEM."""

    certificate: bytes
    key: bytes

    @classmethod
    def create(cls, subject: Subject, key: bytes, now: datetime) -> "CA":
        """An authority for exactly these names and addresses.

        Raises:
            BadKey: `key` is not a P-256 key in PEM.
        """
        private = _load(key)
        name = _common_name(f"labkit authority of {subject.names[-1]}")
        builder = (
            _builder(name, name, private, now, CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(_constraints(subject), critical=True)
        )
        return cls(_pem(builder.sign(private, hashes.SHA256())), key)

    def issue(self, subject: Subject, now: datetime) -> "Leaf":
        """A server certificate with a new key."""
        authority = x509.load_pem_x509_certificate(self.certificate)
        private = ec.generate_private_key(ec.SECP256R1())
        own_key = _load(self.key)
        names = [*map(x509.DNSName, subject.names), *map(x509.IPAddress, subject.addresses)]
        builder = (
            _builder(_common_name(subject.names[0]), authority.subject, private, now, LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own_key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
        )
        return Leaf(_pem(builder.sign(own_key, hashes.SHA256())), _key_pem(private))

    def fault(self, subject: Subject, now: datetime) -> str | None:
        """Why it can't go on issuing for this subject: words that fit after "The certificate authority"."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate)
            constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        except (ValueError, x509.ExtensionNotFound):
            return "could not be read"
        if not _belong_together(certificate, self.key):
            return "did not fit its key"
        # It must outlive the certificates it issues.
        if fault := _out_of_time(certificate, now, LEAF_LIFE):
            return fault
        if constraints != _constraints(subject):
            return "was for other names than this host has now"
        return None


@dataclass(frozen=True)
class Leaf:
    """The certificate that the server shows, and its private key, both PEM."""

    certificate: bytes
    key: bytes

    def fault(self, ca: CA, subject: Subject, now: datetime) -> str | None:
        """Why it can't be served, in words that fit after "The certificate"."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (ValueError, x509.ExtensionNotFound):
            return "could not be read"
        if not _belong_together(certificate, self.key):
            return "did not fit its key"
        try:
            certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.certificate))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not from this authority
            return "was from another authority"
        if fault := _out_of_time(certificate, now, RENEW_BEFORE):
            return fault
        addresses = {ip_address(str(address)) for address in names.get_values_for_type(x509.IPAddress)}
        if (set(names.get_values_for_type(x509.DNSName)), addresses) != (
            set(subject.names),
            set(subject.addresses),
        ):
            return "was for other names than this host has now"
        return None


def new_key() -> bytes:
    """A P-256 private key in PEM (PKCS #8)."""
    return _key_pem(ec.generate_private_key(ec.SECP256R1()))


def check_key(key: bytes) -> None:
    """Accept a key that `new_key` could have made.

    Raises:
        BadKey: It is something else.
    """
    _load(key)


def _load(key: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise BadKey("it holds no private key that can be read") from error
    except Exception as error:  # UnsupportedAlgorithm and what the library's next version adds
        raise BadKey("it holds a private key of an unknown kind") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise BadKey("it holds a private key of another kind than P-256")
    return private


def _belong_together(certificate: x509.Certificate, key: bytes) -> bool:
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificate.public_key().public_bytes(*form) == _load(key).public_key().public_bytes(*form)


def _out_of_time(certificate: x509.Certificate, now: datetime, margin: timedelta) -> str | None:
    if now < certificate.not_valid_before_utc:
        return "was not valid yet by this machine's clock"
    if now >= certificate.not_valid_after_utc:
        return "had expired"
    if now + margin > certificate.not_valid_after_utc:
        return "was about to expire"
    return None


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    begin = now.astimezone(UTC).replace(microsecond=0) - _BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _constraints(subject: Subject) -> x509.NameConstraints:
    # Names alone would leave every address free, and IPv4 alone every IPv6 one.
    networks = [x509.IPAddress(ip_network(address)) for address in subject.addresses]
    return x509.NameConstraints([*map(x509.DNSName, subject.names), *networks], excluded_subtrees=None)


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _common_name(text: str) -> x509.Name:
    # X.520 allows a common name 64 characters.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
