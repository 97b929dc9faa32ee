"""Who is answered: by the name that a request asks for, and by the network that it comes from."""

from ipaddress import ip_address, ip_network

import pytest
from labkit_setup.server.hosts import HostGate, host_of, may_connect
from tornado.httputil import HTTPHeaders

LAN = (ip_network("192.168.1.0/24"), ip_network("fd00:1::/64"))
NAMES = {"pi.local", "pi", ip_address("192.168.1.50"), ip_address("fd00:1::50")}


def gate() -> HostGate:
    return HostGate(object(), NAMES.__contains__, lambda name, value: (name, value) == ("username-pi", "signed"))


@pytest.mark.parametrize(
    "host",
    [
        "pi.local", "pi.local:8443", "PI.local.:8443", "pi", "192.168.1.50:8443", "[fd00:1::50]:8443", "[fd00:1:0::50]",
        "localhost:8443", "127.0.0.1:8443", "[::1]:8443",
    ],
)  # fmt: skip
def test_requests_for_this_host_are_admitted(host: str) -> None:
    assert gate().admits(HTTPHeaders({"Host": host}))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com", "pi.local.evil.com", "xpi.local", "192.168.1.51", "[fd00:1::51]", "", ":8443", "[", "[]",
        "pi.local:8443:1", "fd00:1::50", "[::1]evil.com", "pi.local@evil.com", "2130706433", "0x7f000001", "0.0.0.0",
    ],
)  # fmt: skip
def test_requests_for_another_host_are_not(host: str) -> None:
    assert not gate().admits(HTTPHeaders({"Host": host}))


def test_a_request_that_names_no_host_or_two_is_not_admitted() -> None:
    two = HTTPHeaders()
    two.add("Host", "pi.local")
    two.add("Host", "evil.example.com")
    assert not gate().admits(two)
    assert not gate().admits(HTTPHeaders())


@pytest.mark.parametrize(
    ("cookie", "stranger"),
    [
        (None, True),
        ("username-pi=signed", False),
        ("_xsrf=2|x; username-pi=signed", False),
        ("username-pi=forged", True),
        ("other=signed", True),
        ("=;;\x01", True),
    ],
)
def test_who_is_logged_in_is_told_by_a_signed_cookie(cookie: str | None, stranger: bool) -> None:
    assert gate().is_stranger(HTTPHeaders({} if cookie is None else {"Cookie": cookie})) is stranger


@pytest.mark.parametrize(
    ("peer", "accepted"),
    [
        ("192.168.1.7", True),
        ("::ffff:192.168.1.7", True),
        ("fd00:1::7", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.2.7", False),
        ("8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("2001:db8::1", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("somewhere", False),
    ],
)
def test_connections_come_from_the_given_networks_or_from_this_machine(peer: str, accepted: bool) -> None:
    assert may_connect(peer, LAN) is accepted


def test_without_networks_only_this_machine_connects() -> None:
    assert may_connect("127.0.0.2", ())
    assert not may_connect("192.168.1.7", ())


def test_a_host_is_a_name_or_an_address() -> None:
    assert host_of("Pi.Local:1") == "pi.local"
    assert host_of("[::1]:1") == ip_address("::1")
    assert host_of("") is None
