"""Widgets as the way, where the server has no extension."""

from __future__ import annotations

import queue
from typing import ClassVar

import pytest

from labkit.link.comm import Linked
from labkit.link.hub import Departure
from labkit.link.serving import serving


class Probe(Linked):
    _esm = "export default {}"


@pytest.fixture
def linked(runtime, monkeypatch):
    """A widget whose messages to the page are kept, and what its channel was told."""
    widget, happened, sent = Probe(), queue.Queue(), []
    monkeypatch.setattr(widget, "send", lambda message, buffers: sent.append((message["link"], buffers)))
    channel = serving()[0].channel("probe")
    channel.open(
        lambda page, view, message, buffers: happened.put((page, view, message, list(buffers))),
        came=lambda page: happened.put(("came", page)), gone=lambda page, why: happened.put((page, why)),
    )  # fmt: skip
    yield widget, channel, happened, sent
    channel.close()
    widget.close()


def say(widget, *link, buffers=()):
    widget._from_page(widget, {"link": list(link)}, list(buffers))


def test_a_page_comes_with_its_first_message_and_goes_when_it_says_so(linked):
    widget, channel, happened, sent = linked
    say(widget, "page0001", "probe", "v", {"n": 1}, buffers=[b"abc"])
    assert happened.get_nowait() == ("came", "page0001")
    assert happened.get_nowait() == ("page0001", "v", {"n": 1}, [b"abc"])
    assert channel.send("page0001", "v", {"n": 2}, [memoryview(b"de")])
    assert sent == [(["page0001", "probe", "v", {"n": 2}], [b"de"])]
    say(widget, "page0001", "link", "v", {"type": "bye"})
    assert happened.get_nowait() == ("page0001", Departure("closed"))
    assert not channel.send("page0001", "v", {})


def test_a_socket_is_the_better_way_and_is_kept(linked):
    widget, channel, happened, sent = linked
    say(widget, "page0001", "probe", "v", 1)

    class Socket:
        is_watched = True
        said: ClassVar = []

        def send(self, *frame):
            self.said.append(frame)
            return True

        def close(self):
            pass

    hub, socket = serving()[0], Socket()
    hub.page_came("page0001", socket)
    # Still under way when the socket opened.
    say(widget, "page0001", "probe", "v", 2)
    channel.send("page0001", "v", "by the socket")
    assert [frame[2] for frame in socket.said] == ["by the socket"]
    assert sent == []
    hub.page_gone("page0001", socket, Departure("no pong"))
    assert [happened.get_nowait() for _ in range(5)][-1] == ("page0001", Departure("no pong"))


def test_with_its_widget_a_page_that_came_by_it_is_gone(linked):
    widget, _, happened, _ = linked
    say(widget, "page0001", "probe", "v", 1)
    widget.close()
    assert [happened.get_nowait() for _ in range(3)][-1] == ("page0001", Departure("closed"))


@pytest.mark.parametrize(
    "message", [{}, {"link": 1}, {"link": ["page0001", "probe", "v"]}, {"link": ["../", "p", "v", 1]}, []]
)
def test_other_messages_are_none_of_ours(linked, message):
    widget, _, happened, _ = linked
    widget._from_page(widget, message, [])
    assert happened.empty()
