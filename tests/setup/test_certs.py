"""The authority and its certificates: what they say, whom they convince, and when they are renewed."""

import os
import re
import ssl
import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from labkit_setup.certs import CA, CA_LIFE, LEAF_LIFE, new_key
from labkit_setup.errors import ConfigurationError
from labkit_setup.host import Owner
from labkit_setup.leaf import Leaf
from labkit_setup.pki import Pki
from labkit_setup.server.secretfile import SecretFile
from labkit_setup.server.tls import Certificate
from labkit_setup.subject import Scope, Subject

NOW = datetime.now(UTC)
SUBJECT = Subject(("localhost", "bench", "bench.local"))
SCOPE = Scope.around(SUBJECT)
LOOPBACK = {ip_address("127.0.0.1"), ip_address("::1")}


@pytest.fixture(scope="module")
def ca() -> CA:
    return CA.create("bench", SCOPE, new_key(), NOW)


@pytest.fixture
def pki(tmp_path: Path, host) -> Pki:
    folder = tmp_path / "pki"
    host.make_private_dir(folder)
    made = Pki(folder)
    assert made.provide(host, SUBJECT, SCOPE, NOW) == []
    return made


def test_the_authority_may_vouch_for_this_hosts_names_and_loopback_addresses_only(ca: CA) -> None:
    certificate = x509.load_pem_x509_certificate(ca.certificate)
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [
        x509.DNSName("localhost"),
        x509.DNSName("bench"),
        x509.DNSName("bench.local"),
        x509.IPAddress(ip_network("127.0.0.1/32")),
        x509.IPAddress(ip_network("::1/128")),
    ]


def test_the_authority_can_sign_certificates_and_nothing_below_it_can(ca: CA) -> None:
    extensions = x509.load_pem_x509_certificate(ca.certificate).extensions
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert basic.critical
    assert basic.value == x509.BasicConstraints(ca=True, path_length=0)
    assert usage.critical
    assert (usage.value.key_cert_sign, usage.value.crl_sign, usage.value.digital_signature) == (
        True,
        True,
        False,
    )


def test_a_certificate_is_for_servers_with_every_name_and_address(ca: CA) -> None:
    certificate = x509.load_pem_x509_certificate(ca.issue(SUBJECT, NOW).certificate)
    extensions = certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "bench", "bench.local"]
    assert set(names.get_values_for_type(x509.IPAddress)) == LOOPBACK
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    authority = x509.load_pem_x509_certificate(ca.certificate).extensions
    assert (
        extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        == authority.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )


def test_keys_are_p256_and_no_two_certificates_share_one(ca: CA) -> None:
    first, second = (x509.load_pem_x509_certificate(ca.issue(SUBJECT, NOW).certificate) for _ in range(2))
    key = first.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert key != second.public_key()


def test_lives_are_as_short_as_promised(ca: CA) -> None:
    authority = x509.load_pem_x509_certificate(ca.certificate)
    certificate = x509.load_pem_x509_certificate(ca.issue(SUBJECT, NOW).certificate)
    assert authority.not_valid_after_utc - authority.not_valid_before_utc == CA_LIFE <= timedelta(days=825)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == LEAF_LIFE <= timedelta(days=89)


def handshake(pki: Pki, name: str) -> None:
    """A TLS handshake in memory: the server's own context, and a client that trusts the authority."""
    client = ssl.create_default_context(cafile=pki.ca_certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        Certificate(SecretFile(pki.leaf), "1.3").context.wrap_bio(to_server, to_client, server_side=True),
        client.wrap_bio(to_client, to_server, server_hostname=name),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[1].getpeercert()


@pytest.mark.parametrize("name", ["localhost", "bench", "bench.local", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_accepts_every_name(pki: Pki, name: str) -> None:
    handshake(pki, name)


@pytest.mark.parametrize("name", ["evil.example.com", "192.168.1.1", "2001:db8::1"])
def test_a_certificate_of_this_authority_for_another_host_convinces_nobody(pki: Pki, host, name: str) -> None:
    try:
        stolen = Subject((), (ip_address(name),))
    except ValueError:
        stolen = Subject((name,), ())
    authority = CA(pki.ca_certificate.read_bytes(), pki.ca_key.read_bytes())
    leaf = authority.issue(Subject(stolen.names or ("localhost",), stolen.addresses), NOW)
    host.write(pki.leaf, leaf.pem)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(pki, name)


def test_keys_are_private_from_the_first_moment(pki: Pki) -> None:
    assert stat.S_IMODE(pki.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(pki.ca_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(pki.leaf.stat().st_mode) == 0o600
    assert stat.S_IMODE(pki.authority.stat().st_mode) == 0o700


def test_good_certificates_are_left_alone(pki: Pki, host) -> None:
    before = {path: path.read_bytes() for path in pki.files}
    assert pki.provide(host, SUBJECT, SCOPE, NOW + timedelta(days=50)) == []
    assert {path: path.read_bytes() for path in pki.files} == before


@pytest.mark.parametrize(
    ("days", "words"),
    [(60, "has no more than a third of its life left"), (89, "expired on"), (-3, "is not valid before")],
)
def test_a_certificate_is_renewed_in_time(pki: Pki, host, days: int, words: str) -> None:
    authority = pki.ca_certificate.read_bytes()
    # An authority that outlives both ends of the test, so that only the certificate is at stake.
    then = NOW + timedelta(days=days)
    if days < 0:
        host.write(pki.ca_certificate, CA.create("bench", SCOPE, pki.ca_key.read_bytes(), then).certificate)
        authority = pki.ca_certificate.read_bytes()
    (told,) = pki.provide(host, SUBJECT, SCOPE, then)
    assert re.fullmatch(f"The certificate {words}.*; issued a new one.", told)
    assert pki.ca_certificate.read_bytes() == authority
    assert pki.provide(host, SUBJECT, SCOPE, then) == []


def test_an_authority_near_its_end_is_renewed_with_its_key(pki: Pki, host) -> None:
    key = pki.ca_key.read_bytes()
    told = pki.provide(host, SUBJECT, SCOPE, NOW + timedelta(days=800))
    assert told == [
        "The certificate authority was about to expire; made a new one, which browsers have to trust again."
    ]
    assert pki.ca_key.read_bytes() == key
    assert pki.provide(host, SUBJECT, SCOPE, NOW + timedelta(days=800)) == []


def test_a_host_that_was_renamed_gets_certificates_for_its_new_name(pki: Pki, host) -> None:
    renamed = Subject(("localhost", "desk", "desk.local"))
    told = pki.provide(host, renamed, Scope.around(renamed), NOW)
    assert told == [
        "The certificate authority was for other names than this host has now; made a new one, "
        "which browsers have to trust again."
    ]
    handshake(pki, "desk.local")


def test_a_certificate_that_does_not_fit_its_key_is_replaced(pki: Pki, host) -> None:
    host.write(pki.leaf, new_key() + Leaf.parse(pki.leaf.read_bytes()).certificate)
    assert pki.provide(host, SUBJECT, SCOPE, NOW) == ["The certificate does not fit its key; issued a new one."]
    handshake(pki, "localhost")


def test_a_certificate_of_another_authority_is_replaced(pki: Pki, host) -> None:
    leaf = CA.create("bench", SCOPE, new_key(), NOW).issue(SUBJECT, NOW)
    host.write(pki.leaf, leaf.pem)
    assert pki.provide(host, SUBJECT, SCOPE, NOW) == ["The certificate is from another authority; issued a new one."]


@pytest.mark.parametrize("lost", ["ca.pem", "authority/ca-key.pem", "server.pem"])
def test_whatever_file_is_lost_the_next_start_serves_again(pki: Pki, host, lost: str) -> None:
    (pki.folder / lost).unlink()
    pki.provide(host, SUBJECT, SCOPE, NOW)
    handshake(pki, "localhost")
    assert pki.provide(host, SUBJECT, SCOPE, NOW) == []


def rsa_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no private key that can be read"),
        (b"garbage\n", "holds no private key that can be read"),
        (rsa_key(), "another kind than P-256"),
    ],
    ids=["empty", "garbage", "RSA"],
)
def test_a_key_that_is_not_ours_stops_everything_and_is_kept(pki: Pki, host, content: bytes, words: str) -> None:
    host.write(pki.ca_key, content)
    before = {path: path.read_bytes() for path in pki.files}
    with pytest.raises(ConfigurationError, match=words) as refused:
        pki.provide(host, SUBJECT, SCOPE, NOW + timedelta(days=1000))
    assert str(pki.ca_key) in str(refused.value)
    assert {path: path.read_bytes() for path in pki.files} == before


def test_an_authority_with_a_strangers_key_stops_everything(pki: Pki, host) -> None:
    host.write(pki.ca_key, new_key())
    with pytest.raises(ConfigurationError, match=r"is not the key of .*ca\.pem; move both away"):
        pki.provide(host, SUBJECT, SCOPE, NOW)


def test_a_key_that_others_could_read_is_no_longer_used(pki: Pki, host) -> None:
    pki.leaf.chmod(0o640)
    with pytest.raises(ConfigurationError, match=r"mode 640.*chmod 600"):
        pki.provide(host, SUBJECT, SCOPE, NOW)


def test_a_key_that_is_a_link_is_not_followed(pki: Pki, host, tmp_path: Path) -> None:
    pki.leaf.rename(tmp_path / "elsewhere")
    pki.leaf.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="is not a regular file"):
        pki.provide(host, SUBJECT, SCOPE, NOW)


def test_a_certificate_of_ones_own_is_stored_without_what_an_editor_left_around_it(pki: Pki, host) -> None:
    brought = CA.create("example.org", SCOPE, new_key(), NOW).issue(SUBJECT, NOW)
    told = pki.install(host, b"Bag Attributes\n" + brought.certificate, b"# mine\n" + brought.key, SUBJECT, NOW)
    assert told == []
    assert pki.leaf.read_bytes() == brought.pem
    assert stat.S_IMODE(pki.leaf.stat().st_mode) == 0o600


def test_a_certificate_of_ones_own_that_lacks_a_name_is_stored_and_told(pki: Pki, host) -> None:
    fewer = Subject(SUBJECT.names[:1], SUBJECT.addresses)
    brought = CA.create("example.org", SCOPE, new_key(), NOW).issue(fewer, NOW)
    (told,) = pki.install(host, brought.certificate, brought.key, SUBJECT, NOW)
    assert told.startswith(f"The certificate is not for {', '.join(SUBJECT.names[1:])}")


@pytest.mark.parametrize("fault", ["another key", "expired", "no certificate", "empty"])
def test_a_certificate_of_ones_own_that_browsers_would_refuse_leaves_what_was_served(pki: Pki, host, fault) -> None:
    authority = CA.create("example.org", SCOPE, new_key(), NOW - timedelta(days=200))
    good, old = authority.issue(SUBJECT, NOW), authority.issue(SUBJECT, NOW - timedelta(days=150))
    certificate, key, words = {
        "another key": (good.certificate, new_key(), "does not fit its key"),
        "expired": (old.certificate, old.key, "expired on"),
        "no certificate": (b"hello", good.key, "could not be read"),
        "empty": (b"", good.key, "is empty"),
    }[fault]
    before = pki.leaf.read_bytes()
    with pytest.raises(ConfigurationError, match=words) as caught:
        pki.install(host, certificate, key, SUBJECT, NOW)
    assert "PRIVATE" not in str(caught.value)
    assert pki.leaf.read_bytes() == before


# Root's file, which a group may read; an ordinary user's own.
SHARED = 0o640 if os.geteuid() == 0 else 0o600


@pytest.fixture
def shared(tmp_path: Path, host) -> Pki:
    """As where root keeps the keys and a group may read the server's."""
    host.make_private_dir(tmp_path / "shared")
    made = Pki(tmp_path / "shared", reader=Owner(os.geteuid(), os.getegid()))
    made.provide(host, SUBJECT, SCOPE, NOW)
    return made


def test_where_a_group_reads_the_servers_key_nobody_else_does_and_the_authoritys_stays_private(shared: Pki) -> None:
    assert stat.S_IMODE(shared.leaf.stat().st_mode) == SHARED
    assert stat.S_IMODE(shared.ca_key.stat().st_mode) == 0o600
    assert stat.S_IMODE(shared.authority.stat().st_mode) == 0o700


def test_a_key_that_its_group_may_read_is_kept_and_one_that_all_could_read_is_replaced(shared: Pki, host) -> None:
    before = shared.leaf.read_bytes()
    assert shared.provide(host, SUBJECT, SCOPE, NOW) == []
    assert shared.leaf.read_bytes() == before
    for mode in (0o644, 0o660):
        shared.leaf.chmod(mode)
        assert shared.renew(host, SUBJECT, NOW) != []
        assert shared.leaf.read_bytes() != before
        assert stat.S_IMODE(shared.leaf.stat().st_mode) == SHARED
