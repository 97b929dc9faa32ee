"""A figure of a history in a page: any window at any width, measured, exported. Recorded runs and scopes share it."""

from __future__ import annotations

import itertools
import math
import secrets
from collections.abc import Iterator
from html import escape
from typing import Any

import traitlets

from labkit.comms import serve_while_busy
from labkit.frontend import front_end
from labkit.history import History, Lane
from labkit.link.comm import Linked
from labkit.link.serving import serving
from labkit.scope.colours import colour_of, set_colour
from labkit.scope.desk import Desk, ViewKey, bokeh_version
from labkit.scope.encoding import encode_columns, encode_points
from labkit.scope.export import csv_pieces
from labkit.scope.measuring import measure
from labkit.still import Still

__all__ = ["Plot", "desk"]

# More than that in a window is drawn as columns; each may be pointed at.
POINTS = 4000
MOST_PIXELS = 8192
MOST_MARKS = 1000
PIECES = 16  # of CSV in one message: some 20 kB each
NS_PER_S = 1_000_000_000

_desk: Desk | None = None


def desk() -> Desk:
    """The process's one."""
    global _desk
    if _desk is None:
        _desk = Desk(serving()[0])
    return _desk


class Plot(Still, Linked):
    """Shown in any number of cells and browsers. What a page is told goes over the link, not through traits.

    Traits:
        plot: What pages call this plot.
        bokeh: Which version of BokehJS draws it.
    """

    _esm = front_end("scope.js")
    _css = front_end("scope.css")
    plot = traitlets.Unicode().tag(sync=True)
    bokeh = traitlets.Unicode().tag(sync=True)

    def __init__(self, history: History, title: str = "") -> None:
        self.history = history
        self.title = title
        self._exports: dict[tuple[ViewKey, int], Iterator[tuple[str, float]]] = {}
        self._desk = desk()
        super().__init__(plot=secrets.token_hex(4), bokeh=bokeh_version())
        serve_while_busy(self)
        self._desk.add(self.plot, self)

    def close(self) -> None:
        """Close every view."""
        self._desk.remove(self.plot)
        self._exports.clear()
        super().close()

    def still(self) -> str:
        """What was plotted."""
        names = ", ".join(lane.name for lane in self.history.lanes)
        return f"{escape(self.title or 'Plot')}: {escape(names) or 'nothing yet'}"

    @property
    def layout(self) -> int:
        """Which arrangement of lanes: pages don't understand what is about another one."""
        return 1

    def lanes(self) -> list[dict[str, Any]]:
        """The lanes as pages take them."""
        names = [lane.name for lane in self.history.lanes]
        return [self._lane(lane, names) for lane in self.history.lanes]

    def setup(self) -> dict[str, Any]:
        """What a new view has to know."""
        begin_ns, end_ns = self.history.span_ns
        return {
            "type": "setup", "layout": self.layout, "live": False, "title": self.title, "lanes": self.lanes(),
            "begin": begin_ns, "end": end_ns, "zero": self.history.zero_ns,
            "marks": self.history.marks[-MOST_MARKS:],
        }  # fmt: skip

    def hear(self, view: ViewKey, message: dict[str, Any]) -> None:
        """Answer a view; what is nonsense is answered with why, and changes nothing."""
        try:
            self._answer(view, message["type"], message)
        except (KeyError, TypeError, ValueError, LookupError) as error:
            self._desk.send(view, {"type": "refused", "why": _sentence(error)})

    def forget(self, page: str) -> None:
        """Let go of what a page that is gone had asked for."""
        for key in [key for key in self._exports if key[0][0] == page]:
            del self._exports[key]

    def _answer(self, view: ViewKey, kind: str, message: dict[str, Any]) -> None:
        match kind:
            case "hello":
                self._desk.send(view, self.setup())
            case "window":
                self._later(view, kind, lambda: self._send_window(view, message))
            case "measure":
                self._later(view, kind, lambda: self._send_measures(view, message))
            case "export":
                self._later(view, kind, lambda: self._send_export(view, message))
            case "colour":
                self._colour(message)
                self._tell_setup(view)
            case _:
                raise ValueError(f"a plot knows nothing of {kind!r}")

    def _later(self, view: ViewKey, kind: str, errand: Any) -> None:
        def run() -> None:
            try:
                errand()
            except (KeyError, TypeError, ValueError, LookupError) as error:
                self._desk.send(view, {"type": "refused", "why": _sentence(error)})

        self._desk.errands.put((self.plot, view, kind), run)

    def _send_window(self, view: ViewKey, message: dict[str, Any]) -> None:
        begin_ns, end_ns = _window(message)
        pixels = max(1, min(MOST_PIXELS, int(message["pixels"])))
        answer = {"type": "window", "layout": self.layout, "begin": begin_ns, "end": end_ns, "id": message.get("id")}
        lanes = self.history.lanes
        points = self.history.points(begin_ns, end_ns, POINTS)
        _, newest_ns = self.history.span_ns
        if points is not None:
            buffers = [part for lane in lanes for part in encode_points(points[lane.number], begin_ns)]
            before = [_known(points[lane.number].before) for lane in lanes]
            self._desk.send(view, {**answer, "before": before, "until": newest_ns}, buffers)
            return
        pixels = max(1, min(pixels, end_ns - begin_ns))
        columns = self.history.columns(begin_ns, end_ns, pixels)
        buffer = encode_columns(lanes, [columns[lane.number] for lane in lanes])
        self._desk.send(view, {**answer, "columns": pixels, "until": newest_ns}, [buffer])

    def _send_measures(self, view: ViewKey, message: dict[str, Any]) -> None:
        begin_ns, end_ns = _window(message)
        found = measure(self.history, begin_ns, end_ns)
        told = {"type": "measures", "layout": self.layout, "begin": begin_ns, "end": end_ns, "id": message.get("id")}
        self._desk.send(view, {**told, "lanes": [found[lane.number].told() for lane in self.history.lanes]})

    def _send_export(self, view: ViewKey, message: dict[str, Any]) -> None:
        """One piece at a time, as the page takes them: nothing piles up, whatever the window holds."""
        key = view, int(message["id"])
        if "begin" in message:
            self._exports = {other: pieces for other, pieces in self._exports.items() if other[0] != view}
            self._exports[key] = csv_pieces(self.history, *_window(message))
        pieces = self._exports.get(key)
        if pieces is None:
            return
        try:
            some = list(itertools.islice(pieces, PIECES))
        except LookupError:
            del self._exports[key]
            raise
        if not some:
            del self._exports[key]
        told = {"type": "export", "id": key[1], "done": some[-1][1] if some else 1.0, "last": not some}
        self._desk.send(view, told, ["".join(text for text, _ in some).encode()])

    def _colour(self, message: dict[str, Any]) -> None:
        lane = self.history.lanes[int(message["lane"])]
        set_colour(lane.name, str(message["colour"]))

    def _tell_setup(self, view: ViewKey) -> None:
        """Tell a view what it has changed; of others nobody keeps account here."""
        self._desk.send(view, self.setup())

    def _lane(self, lane: Lane, beside: list[str]) -> dict[str, Any]:
        return {
            "name": lane.name, "digital": lane.is_digital, "unit": lane.unit, "colour": colour_of(lane.name, beside),
        }  # fmt: skip


def _window(message: dict[str, Any]) -> tuple[int, int]:
    begin_ns, end_ns = int(message["begin"]), int(message["end"])
    if not 0 < end_ns - begin_ns < 1 << 62:
        raise ValueError("a window ends after it begins")
    return begin_ns, end_ns


def _known(level: float) -> float | None:
    # JSON has no "not a number".
    return None if math.isnan(level) else level


def _sentence(error: Exception) -> str:
    return f"{error.args[0] if error.args else error}" if not isinstance(error, KeyError) else f"{error} is missing"
