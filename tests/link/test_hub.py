"""The kernel's end, with a connection such as the server's extension makes."""

from __future__ import annotations

import os
import queue
import stat
import threading
from types import SimpleNamespace

import pytest

from labkit.link.hub import Departure, Hub
from labkit.link.listener import MAX_WAITING, Listener, listen
from labkit.link.wire import MAX_FROM_PAGE, PREFIX, Speaker


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def listener(hub, runtime):
    made = Listener(hub, "kernel-1")
    yield made
    made.close()


@pytest.fixture
def events(hub):
    """What reaches the channel `probe`, which echoes."""
    found = queue.Queue()

    def receive(page, view, message, buffers):
        found.put(("said", page, view, message, [bytes(part) for part in buffers]))
        hub_channel.send(page, view, message, buffers)

    hub_channel = hub.channel("probe")
    hub_channel.open(
        receive, came=lambda page: found.put(("came", page)), gone=lambda page, why: found.put((page, why))
    )
    return SimpleNamespace(next=lambda: found.get(timeout=30), channel=hub_channel, is_empty=found.empty)


def test_the_socket_is_its_users_alone(listener):
    assert stat.S_IMODE(listener.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(listener.path.parent.stat().st_mode) == 0o700


def test_a_page_is_welcomed_and_answered(listener, events, connect):
    page = connect(listener.path)
    assert page.hear() == ("link", "", {"type": "welcome"}, [])
    assert events.next() == ("came", "page0001")
    big = os.urandom(MAX_FROM_PAGE - 100)
    page.say("probe", {"n": 1}, [b"abc", big])
    assert events.next() == ("said", "page0001", "v", {"n": 1}, [b"abc", big])
    assert page.hear() == ("probe", "v", {"n": 1}, [b"abc", big])
    page.close()
    assert events.next() == ("page0001", Departure("the server ended"))


def test_the_server_tells_why_a_page_is_gone(listener, events, connect):
    page = connect(listener.path)
    assert events.next()[0] == "came"
    page.tell({"type": "gone", "reason": "no pong", "silent_s": 1.5})
    assert events.next() == ("page0001", Departure("no pong", 1.5))
    assert events.channel.send("page0001", "", {}) is False
    assert events.is_empty()


def test_a_page_that_comes_again_is_not_gone(listener, events, connect):
    first = connect(listener.path)
    assert events.next() == ("came", "page0001")
    second = connect(listener.path)
    assert events.next() == ("came", "page0001")
    first.hear()
    with pytest.raises(EOFError):
        first.hear()
    second.hear()
    assert events.channel.send("page0001", "", {"to": "the second"})
    assert second.hear()[2] == {"to": "the second"}
    second.close()
    assert events.next()[0] == "page0001"


def test_two_pages_hear_what_is_for_them(listener, events, connect):
    pages = {name: connect(listener.path, name) for name in ("page000a", "page000b")}
    assert {events.next()[1], events.next()[1]} == set(pages)
    events.channel.broadcast({"for": "all"})
    events.channel.send("page000b", "", {"for": "b"})
    for page in pages.values():
        page.hear()
        assert page.hear()[2] == {"for": "all"}
    assert pages["page000b"].hear()[2] == {"for": "b"}
    for page in pages.values():
        page.close()


def test_a_handler_that_raises_harms_nothing_else(listener, hub, events, monkeypatch, connect):
    told = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", lambda what: told.put(str(what.exc_value)))
    hub.channel("bad").open(lambda *_: 1 / 0)
    page = connect(listener.path)
    assert events.next()[0] == "came"
    page.say("bad", None)
    page.say("probe", "still here")
    assert told.get(timeout=30) == "division by zero"
    assert events.next()[3] == "still here"
    page.close()


def test_who_asks_for_a_channel_that_is_not_there_is_told(listener, hub, connect):
    page = connect(listener.path)
    page.hear()
    page.say("nobody", None)
    assert page.hear() == ("link", "v", {"type": "no channel", "channel": "nobody"}, [])
    page.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        PREFIX.pack(MAX_FROM_PAGE + 1, Speaker.PAGE),
        PREFIX.pack(2, Speaker.PAGE) + b"no",
        PREFIX.pack(4, Speaker.SERVER) + b"null",
        PREFIX.pack(2, Speaker.SERVER) + b"{}",
        PREFIX.pack(0, Speaker.PAGE),
    ],
    ids=["too long", "no frame", "no object", "no type", "empty"],
)
def test_nonsense_ends_that_connection_alone(listener, events, nonsense, connect):
    bad, good = connect(listener.path, "page000b"), connect(listener.path, "page000g")
    assert {events.next()[1], events.next()[1]} == {"page000b", "page000g"}
    bad.socket.sendall(nonsense)
    bad.hear()
    with pytest.raises((EOFError, ConnectionResetError)):
        bad.hear()
    assert events.next()[0] == "page000b"
    good.say("probe", "fine")
    assert events.next()[3] == "fine"
    good.close()


def test_a_page_that_takes_nothing_is_let_go_before_it_fills_the_memory(listener, events, connect):
    page = connect(listener.path)
    assert events.next()[0] == "came"
    sent, block = 0, bytes(50_000)
    while events.channel.send("page0001", "", None, [block]):
        sent += len(block)
        assert sent < MAX_WAITING + (8 << 20), "nothing bounds what waits"
    assert events.next() == ("page0001", Departure("too slow"))
    page.close()


def test_many_threads_may_send_to_one_page(listener, events, connect):
    page = connect(listener.path)
    assert events.next()[0] == "came"

    def speak(number: int) -> None:
        for count in range(200):
            events.channel.send("page0001", "", [number, count], [bytes(500)])

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    page.hear()
    heard = [page.hear()[2] for _ in range(800)]
    for thread in threads:
        thread.join()
    assert all([count for who, count in heard if who == number] == list(range(200)) for number in range(4))
    page.close()


def test_a_forked_child_lets_go_of_the_pages(listener, events, connect):
    page = connect(listener.path)
    assert events.next()[0] == "came"
    page.hear()
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"1")
        os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    listener.close()
    with pytest.raises(EOFError):
        page.hear()
    os.write(go[1], b"1")
    os.waitpid(child, 0)
    for end in (*ready, *go):
        os.close(end)


def test_a_socket_left_by_a_killed_kernel_is_replaced(hub, runtime, connect):
    runtime.mkdir(mode=0o700)
    (runtime / "kernel-1.link").write_text("")
    made = Listener(hub, "kernel-1")
    connect(made.path).close()
    made.close()
    assert not made.path.exists()


def test_where_no_socket_can_be_had_there_is_none(hub, runtime, monkeypatch, tmp_path):
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    assert listen(hub, "kernel-1") is None
