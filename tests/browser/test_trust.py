"""Chromium and Firefox that trust the lab's authority: no warning where it may vouch, and a refusal everywhere else."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from labkit_setup.certs import CA, new_key
from labkit_setup.leaf import Leaf
from labkit_setup.server.tls import new_context
from labkit_setup.subject import LOOPBACK, Scope, Subject
from served import Service, a_service, one_cell
from visitors import BROWSERS, CONNECTED, Refused, Visitor, missing, visiting, wait_for

pytestmark = pytest.mark.soak

NOW = datetime.now(UTC)
NAME = "bench.local"
# A home network on loopback: the router has its first address, the machine another one at each lease.
HOME_NETWORK, ROUTER = ip_network("127.5.0.0/24"), ip_address("127.5.0.1")
HELLO = "import sys; print(6 * 7, sys.platform)"
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if sentence := missing():
        if os.environ.get("CI"):
            pytest.fail(f"{sentence}; in CI they must not be skipped")
        pytest.skip(sentence)


@pytest.fixture(scope="module")
def lab() -> Iterator[Service]:
    """A real server whose authority may vouch for a whole network but for its router."""
    subject = Subject(("localhost", "bench", NAME), (*LOOPBACK, ip_address("127.5.0.20")))
    scope = Scope.around(subject, (HOME_NETWORK,), (ROUTER,))
    with a_service(subject, scope) as service:
        (service.settings.notebooks / "hello.ipynb").write_text(one_cell(HELLO))
        yield service


@pytest.fixture(scope="module", params=BROWSERS)
def visitor(
    request: pytest.FixtureRequest, lab: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitor]:
    folder = tmp_path_factory.mktemp(request.param)
    names = [NAME, "elsewhere.local", "router.local"]
    with visiting(request.param, folder, lab.pki.ca_certificate, names) as opened:
        opened.name = request.param
        yield opened


@pytest.fixture(scope="module")
def authority(lab: Service) -> CA:
    return CA(lab.pki.ca_certificate.read_bytes(), lab.pki.ca_key.read_bytes())


class _Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Leaf, str], int]]:
    """Serves one page at a loopback address with a certificate of the test's choice, and gives the port."""
    with ExitStack() as ends:

        def start(leaf: Leaf, address: str) -> int:
            pem = tmp_path / "leaf.pem"
            pem.write_bytes(leaf.pem)
            context = new_context("1.3")
            context.load_cert_chain(pem)
            server = http.server.ThreadingHTTPServer((address, 0), _Hello)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            # A browser that refuses the certificate hangs up in the handshake.
            server.handle_error = lambda *_: None
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            ends.callback(thread.join)
            ends.callback(server.server_close)
            ends.callback(server.shutdown)
            return server.server_address[1]

        yield start


@pytest.mark.parametrize("host", [NAME, "127.0.0.1", "localhost", "[::1]"])
def test_no_warning_a_login_form_and_a_cell_over_a_secure_websocket(visitor: Visitor, lab: Service, host: str) -> None:
    visitor.open(f"https://{host}:{lab.settings.port}/lab/tree/hello.ipynb?reset")
    assert visitor.evaluate("window.isSecureContext")
    assert visitor.evaluate("document.location.pathname") == "/login"
    visitor.fill("#password_input", lab.password)
    visitor.screenshot(_picture(visitor, host, "login"))
    visitor.click("#login_submit")
    wait_for(visitor, "document.querySelector('.jp-CodeCell .jp-InputPrompt') !== null")
    wait_for(visitor, CONNECTED)
    visitor.click(".jp-NotebookPanel-toolbar [data-jp-item-name='run']")
    try:
        wait_for(
            visitor, "document.querySelector('.jp-CodeCell .jp-OutputArea-output')?.textContent.includes('42 linux')"
        )
    finally:
        visitor.screenshot(_picture(visitor, host, "cell"))


def _picture(visitor: Visitor, host: str, what: str) -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS / f"trust-{visitor.name}-{host.strip('[]').replace(':', '')}-{what}.png"


def test_a_new_lease_in_the_home_network_is_no_new_warning(
    visitor: Visitor, authority: CA, serve: Callable[[Leaf, str], int]
) -> None:
    leaf = authority.issue(Subject(("localhost",), (ip_address("127.5.0.77"),)), NOW)
    visitor.open(f"https://127.5.0.77:{serve(leaf, '127.5.0.77')}/")
    assert visitor.evaluate("document.body.textContent") == "hello"


@pytest.mark.parametrize("host", ["127.5.0.1", "127.6.0.7", "elsewhere.local", "router.local"])
def test_whoever_steals_the_authoritys_key_can_be_nobody_else(
    visitor: Visitor, authority: CA, serve: Callable[[Leaf, str], int], host: str
) -> None:
    named = not host[0].isdigit()
    subject = Subject((host,), ()) if named else Subject(("localhost",), (ip_address(host),))
    port = serve(authority.issue(subject, NOW), "127.0.0.1" if named else host)
    with pytest.raises(Refused):
        visitor.open(f"https://{host}:{port}/")


@pytest.mark.parametrize(
    "fault", ["expired", "not yet valid", "another name", "no subjectAltName", "another authority"]
)
def test_a_bad_certificate_for_a_good_name_is_refused(
    visitor: Visitor, authority: CA, serve: Callable[[Leaf, str], int], fault: str
) -> None:
    subject = Subject((NAME,), ())
    match fault:
        case "expired":
            leaf = authority.issue(subject, NOW - timedelta(days=100))
        case "not yet valid":
            leaf = authority.issue(subject, NOW + timedelta(days=10))
        case "another name":
            leaf = authority.issue(Subject(("localhost",), ()), NOW)
        case "no subjectAltName":
            leaf = _without_names(authority)
        case _:
            leaf = CA.create(NAME, authority.scope, new_key(), NOW).issue(subject, NOW)
    with pytest.raises(Refused):
        visitor.open(f"https://{NAME}:{serve(leaf, '127.0.0.1')}/")


def test_the_same_page_with_a_good_certificate_is_shown(
    visitor: Visitor, authority: CA, serve: Callable[[Leaf, str], int]
) -> None:
    # So that what is refused above is refused for its certificate, and not because nothing answers.
    port = serve(authority.issue(Subject((NAME,), ()), NOW), "127.0.0.1")
    visitor.open(f"https://{NAME}:{port}/")
    assert visitor.evaluate("document.body.textContent") == "hello"


def _without_names(authority: CA) -> Leaf:
    """The host's name as its common name only, as `openssl req -x509` makes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    assert authority.key is not None
    signer = load_pem_private_key(authority.key, password=None)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
        .sign(signer, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Leaf(made.public_bytes(Encoding.PEM), pem)
