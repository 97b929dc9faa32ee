"""Where the pages' messages about plots come in, and find the plot that they are about."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from labkit.link.hub import Channel, Departure, Hub
from labkit.scope.errands import Errands

__all__ = ["Desk", "ViewKey", "Viewed", "bokeh_file", "bokeh_version"]

ViewKey = tuple[str, str]
"""A page's id and a view's."""
PIECE = 1 << 15  # of BokehJS: what a page takes between two pings


class Viewed(Protocol):
    """A plot, to the desk."""

    def hear(self, view: ViewKey, message: dict[str, Any]) -> None:
        """A view of it said something; on the link's thread, so it must not take long."""
        ...

    def forget(self, page: str) -> None:
        """A page is gone."""
        ...


class Desk:
    """One for all plots of a process. Callable from any thread."""

    def __init__(self, hub: Hub) -> None:
        self.errands = Errands()
        self._plots: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()
        self._channel: Channel = hub.channel("scope")
        self._channel.open(self._receive, gone=self._gone)

    def add(self, name: str, plot: Viewed) -> None:
        """Hand on what is said to a plot of that name, for as long as there is one."""
        self._plots[name] = plot

    def remove(self, name: str) -> None:
        """The plot was closed."""
        self._plots.pop(name, None)

    def send(self, view: ViewKey, message: Any, buffers: Sequence[Any] = ()) -> bool:
        """To one view; False where its page is gone."""
        return self._channel.send(view[0], view[1], message, buffers)

    def is_cheap(self, page: str) -> bool:
        """Whether the page came by the server's extension: elsewhere every message is dear."""
        return self._channel.is_watched(page)

    def _receive(self, page: str, view: str, message: Any, _buffers: Sequence[Any]) -> None:
        match message:
            case {"type": "bokehjs"}:
                self.errands.put((page, "bokehjs"), lambda: self._send_bokehjs((page, view)))
            case {"plot": str(name), "type": str()}:
                plot = self._plots.get(name)
                if plot is None:
                    self.send((page, view), {"type": "gone"})
                else:
                    plot.hear((page, view), message)

    def _gone(self, page: str, _departure: Departure) -> None:
        for plot in list(self._plots.values()):
            plot.forget(page)

    def _send_bokehjs(self, view: ViewKey) -> None:
        code = bokeh_file().read_bytes()
        for start in range(0, len(code), PIECE):
            piece = code[start : start + PIECE]
            if not self.send(view, {"type": "bokehjs", "at": start, "of": len(code)}, [piece]):
                return


def bokeh_version() -> str:
    """The installed Bokeh's. Bokeh itself is never imported: it costs a small machine seconds and 35 MB."""
    return version("bokeh")


def bokeh_file() -> Path:
    """Its front end."""
    spec = find_spec("bokeh")
    folders = (spec.submodule_search_locations or []) if spec is not None else []
    return next(Path(folder, "server", "static", "js", "bokeh.min.js") for folder in folders)
