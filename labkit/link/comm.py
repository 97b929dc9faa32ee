"""Widgets that speak over the link; and their own comm as the way, where the server's extension is absent."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from labkit.link.hub import Departure, Hub
from labkit.link.serving import serving

__all__ = ["Linked"]

LONGEST = 64
PAGE = re.compile(r"[a-z0-9]{8,64}")


class Linked(anywidget.AnyWidget):
    """A widget whose front end calls `connect(model)` of `static/link.js`, or `watchWaiting` of `static/waiting.js`.

    Traits:
        link_kernel: Which kernel's socket the page asks the server for; empty where there is none.
    """

    link_kernel = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._hub, kernel = serving()
        self._comm_links: dict[str, _CommLink] = {}
        self._comm_lock = threading.Lock()
        super().__init__(link_kernel=kernel, **traits)
        self.on_msg(self._from_page)

    def close(self) -> None:
        """End the comm, and with it the pages that came by it."""
        links, self._comm_links = list(self._comm_links.values()), {}
        super().close()
        for link in links:
            link.leave(Departure("closed"))

    def _from_page(self, _widget: Any, message: Any, buffers: Any) -> None:
        match message:
            case {"ping": str(view)}:
                # Answered in the order of what was sent by comms: all before it has been served.
                self.send({"pong": view[:LONGEST]})
            case {"link": [str(page), str(channel), str(view), said]} if PAGE.fullmatch(page):
                with self._comm_lock:
                    link = self._comm_links.setdefault(page, _CommLink(self, self._hub, page))
                link.receive(channel, view, said, buffers or ())


class _CommLink:
    """One page, by a widget's custom messages. It may go without a word: nothing watches it."""

    is_watched = False

    def __init__(self, widget: Linked, hub: Hub, page: str) -> None:
        self._widget = widget
        self._hub = hub
        self._page = page

    def send(self, channel: str, view: str, message: Any, buffers: Sequence[Any] = ()) -> bool:
        if self._widget.comm is None:
            return False
        self._widget.send({"link": [self._page, channel, view, message]}, [bytes(buffer) for buffer in buffers])
        return True

    def close(self) -> None:
        # The comm is the widget's, and stays.
        self._widget._comm_links.pop(self._page, None)

    def leave(self, departure: Departure) -> None:
        self._hub.page_gone(self._page, self, departure)

    def receive(self, channel: str, view: str, message: Any, buffers: Sequence[Any]) -> None:
        if channel == "link":
            # The page says itself that it goes: nobody else would.
            self.close()
            self.leave(Departure("closed"))
            return
        page = self._hub.page(self._page)
        # A message that was under way while the page found its socket is no reason to go back.
        if page is None or not (page.link is self or page.link.is_watched):
            self._hub.page_came(self._page, self)
        self._hub.received(self._page, self, channel, view, message, buffers)
