"""A lab seen from another computer: each step of a browser's way to it, and which of them fails."""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from ...errors import UsageError
from ..visit import Visit, VisitError
from .certificate import is_self_signed
from .finding import Finding, fault, sound, unknown

__all__ = ["Outside", "examine_from_outside", "parse_url"]

_SECONDS = 6.0
# A Zero 2 W that is busy; a firewall that drops what was forwarded says nothing at all.
_TLS_SECONDS = 20.0
_SSH = 22


def parse_url(url: str) -> tuple[str, int]:
    """The name and the port of a lab's address.

    Raises:
        UsageError: It is not one.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    try:
        port = parts.port or 8443
    except ValueError:
        port = 0
    if parts.scheme != "https" or not parts.hostname or not port:
        raise UsageError(f"--from {url!r} is not a lab's address, such as https://raspberrypi.local:8443.")
    return parts.hostname, port


@dataclass
class Outside:
    """The lab as this computer finds it.

    Attributes:
        name: The name or address in the address bar.
        port: The port there.
        context: How a browser on this computer checks the server.
        password: The lab's password, if it was given.
        resolve: Finds the addresses of a name; raises `OSError`.
        connect: Opens a connection; raises `OSError`.
        is_here: Whether the name turned out to be this computer: then something forwards, such as `ssh -L`.
        shown: The certificate that the server showed, DER.
    """

    name: str
    port: int
    context: ssl.SSLContext
    password: str | None = None
    resolve: Callable[[str, int], list[str]] = field(default=lambda name, port: _resolve(name, port))
    connect: Callable[[str, int], None] = field(default=lambda address, port: _connect(address, port))
    is_here: bool = False
    shown: bytes = b""

    @property
    def visit(self) -> Visit:
        """A visitor with this computer's trust."""
        return Visit(self.name, self.port, self.context)


def examine_from_outside(outside: Outside) -> Iterator[tuple[str, Finding]]:
    """Look step by step, and stop where the way ends: what comes after could not work."""
    for name, look in (
        ("name", _name),
        ("reachable", _reachable),
        ("answers", _answers),
        ("certificate shown", _shown),
        ("certificate trusted", _trusted),
        ("login page", _page),
        ("kernel", _kernel),
    ):
        finding = look(outside)
        yield name, finding
        if finding.level == "fault" and name != "certificate shown":
            return


def _name(outside: Outside) -> Finding:
    try:
        addresses = outside.resolve(outside.name, outside.port)
    except OSError:
        if outside.name.endswith(".local"):
            return fault(
                f"this computer finds no {outside.name}",
                "use the address in numbers, which `apply` and `status` print; or check that both are in the same "
                "network, and that a guest network or a VPN does not keep them apart",
            )
        return fault(f"this computer finds no {outside.name}", "use NAME.local, or the address in numbers")
    outside.is_here = all(ip_address(address).is_loopback for address in addresses)
    if outside.is_here:
        return sound(f"{outside.name} is this computer itself: a tunnel, or the lab is here")
    return sound(f"{outside.name} is {', '.join(addresses)}")


def _reachable(outside: Outside) -> Finding:
    where = f"{outside.name}, port {outside.port}"
    try:
        outside.connect(outside.name, outside.port)
    except ConnectionRefusedError:
        return fault(
            f"{where}: the machine answers, but refuses: nothing listens there for others, or a firewall rejects it",
            "on the lab's machine run `labkit-setup doctor`: its checks “port” and “firewall” say which of the two",
        )
    except OSError as error:
        return _silent(outside, where, error)
    return sound(f"{where} accepts connections")


def _silent(outside: Outside, where: str, error: OSError) -> Finding:
    """No answer at all: a machine that is off looks like a firewall that drops, but for its other ports."""
    try:
        outside.connect(outside.name, _SSH)
    except ConnectionRefusedError:
        alive = "the machine is there (it refuses ssh)"
    except OSError:
        return fault(
            f"{where}: no answer ({error}), and none on port {_SSH} (ssh) either",
            "check that the machine is on and in the same network as this computer; guest networks keep devices apart",
        )
    else:
        alive = "the machine is there (ssh answers)"
    return fault(
        f"{where}: no answer, though {alive}: a firewall drops it",
        "on the lab's machine run `labkit-setup apply`, which opens the active firewall for its network; if its doctor "
        "finds the check “firewall” sound, the one that drops is in between, or on this computer",
    )


def _answers(outside: Outside) -> Finding:
    """Whether anybody is there at all: what forwards a port accepts every connection by itself."""
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    try:
        with Visit(outside.name, outside.port, blind, patience=_TLS_SECONDS).connect() as connection:
            outside.shown = connection.getpeercert(binary_form=True) or b""
    except ssl.SSLEOFError as error:
        return _hung_up(outside, error)
    except ssl.SSLError as error:
        return fault(
            f"the server does not speak TLS as browsers do ({error.reason})",
            "if that is plain http or an old Jupyter, it is not the lab: `labkit-setup status` on its machine",
        )
    except OSError as error:
        return _hung_up(outside, error)
    return sound("a server answers with TLS")


def _shown(outside: Outside) -> Finding:
    """What the server shows, whether or not it is to be believed."""
    certificate = x509.load_der_x509_certificate(outside.shown)
    try:
        names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        names = None
    if names is None:
        return fault("the certificate has no names (SAN), and browsers look nowhere else", _ON_THE_MACHINE)
    if is_self_signed(certificate):
        return fault(
            "the certificate vouches for itself: Safari will hang at “connecting to kernel”, as it lets a page through "
            "but no websocket",
            _ON_THE_MACHINE,
        )
    return sound(f"the certificate is valid until {certificate.not_valid_after_utc:%Y-%m-%d}")


def _hung_up(outside: Outside, error: OSError) -> Finding:
    if outside.is_here:
        return fault(
            f"what listens on this computer forwards to nobody: nothing was said ({error})",
            "on the lab's machine run `labkit-setup doctor`, whose checks “service”, “port” and “firewall” say why; "
            "then see that the tunnel or the forwarding leads to the lab's port there",
        )
    return fault(
        f"the connection ended before anything was said ({error})",
        "the lab does that to computers outside its network: on its machine, `labkit-setup apply --lan` names it",
    )


_ON_THE_MACHINE = "on the lab's machine run `labkit-setup apply`"


def _trusted(outside: Outside) -> Finding:
    try:
        with outside.visit.connect():
            return sound(f"this computer trusts the certificate for {outside.name}")
    except ssl.SSLCertVerificationError as error:
        return _distrust(outside, error)
    except OSError as error:
        return fault(
            f"no secure connection ({error})", "see the step before; `labkit-setup logs` has the server's side"
        )


def _distrust(outside: Outside, error: ssl.SSLCertVerificationError) -> Finding:
    said = error.verify_message
    if "mismatch" in said or "not valid for" in said:
        return fault(
            f"the certificate is not for {outside.name} ({said})",
            f"use a name that it is for, or on the lab's machine run `labkit-setup apply --name {outside.name}` "
            "(--ip for an address)",
        )
    if "expired" in said or "not yet valid" in said:
        return fault(
            f"the certificate is out of its time by this computer's clock ({said})",
            "check this computer's clock; on the lab's machine run `labkit-setup renew`",
        )
    return fault(
        f"this computer does not know the lab's authority ({said})",
        f"run `labkit-setup trust --from USER@{outside.name}` here; or give it with --ca-file",
    )


def _page(outside: Outside) -> Finding:
    try:
        page = outside.visit.request("GET", "/login")
    except (OSError, http.client.HTTPException) as error:
        return fault(f"no login page ({error})", "`labkit-setup logs` on the lab's machine has the server's side")
    if page.status == 421:
        return fault(f"the server does not go by {outside.name}", "on the lab's machine run `labkit-setup renew`")
    if page.status != 200 or 'name="password"' not in page.text:
        return fault(
            f"https://{outside.name}:{outside.port}/ answers with HTTP {page.status} and no login page",
            "another program may have that port: `labkit-setup status` on the lab's machine has the address",
        )
    return sound("the login page is there")


def _kernel(outside: Outside) -> Finding:
    if outside.password is None:
        return unknown(
            "no password was given, so no cell was run", "with --password-stdin it goes on to a kernel's answer"
        )
    visit = outside.visit
    try:
        visit.log_in(outside.password)
        printed = visit.run("print(6 * 7)")
    except (OSError, VisitError) as error:
        return fault(
            f"a cell could not be run: {error}",
            "if pages work and this does not, something in between (a proxy, a virus scanner) breaks websockets",
        )
    if printed != "42\n":
        return fault(f"a kernel answered {printed[:100]!r} to 6 * 7", "`labkit-setup logs` has the server's side")
    return sound("a kernel started and answered over a secure websocket")


def _resolve(name: str, port: int) -> list[str]:
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _connect(name: str, port: int) -> None:
    socket.create_connection((name, port), _SECONDS).close()
