"""The certificate, one thing after the other that has made browsers refuse one."""

from datetime import timedelta
from ipaddress import ip_address

from cryptography import x509

from ...certs import CA
from ...leaf import BadLeaf, Leaf
from ...renewal import ends_soon
from .finding import Check, Finding, fault, note, sound
from .patient import Patient

__all__ = ["CHECKS", "is_self_signed"]

_RENEW = "run `labkit-setup renew --force`"
_ANEW = "run `labkit-setup apply`, which makes a new authority; trust that in your browsers"
_LONGEST = timedelta(days=398)


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether it vouches for itself, as one does that openssl makes in a single command."""
    return certificate.issuer == certificate.subject


def _file(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    path = patient.layout.pki / "server.pem"
    content = patient.host.read(path)
    if content is None:
        return fault(f"there is no certificate ({path})", "run `labkit-setup apply`")
    try:
        leaf = Leaf.parse(content)
        leaf.check(max(leaf.begins, min(patient.now, leaf.ends - timedelta(seconds=1))))
    except BadLeaf as error:
        return fault(f"the certificate {error}", _mend(patient))
    return sound("the certificate can be read, fits its key and is one for servers")


def _life(patient: Patient) -> Finding | None:
    if (leaf := patient.leaf) is None:
        return None
    if patient.now >= leaf.ends:
        return fault(f"the certificate expired on {leaf.ends:%Y-%m-%d}", _mend(patient))
    if patient.now < leaf.begins:
        return fault(
            f"the certificate is not valid before {leaf.begins:%Y-%m-%d %H:%M} UTC, by this machine's clock",
            f"see the check of the clock; if that is right, {_RENEW}",
        )
    if leaf.life > _LONGEST:
        return fault(f"the certificate lives {leaf.life.days} days, more than Safari accepts", _mend(patient))
    days = (leaf.ends - patient.now).days
    if ends_soon(leaf, patient.now):
        return fault(f"the certificate expires in {days} days and was not renewed", _mend(patient))
    return sound(f"the certificate is valid for {days} more days")


def _names(patient: Patient) -> Finding | None:
    if (leaf := patient.leaf) is None:
        return None
    if not leaf.subject.names and not leaf.subject.addresses:
        return fault("the certificate has no names (SAN), and browsers look nowhere else", _mend(patient))
    missing = [name for name in patient.wanted if not leaf.covers(_as_name(name))]
    if missing:
        authority = None if patient.authority is None else CA(patient.authority, None).scope
        beyond = authority is not None and not any(authority.permits(_as_name(name)) for name in missing)
        is_own = patient.settings is not None and patient.settings.own_certificate
        return fault(
            f"the certificate is not for {', '.join(missing)}, which this machine goes by today",
            "see the check of the authority" if beyond and not is_own else _mend(patient),
        )
    return sound(f"the certificate is for {', '.join(patient.wanted)}")


def _chain(patient: Patient) -> Finding | None:
    if (leaf := patient.leaf) is None or (patient.settings and patient.settings.own_certificate):
        return None
    if is_self_signed(x509.load_pem_x509_certificate(leaf.certificate)):
        return fault(
            "the certificate vouches for itself: Safari will hang at “connecting to kernel”, as it lets a page through "
            "but no websocket",
            _ANEW,
        )
    if patient.authority is None:
        return fault(f"the authority's certificate ({patient.layout.pki / 'ca.pem'}) is gone", _ANEW)
    if not leaf.is_issued_by(patient.authority):
        return fault("the certificate is from another authority than the one that browsers were told to trust", _RENEW)
    return sound("the certificate was issued by the lab's own authority")


def _authority(patient: Patient) -> Finding | None:
    if patient.settings is None or patient.settings.own_certificate or patient.authority is None:
        return None
    ca = CA(patient.authority, None)
    if patient.now >= ca.ends:
        return fault(f"the authority expired on {ca.ends:%Y-%m-%d}", _ANEW)
    outside = [name for name in patient.wanted if not ca.scope.permits(_as_name(name))]
    if outside:
        return fault(
            f"the authority may not vouch for {', '.join(outside)}, which this machine goes by today (its network or "
            "its name is another one now)",
            _ANEW,
        )
    if (ca.ends - patient.now) < timedelta(days=89):
        return note(f"the authority ends on {ca.ends:%Y-%m-%d}", _ANEW)
    return sound(f"the authority may vouch for all names and addresses of today, until {ca.ends:%Y-%m-%d}")


def _served(patient: Patient) -> Finding | None:
    """A server that kept an old certificate, because the new one was bad or it was not asked to look."""
    if (leaf := patient.leaf) is None or not patient.listeners(patient.lab.port):
        return None
    with patient.visit(patient).connect() as connection:
        shown = connection.getpeercert(binary_form=True)
    if shown is None or x509.load_der_x509_certificate(shown) != x509.load_pem_x509_certificate(leaf.certificate):
        return fault(
            "the server shows another certificate than the one in its file",
            "`labkit-setup logs` says why it kept the old one; `sudo systemctl restart labkit` makes it look again",
        )
    return sound("the server shows the certificate that is in its file")


def _mend(patient: Patient) -> str:
    if patient.settings is not None and patient.settings.own_certificate:
        return "it is your own: bring another one with `labkit-setup apply --cert FILE --key FILE`"
    return _RENEW


def _as_name(text: str):  # type: ignore[no-untyped-def]
    try:
        return ip_address(text)
    except ValueError:
        return text


CHECKS = (
    Check("certificate", _file),
    Check("certificate's life", _life),
    Check("certificate's names", _names),
    Check("certificate's issuer", _chain),
    Check("authority", _authority),
    Check("certificate in force", _served),
)
