"""Whether a certificate that Jupyter was given is worth keeping."""

from datetime import UTC, datetime
from pathlib import Path

from ..errors import ConfigurationError
from ..host import Host
from .libraries import are_here

__all__ = ["fate_of_pair"]


def fate_of_pair(host: Host, certificate: Path, key: Path) -> tuple[bool, str]:
    """Whether something speaks against a certificate with its key, and what, or the options that carry it over.

    What only root can read, or is looked at before the libraries are there, is left for `apply` to judge.
    """
    options = f"--cert {certificate} --key {key}"
    if not (certificate.is_absolute() and key.is_absolute()):
        return True, "its place depends on where Jupyter was started"
    try:
        found = [host.read(path) for path in (certificate, key)]
    except ConfigurationError:
        return False, f"{options} (you can't read them here; `apply` looks at them as root)"
    for path, content in zip((certificate, key), found, strict=True):
        if content is None:
            return True, f"{path} is not there"
    fault = _fault(found[0] or b"", found[1] or b"")
    return (True, fault) if fault else (False, options)


def _fault(certificate: bytes, key: bytes) -> str | None:
    if not are_here():
        return None
    from cryptography import x509

    from ..leaf import BadLeaf, Leaf

    leaf = Leaf(certificate, key)
    try:
        leaf.check(datetime.now(UTC))
    except BadLeaf as fault:
        return f"the certificate {fault}"
    own = x509.load_pem_x509_certificate(leaf.normalized().certificate)
    if own.issuer == own.subject:
        return "the certificate vouches for itself, so browsers warn, and Safari hangs at “connecting to kernel”"
    return None
