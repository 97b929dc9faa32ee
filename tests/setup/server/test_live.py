"""A certificate and a password that are exchanged while the server runs."""

import asyncio
import logging
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jupyter_server.auth.security import passwd
from labkit_setup.certs import CA, new_key
from labkit_setup.errors import ConfigurationError
from labkit_setup.leaf import Leaf
from labkit_setup.server.audit import Audit
from labkit_setup.server.credentials import Credentials
from labkit_setup.server.login import Desk
from labkit_setup.server.secretfile import SecretFile
from labkit_setup.server.throttle import Limits, Throttle
from labkit_setup.server.tls import Certificate
from labkit_setup.subject import Scope, Subject

NOW = datetime.now(UTC)
SUBJECT = Subject(("localhost", "bench.local"))
AUTHORITY = CA.create("bench", Scope.around(SUBJECT), new_key(), NOW)


@pytest.fixture(scope="module")
def hashed() -> str:
    # As weak as argon2 can be: these tests are about who is asked, not how long it takes.
    from argon2 import PasswordHasher

    return "argon2:" + PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("blue otter")


def write(path: Path, content: bytes) -> Path:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.chmod(0o600)
    return fresh.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "server.pem", AUTHORITY.issue(SUBJECT, NOW).pem)


def served(certificate: Certificate) -> bytes:
    """What a client is shown."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=AUTHORITY.certificate.decode())
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        certificate.context.wrap_bio(to_server, to_client, server_side=True),
        client.wrap_bio(to_client, to_server, server_hostname="bench.local"),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    shown = ends[1].getpeercert(binary_form=True)
    assert shown
    return ssl.DER_cert_to_PEM_cert(shown).encode()


def test_a_renewed_certificate_is_shown_to_the_next_client(path: Path) -> None:
    certificate = Certificate(SecretFile(path), "1.3")
    before = served(certificate)
    assert not certificate.refresh()
    renewed = AUTHORITY.issue(SUBJECT, NOW)
    write(path, renewed.pem)
    assert served(certificate) == before
    assert certificate.refresh()
    assert served(certificate) == renewed.certificate
    assert not certificate.refresh()


GOOD = AUTHORITY.issue(SUBJECT, NOW)


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        (b"", "is empty"),
        (b"rubbish", "could not be read"),
        (new_key() + GOOD.certificate, "does not fit its key"),
        (GOOD.certificate, "has an empty key"),
        (GOOD.key, "could not be read"),
        (GOOD.pem[:-200], "could not be read"),
        (AUTHORITY.issue(SUBJECT, NOW - timedelta(days=100)).pem, "expired on"),
        (AUTHORITY.issue(SUBJECT, NOW + timedelta(days=100)).pem, "is not valid before"),
    ],
    ids=["empty", "rubbish", "mismatch", "no key", "only a key", "cut short", "expired", "not yet valid"],
)
def test_a_bad_one_leaves_the_old_one_in_use_and_is_named_once(path: Path, pem: bytes, words: str) -> None:
    certificate = Certificate(SecretFile(path), "1.3")
    before = served(certificate)
    write(path, pem)
    with pytest.raises(ConfigurationError, match=words):
        certificate.refresh()
    assert served(certificate) == before
    assert not certificate.refresh()
    with pytest.raises(ConfigurationError, match=words):
        Certificate(SecretFile(path), "1.3")


def test_after_a_bad_one_the_next_good_one_is_taken(path: Path) -> None:
    certificate = Certificate(SecretFile(path), "1.3")
    write(path, b"rubbish")
    with pytest.raises(ConfigurationError):
        certificate.refresh()
    write(path, GOOD.pem)
    assert certificate.refresh()
    assert served(certificate) == GOOD.certificate


@pytest.mark.parametrize("oldest", ["1.3", "1.2"])
def test_the_oldest_version_is_the_one_that_was_asked_for(path: Path, oldest) -> None:
    context = Certificate(SecretFile(path), oldest).context
    assert context.minimum_version == {"1.3": ssl.TLSVersion.TLSv1_3, "1.2": ssl.TLSVersion.TLSv1_2}[oldest]
    if oldest == "1.2":
        old = [cipher["name"] for cipher in context.get_ciphers() if cipher["protocol"] == "TLSv1.2"]
        assert old
        assert all(name.startswith("ECDHE-") and ("GCM" in name or "POLY1305" in name) for name in old)


@pytest.fixture
def credentials(tmp_path: Path, hashed: str):
    made = Credentials(SecretFile(write(tmp_path / "password", hashed.encode())))
    yield made
    made.close()


def test_a_new_password_is_taken_over_and_the_old_one_is_wrong_from_then_on(
    credentials: Credentials, tmp_path: Path
) -> None:
    assert asyncio.run(credentials.are_right("blue otter"))
    write(tmp_path / "password", passwd("red heron", algorithm="argon2").encode())
    assert credentials.refresh()
    assert not asyncio.run(credentials.are_right("blue otter"))
    assert asyncio.run(credentials.are_right("red heron"))
    assert not credentials.refresh()


@pytest.mark.parametrize("content", [b"", b"sha1:0e112c3ddfce:a68d", b"plain text", b"argon2:$argon2i$v=19$x"])
def test_a_file_without_a_hash_leaves_the_old_password_in_force(
    credentials: Credentials, tmp_path: Path, content: bytes
) -> None:
    write(tmp_path / "password", content)
    with pytest.raises(ConfigurationError, match="argon2id"):
        credentials.refresh()
    assert asyncio.run(credentials.are_right("blue otter"))
    assert not credentials.refresh()


def test_a_password_that_was_exchanged_during_the_check_does_not_let_in(
    credentials: Credentials, tmp_path: Path
) -> None:
    async def exchanged_meanwhile() -> bool:
        check = asyncio.ensure_future(credentials.are_right("blue otter"))
        await asyncio.sleep(0)
        write(tmp_path / "password", passwd("red heron", algorithm="argon2").encode())
        assert credentials.refresh()
        return await check

    assert not asyncio.run(exchanged_meanwhile())


def test_what_comes_too_early_is_not_looked_at_even_if_it_is_right(credentials: Credentials) -> None:
    desk = Desk(credentials, Throttle(Limits(free=2, longest=2.0)))

    async def attempts() -> list[bool | float]:
        return [await desk.attempt("192.168.1.5", typed) for typed in ("wrong", "wrong", "blue otter")]

    first, second, third = asyncio.run(attempts())
    assert (first, second) == (False, False)
    assert isinstance(third, float)
    assert third > 0


def test_a_login_is_one_line_without_what_was_typed(credentials: Credentials, caplog) -> None:
    desk = Desk(credentials, Throttle(Limits(free=3, longest=2.0)))
    with caplog.at_level(logging.INFO, "labkit.audit"):
        assert asyncio.run(desk.attempt("192.168.1.5", "hunter2hunter2")) is False
        assert asyncio.run(desk.attempt("192.168.1.5", "blue otter")) is True
    assert [record.getMessage() for record in caplog.records] == [
        "login refused from 192.168.1.5: wrong password",
        "login accepted from 192.168.1.5",
    ]


def test_a_flood_of_tries_is_told_once_a_minute_with_their_number(caplog) -> None:
    audit = Audit()
    with caplog.at_level(logging.INFO, "labkit.audit"):
        for second in range(61):
            audit.held_off("10.0.0.7", 30.0, float(second))
    assert [record.getMessage() for record in caplog.records] == [
        "login held off from 10.0.0.7 for 30 s",
        "login held off from 10.0.0.7 for 30 s, 59 tries since last told",
    ]


def test_a_flood_from_everywhere_fills_no_disk(caplog) -> None:
    audit = Audit()
    with caplog.at_level(logging.INFO, "labkit.audit"):
        for number in range(5_000):
            audit.held_off(f"10.0.{number // 250}.{number % 250}", 30.0, 1.0)
    assert len(caplog.records) == 101
    assert "from yet another address" in caplog.records[-1].getMessage()


def test_no_address_brings_a_line_of_its_own_into_the_log(caplog) -> None:
    with caplog.at_level(logging.INFO, "labkit.audit"):
        Audit().accepted("10.0.0.7\nlogin accepted from 10.0.0.8")
    assert "\n" not in caplog.records[0].getMessage()


def test_a_leaf_in_one_file_is_read_as_it_was_written() -> None:
    assert Leaf.parse(GOOD.pem) == GOOD


def test_where_python_can_not_be_told_of_x25519_it_is_p_256(path: Path, monkeypatch) -> None:
    """Python 3.11.2, which Debian 12 has, knows only curves of the older kind by name."""
    real, told = ssl.SSLContext.set_ecdh_curve, []

    def set_ecdh_curve(context: ssl.SSLContext, name: str) -> None:
        told.append(name)
        if name == "X25519":
            raise ssl.SSLError(1, "[EC: UNKNOWN_GROUP] unknown group")
        real(context, name)

    monkeypatch.setattr(ssl.SSLContext, "set_ecdh_curve", set_ecdh_curve)
    assert served(Certificate(SecretFile(path), "1.3")) in path.read_bytes()
    assert told == ["X25519", "prime256v1"]
