"""The way in, all of it: a handshake, the login page, a kernel's answer over a secure websocket."""

import ssl

from ..visit import VisitError
from .finding import Check, Finding, fault, sound
from .patient import Patient

__all__ = ["CHECKS"]


def _handshake(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    visit = patient.visit(patient)
    try:
        with visit.connect() as connection:
            version = connection.version()
    except ssl.SSLCertVerificationError as error:
        return fault(
            f"the server's certificate is not accepted at {visit.host}: {error.verify_message}",
            "see the checks of the certificate",
        )
    except OSError as error:
        return fault(f"no connection to {visit.host} ({error})", "see the checks of the service and the port")
    if version != "TLSv1.3" and patient.settings.tls == "1.3":
        return fault(f"the server speaks {version}", "`sudo systemctl restart labkit`; it should be TLS 1.3")
    page = visit.request("GET", "/login")
    if page.status != 200 or 'name="password"' not in page.text:
        return fault(
            f"there is no login page at https://{visit.host}/ (HTTP {page.status})",
            "`labkit-setup logs` may say why; `sudo systemctl restart labkit`",
        )
    return sound(f"{version} and the login page at https://{visit.host}/")


def _reply(patient: Patient) -> Finding | None:
    if patient.settings is None or not patient.listeners(patient.settings.port):
        return None
    try:
        printed = patient.inside().run("print(6 * 7)")
    except (OSError, VisitError) as error:
        return fault(
            f"a cell could not be run: {error}",
            "`labkit-setup logs` has the server's side; too little memory or a full disk are the usual causes",
        )
    if printed != "42\n":
        return fault(f"a kernel answered {printed[:100]!r} to 6 * 7", "`labkit-setup logs` has the server's side")
    return sound("a kernel started and answered over a secure websocket")


CHECKS = (Check("connection", _handshake), Check("kernel", _reply))
