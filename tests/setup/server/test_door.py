"""Who gets a connection at all: machines of the networks that may connect, and this one."""

from ipaddress import ip_network

import pytest
from labkit_setup.server.app import _Door
from tornado.httpserver import HTTPServer


class Stream:
    """As much of a connection as the door looks at."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def served(monkeypatch) -> list[Stream]:
    """The connections that got as far as TLS."""
    passed: list[Stream] = []
    monkeypatch.setattr(HTTPServer, "handle_stream", lambda self, stream, address: passed.append(stream))
    return passed


@pytest.fixture
def door() -> _Door:
    made = _Door(lambda request: None)
    made.networks = (ip_network("192.168.1.0/24"), ip_network("fd00::/64"))
    return made


@pytest.mark.parametrize(
    ("address", "let_in"),
    [
        ("192.168.1.7", True),
        ("::ffff:192.168.1.7", True),
        ("fd00::7", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.2.7", False),
        ("::ffff:192.168.2.7", False),
        ("8.8.8.8", False),
        ("2001:db8::7", False),
        ("fe80::7%eth0", False),
        ("", False),
    ],
)
def test_a_stranger_is_hung_up_on_before_anything_is_said(door, served, address, let_in) -> None:
    stream = Stream()
    door.handle_stream(stream, (address, 50000))
    assert stream.closed is not let_in
    assert served == ([stream] if let_in else [])


def test_hanging_up_ends_every_connection_that_is_still_there(door, served) -> None:
    streams = [Stream() for _ in range(3)]
    for stream in streams:
        door.handle_stream(stream, ("192.168.1.7", 50000))
    gone = streams.pop()
    served.remove(gone)
    del gone
    door.hang_up()
    assert all(stream.closed for stream in streams)


def test_a_connection_that_ended_by_itself_is_not_kept_in_memory(door, served) -> None:
    for _ in range(100):
        door.handle_stream(Stream(), ("192.168.1.7", 50000))
    served.clear()
    assert len(door._streams) == 0
