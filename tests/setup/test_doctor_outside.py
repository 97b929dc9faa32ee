"""A lab seen from another computer: real sockets and real certificates, one thing wrong with each."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from labkit_setup.certs import CA, new_key
from labkit_setup.errors import UsageError
from labkit_setup.pi.doctor import remote
from labkit_setup.pi.doctor.finding import Finding
from labkit_setup.pi.doctor.remote import Outside, examine_from_outside, parse_url
from labkit_setup.pi.visit import Visit, VisitError, context_for
from labkit_setup.subject import Scope, Subject

NOW = datetime.now(UTC)
LOGIN = b'<form><input name="_xsrf" value="x"><input name="password"></form>'


def page(status: str = "200 OK", body: bytes = LOGIN) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which each connection is served so, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextlib.contextmanager
def a_lab(tmp_path: Path, pem: bytes, answer: bytes | None = None) -> Iterator[int]:
    """A server with this certificate and key."""
    file = tmp_path / "served.pem"
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(answer or page())

    with listening(serve) as port:
        yield port


@pytest.fixture(scope="module")
def ca() -> CA:
    return CA.create("pi", Scope.around(Subject(("localhost",))), new_key(), NOW)


def look(port: int, authority: bytes | None, name: str = "localhost", **more) -> dict[str, Finding]:
    outside = Outside(name, port, context_for(authority), **more)
    return dict(examine_from_outside(outside))


def the_fault(found: dict[str, Finding]) -> tuple[str, Finding]:
    (fault,) = [(name, finding) for name, finding in found.items() if finding.level == "fault"]
    assert fault[1].remedy
    return fault


def test_all_is_well_up_to_the_password(tmp_path, ca) -> None:
    with a_lab(tmp_path, ca.issue(Subject(("localhost",)), NOW).pem) as port:
        found = look(port, ca.certificate)
    assert [finding.level for finding in found.values()] == ["sound"] * 6 + ["unknown"]


def unresolved(name: str, port: int) -> list[str]:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("name", "remedy"), [("raspberrypi.local", "the address in numbers"), ("raspberrypi", "use NAME.local")]
)
def test_a_name_that_is_not_found(name, remedy) -> None:
    check, finding = the_fault(look(8443, None, name, resolve=unresolved))
    assert check == "name"
    assert remedy in finding.remedy


def connecting(lab: Exception, ssh: Exception | None) -> Callable[[str, int], None]:
    def connect(name: str, port: int) -> None:
        error = lab if port == 8443 else ssh
        if error is not None:
            raise error

    return connect


@pytest.mark.parametrize(
    ("lab", "ssh", "evidence", "remedy"),
    [
        (ConnectionRefusedError(), None, "refuses: nothing listens there for others", "“port” and “firewall”"),
        (TimeoutError("timed out"), None, "ssh answers): a firewall drops it", "labkit-setup apply"),
        (TimeoutError("timed out"), ConnectionRefusedError(), "it refuses ssh): a firewall drops it", "apply"),
        (TimeoutError("timed out"), TimeoutError("timed out"), "none on port 22 (ssh) either", "is on"),
        (OSError(113, "No route to host"), OSError(113, "No route"), "No route to host", "same network"),
    ],
)
def test_not_listening_firewalled_and_switched_off_are_told_apart(lab, ssh, evidence, remedy) -> None:
    found = look(8443, None, "pi", resolve=lambda name, port: ["192.168.1.20"], connect=connecting(lab, ssh))
    check, finding = the_fault(found)
    assert check == "reachable"
    assert evidence in finding.evidence
    assert remedy in finding.remedy


def test_nothing_listens_at_a_real_closed_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        check, _ = the_fault(look(closed.getsockname()[1], None))
    assert check == "reachable"


def test_plain_http_is_no_lab() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(page("400 Bad Request"))

    with listening(serve) as port:
        found = look(port, None)
    assert "does not speak TLS" in the_fault(found)[1].evidence


def test_a_lab_that_hangs_up_on_strangers_says_which_option_lets_them_in() -> None:
    with listening(lambda connection: None) as port:
        found = look(port, None, resolve=lambda name, port: ["192.168.1.20"])
    assert "--lan" in the_fault(found)[1].remedy


def test_a_tunnel_that_ends_nowhere_is_told_from_a_lab_that_hangs_up() -> None:
    with listening(lambda connection: None) as port:
        found = look(port, None)
    check, finding = the_fault(found)
    assert check == "answers"
    assert "forwards to nobody" in finding.evidence
    assert "on the lab's machine run `labkit-setup doctor`" in finding.remedy


def test_an_authority_that_is_not_trusted_here(tmp_path, ca) -> None:
    with a_lab(tmp_path, ca.issue(Subject(("localhost",)), NOW).pem) as port:
        check, finding = the_fault(look(port, None))
    assert check == "certificate trusted"
    assert "labkit-setup trust --from USER@localhost" in finding.remedy


def test_a_name_that_the_certificate_is_not_for(tmp_path, ca) -> None:
    with a_lab(tmp_path, ca.issue(Subject(("raspberrypi",)), NOW).pem) as port:
        _, finding = the_fault(look(port, ca.certificate))
    assert "labkit-setup apply --name localhost" in finding.remedy


def test_a_certificate_out_of_its_time(tmp_path, ca) -> None:
    leaf = CA.create("pi", Scope.around(Subject(("localhost",))), new_key(), NOW - timedelta(days=400))
    with a_lab(tmp_path, leaf.issue(Subject(("localhost",)), NOW - timedelta(days=200)).pem) as port:
        _, finding = the_fault(look(port, leaf.certificate))
    assert "labkit-setup renew" in finding.remedy


def test_a_certificate_that_vouches_for_itself_and_one_without_names(tmp_path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    seen = []
    for names in ((), ("localhost",)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=9))
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([*map(x509.DNSName, names)]), critical=False)
        made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        with a_lab(tmp_path, private + made) as port:
            seen.append(look(port, None)["certificate shown"])
    assert "no names (SAN)" in seen[0].evidence
    assert "Safari will hang" in seen[1].evidence
    assert {finding.level for finding in seen} == {"fault"}


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (page("404 Not Found", b""), "labkit-setup status"),
        (page("421 Misdirected Request", b""), "labkit-setup renew"),
        (page(body=b"<h1>It works!</h1>"), "labkit-setup status"),
    ],
)
def test_a_page_that_is_not_the_labs(tmp_path, ca, answer, remedy) -> None:
    with a_lab(tmp_path, ca.issue(Subject(("localhost",)), NOW).pem, answer) as port:
        check, finding = the_fault(look(port, ca.certificate))
    assert check == "login page"
    assert remedy in finding.remedy


@pytest.mark.parametrize(("printed", "level"), [("42\n", "sound"), ("x", "fault"), (VisitError("No."), "fault")])
def test_with_the_password_it_goes_on_to_a_kernels_answer(tmp_path, ca, monkeypatch, printed, level) -> None:
    def run(self: Visit, code: str) -> str:
        if isinstance(printed, Exception):
            raise printed
        return printed

    monkeypatch.setattr(Visit, "log_in", lambda self, typed: None)
    monkeypatch.setattr(Visit, "run", run)
    with a_lab(tmp_path, ca.issue(Subject(("localhost",)), NOW).pem) as port:
        assert look(port, ca.certificate, password="x")["kernel"].level == level


@pytest.mark.parametrize("url", ["http://pi:8443", "https://", "ftp://pi", "https://pi:99999"])
def test_what_is_no_address_of_a_lab_is_refused(url) -> None:
    with pytest.raises(UsageError, match="is not a lab's address"):
        parse_url(url)


def test_an_address_may_be_short() -> None:
    assert parse_url("raspberrypi.local") == ("raspberrypi.local", 8443)
    assert parse_url("https://192.168.1.20:9443/lab") == ("192.168.1.20", 9443)
    assert remote.Outside("localhost", 1, context_for(None)).resolve("localhost", 1)
