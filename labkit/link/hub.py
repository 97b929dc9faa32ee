"""Where all pages of a kernel come together, whatever way they came by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from labkit.clock import report_errors

__all__ = ["Channel", "Departure", "Hub", "Link", "Page"]


class Link(Protocol):
    """One way to one page. Callable from any thread; none of it waits for the page."""

    is_watched: bool
    """Whether the end of the page is told within two seconds, without the page's help."""

    def send(self, channel: str, view: str, message: Any, buffers: Sequence[Any]) -> bool:
        """Send a frame; False where the page is gone or does not keep up, and so will be gone."""
        ...

    def close(self) -> None:
        """Let go of the page."""
        ...


@dataclass(frozen=True)
class Page:
    """A page in a browser that shows something of this kernel: several views, one page."""

    id: str
    link: Link


@dataclass(frozen=True)
class Departure:
    """Why a page is gone.

    Attributes:
        reason: `"closed"`, `"no pong"` (suspended, unplugged, out of reach), `"too slow"`, `"the server ended"`.
        silent_s: For how long nothing had been heard of it by then.
    """

    reason: str
    silent_s: float = 0.0


Receive = Callable[[str, str, Any, Sequence[Any]], None]


def _ignore(*_: Any) -> None:
    """What a channel does that does not care."""


class Channel:
    """One thing's end of the link, from `Hub.channel`; `open` begins. Callable from any thread."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.name = name
        self.receive: Receive = _ignore
        self.came: Callable[[str], None] = _ignore
        self.gone: Callable[[str, Departure], None] = _ignore
        self._hub = hub

    def open(
        self,
        receive: Receive,
        came: Callable[[str], None] = _ignore,
        gone: Callable[[str, Departure], None] = _ignore,
    ) -> None:
        """Take part from now on; whoever had the name before is dropped.

        Args:
            receive: Called with page id, view id, message and buffers.
            came: Called with a page's id when it is there, now for those that are; and again each time it
                found another way (after a cut, or from the comm to the socket): what it was sent before may be lost.
            gone: Called with a page's id and why. It may come back.
        """
        self.receive, self.came, self.gone = receive, came, gone
        self._hub.add(self)

    def send(self, page_id: str, view_id: str, message: Any, buffers: Sequence[Any] = ()) -> bool:
        """To one view of a page, or with `""` to all of its views; False where the page is not there.

        Frames of one thread arrive in their order. Keep them below 64 kB: a ping waits behind them.
        """
        page = self._hub.page(page_id)
        return page is not None and page.link.send(self.name, view_id, message, buffers)

    def is_watched(self, page_id: str) -> bool:
        """Whether the page came by the server's extension: its end is told, and messages are cheap."""
        page = self._hub.page(page_id)
        return page is not None and page.link.is_watched

    def broadcast(self, message: Any, buffers: Sequence[Any] = ()) -> None:
        """To every view of every page."""
        for page in self._hub.pages():
            page.link.send(self.name, "", message, buffers)

    def close(self) -> None:
        """Receive no more."""
        self._hub.drop(self)


class Hub:
    """Knows the pages, and hands what they say to the channel it is for. Safe from any thread.

    Handlers run on the thread that the frame came by: the hub's own for pages that came by the server's
    extension, a subshell's for the others. So they must not wait, and must not count on the cell's thread. One
    that raises is reported and harms nothing else.
    """

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._pages: dict[str, Page] = {}
        self._lock = threading.Lock()

    def channel(self, name: str) -> Channel:
        """A channel under the name that pages send to, `link.send("stop", …)`; see `Channel.open`."""
        return Channel(self, name)

    def add(self, channel: Channel) -> None:
        """Hand a channel what is for it."""
        with self._lock:
            self._channels[channel.name] = channel
        for page in self.pages():
            report_errors(partial(channel.came, page.id))

    def drop(self, channel: Channel) -> None:
        """End a channel."""
        with self._lock:
            if self._channels.get(channel.name) is channel:
                del self._channels[channel.name]

    def pages(self) -> list[Page]:
        """The pages that are there now."""
        with self._lock:
            return list(self._pages.values())

    def page(self, page_id: str) -> Page | None:
        """A page, while it is there."""
        return self._pages.get(page_id)

    def page_came(self, page_id: str, link: Link) -> None:
        """A page is there, by this link from now on."""
        with self._lock:
            before, self._pages[page_id] = self._pages.get(page_id), Page(page_id, link)
            channels = list(self._channels.values())
        if before is not None and before.link is not link:
            before.link.close()
        for channel in channels:
            report_errors(partial(channel.came, page_id))

    def page_gone(self, page_id: str, link: Link, departure: Departure) -> None:
        """That link has ended; the page may long have another."""
        with self._lock:
            page = self._pages.get(page_id)
            if page is None or page.link is not link:
                return
            del self._pages[page_id]
            channels = list(self._channels.values())
        for channel in channels:
            report_errors(partial(channel.gone, page_id, departure))

    def received(self, page_id: str, link: Link, channel: str, view: str, message: Any, buffers: Sequence[Any]) -> None:
        """A page said something."""
        found = self._channels.get(channel)
        if found is None:
            link.send("link", view, {"type": "no channel", "channel": channel}, ())
        else:
            report_errors(partial(found.receive, page_id, view, message, buffers))
