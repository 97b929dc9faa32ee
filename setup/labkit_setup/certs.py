"""A certificate authority that can vouch for one host only, and the certificates it issues."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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

from .leaf import Leaf
from .subject import Scope, Subject

__all__ = ["CA", "CA_LIFE", "LEAF_LIFE", "BadKey", "check_key", "new_key"]

# Each new authority has to be imported into every browser again, and whoever steals its key can only
# pretend to be this host (name constraints), so it need not be short.
CA_LIFE = timedelta(days=825)
# Renewed without a word to the browsers, so short: below the 90 days that public authorities settled on.
LEAF_LIFE = timedelta(days=89)
# A Raspberry Pi without a battery-backed clock can be a day behind until it has reached a time server.
_BACKDATED = timedelta(days=1)


class BadKey(ValueError):
    """The bytes are not a private key that this module makes; the text says what they are."""


@dataclass(frozen=True)
class CA:
    """A certificate authority: the certificate to import into browsers, and its private key, both PEM.

    The key is None where it is kept elsewhere or was thrown away: it can be shown and checked then, but
    issues nothing.
    """

    certificate: bytes
    key: bytes | None

    @classmethod
    def create(cls, name: str, scope: Scope, key: bytes, now: datetime) -> "CA":
        """An authority for what is in `scope`, called after the host's `name`.

        Raises:
            BadKey: `key` is not a P-256 key in PEM.
        """
        private = _load(key)
        own_name = _common_name(f"labkit authority of {name}")
        builder = (
            _builder(own_name, own_name, private, now - _BACKDATED, now - _BACKDATED + CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(scope.constraints(), critical=True)
        )
        return cls(_pem(builder.sign(private, hashes.SHA256())), key)

    def issue(self, subject: Subject, now: datetime) -> Leaf:
        """A server certificate with a new key; it ends with the authority at the latest.

        Raises:
            BadKey: The authority's key is not there, or not one of ours.
        """
        if self.key is None:
            raise BadKey("the authority's key is not there")
        authority = x509.load_pem_x509_certificate(self.certificate)
        private = ec.generate_private_key(ec.SECP256R1())
        own_key = _load(self.key)
        begin = now - _BACKDATED
        end = min(begin + LEAF_LIFE, authority.not_valid_after_utc)
        builder = (
            _builder(_common_name(subject.names[0]), authority.subject, private, begin, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own_key.public_key()), critical=False)
            .add_extension(subject.alternative_names(), critical=False)
        )
        return Leaf(_pem(builder.sign(own_key, hashes.SHA256())), _key_pem(private))

    @property
    def scope(self) -> Scope:
        """What it may vouch for.

        Raises:
            ValueError: It can't be read, or is not limited at all.
        """
        return Scope.of(x509.load_pem_x509_certificate(self.certificate))

    @property
    def ends(self) -> datetime:
        """When browsers stop to accept it, and all that it issued."""
        return x509.load_pem_x509_certificate(self.certificate).not_valid_after_utc

    def fault(self, subject: Subject, now: datetime) -> str | None:
        """Why it can't go on issuing for this subject: words that fit after "The certificate authority"."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate)
            scope = self.scope
        except ValueError:
            return "could not be read"
        if self.key is not None and not _belong_together(certificate, self.key):
            return "did not fit its key"
        if now < certificate.not_valid_before_utc:
            return "was not valid yet by this machine's clock"
        if now >= certificate.not_valid_after_utc:
            return "had expired"
        # The last certificate that lives as long as the others.
        if now + LEAF_LIFE > certificate.not_valid_after_utc:
            return "was about to expire"
        if subject.outside(scope):
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


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin.astimezone(UTC).replace(microsecond=0))
        .not_valid_after(end.astimezone(UTC).replace(microsecond=0))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


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
