"""The live plot: digital lanes over the last seconds, drawn by Bokeh in the page.

The bench's view thread sends each view the edges it has not seen, as one binary frame, and waits
for the view to acknowledge what it has painted: a slow browser gets fewer frames, never a backlog.
"""

from __future__ import annotations

import array
import itertools
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from labkit.bench import Bench
from labkit.comms import serve_while_busy
from labkit.pieces import pins_of
from labkit.trace import Edge

__all__ = ["Scope", "scope"]

NS_PER_S = 1_000_000_000
CREDIT = 3  # frames a view may owe an acknowledgement for
KEPT = 65_536  # edges; about 6 MB
# Okabe and Ito's colours, which colour-blind people tell apart, on light and dark ground.
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#b2a800", "#999999")


@dataclass
class _View:
    """What one view in one browser has seen."""

    seen: int = 0
    owed: int = 0


class Scope(anywidget.AnyWidget):
    """Lanes of digital levels against lab time; PWM shows as the height of its duty cycle.

    Shown in any number of cells and browsers, each at its own pace. Closing a device ends its lane.
    """

    _esm = Path(__file__).parent / "static" / "scope.js"
    figure = traitlets.Dict().tag(sync=True)
    channels: traitlets.List[str] = traitlets.List().tag(sync=True)
    window = traitlets.Float().tag(sync=True)
    bokeh_version = traitlets.Unicode().tag(sync=True)

    def __init__(self, bench: Bench, channels: list[tuple[str, str]], window: float) -> None:
        """Show pins, given as (pin, label) from the top lane down, over window seconds."""
        # Here and not above: Bokeh costs a slow machine seconds, and is needed at the first plot only.
        import bokeh

        self._bench = bench
        self._lane = {pin: lane for lane, (pin, _) in enumerate(channels)}
        self._edges: deque[tuple[int, int, int, float]] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._total = 0
        self._views: dict[str, _View] = {}
        self._lock = threading.Lock()
        self._unsubscribe = bench.tap.subscribe(self._record)
        self._unwatch = bench.watch([pin for pin, _ in channels], self._send_frames)
        now_ns = bench.clock.now_ns()
        for pin in self._lane:
            self._record(Edge(pin, now_ns, 0, float(bench.factory.pin(pin).state)))
        super().__init__(
            figure=_figure([label for _, label in channels], window),
            channels=[label for _, label in channels],
            window=window,
            bokeh_version=bokeh.__version__,
        )
        serve_while_busy(self)
        self.on_msg(self._receive)

    def close(self) -> None:
        """Stop recording and close every view."""
        self._unsubscribe()
        self._unwatch()
        super().close()

    def _record(self, edge: Edge) -> None:
        lane = self._lane.get(edge.pin)
        if lane is not None:
            with self._lock:
                self._total = next(self._numbers)
                self._edges.append((self._total, edge.timestamp_ns, lane, edge.level))

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        kind, view_id = message.get("type"), str(message.get("view"))
        if kind == "bokehjs":
            self.send({"type": "bokehjs", "to": view_id}, [_bokehjs()])
        elif kind == "bye":
            self._views.pop(view_id, None)
        elif kind in ("hello", "painted"):
            view = self._views.setdefault(view_id, _View())
            view.owed = 0 if kind == "hello" else max(0, view.owed - 1)
            if kind == "hello":
                view.seen = 0
            self._send_frame(view_id, view)

    def _send_frames(self) -> None:
        for view_id, view in list(self._views.items()):
            self._send_frame(view_id, view)

    def _send_frame(self, view_id: str, view: _View) -> None:
        if view.owed >= CREDIT:
            return
        with self._lock:
            fresh = list(itertools.takewhile(lambda edge: edge[0] > view.seen, reversed(self._edges)))
            first, view.seen = view.seen == 0, self._total
        if not fresh and not first:
            return
        fresh.reverse()
        view.owed += 1
        times = array.array("d", (timestamp_ns / NS_PER_S for _, timestamp_ns, _, _ in fresh))
        lanes = array.array("B", (lane for _, _, lane, _ in fresh))
        levels = array.array("f", (level for _, _, _, level in fresh))
        head = {"type": "edges", "to": view_id, "now": self._bench.clock.now_ns() / NS_PER_S, "first": first}
        self.send(head, [times.tobytes(), lanes.tobytes(), levels.tobytes()])


def scope(bench: Bench, devices: tuple[Any, ...], window: float) -> Scope:
    """A live plot of the devices' pins; running the same cell again closes the one it made before."""
    if not window > 0:
        raise ValueError(f"a window of {window!r} seconds shows nothing: give more than 0")
    channels = []
    for device in devices or tuple(bench.devices):
        pins = sorted(pins_of(device), key=lambda pin: (len(pin), pin))
        if not pins:
            raise ValueError(f"{device!r} sits on no pin (or is closed), so there is nothing to plot")
        name = bench.name_of(device)
        channels += [(pin, name if len(pins) == 1 else f"{name} {pin}") for pin in pins]
    if not channels:
        raise ValueError("There is no device yet: make one first, such as red = LED(17).")
    new = Scope(bench, list(dict.fromkeys(channels)), window)
    bench.keep(new)
    return new


def _figure(labels: list[str], window: float) -> dict[str, Any]:
    """Bokeh's description of the plot; the page fills in the data."""
    from bokeh.embed import json_item
    from bokeh.models import ColumnDataSource, CustomJSHover, HoverTool, Range1d
    from bokeh.plotting import figure

    lanes = len(labels)
    plot = figure(
        height=70 + 46 * lanes,
        sizing_mode="stretch_width",
        x_range=Range1d(-window, 0),
        y_range=Range1d(-0.15, lanes),
        tools="xpan,xwheel_zoom,box_zoom,reset,save",
        toolbar_location="above",
        x_axis_label="lab time (s)",
        background_fill_alpha=0,
        border_fill_alpha=0,
        output_backend="canvas",
        name="plot",
        min_border_right=12,
    )
    plot.toolbar.logo = None
    plot.xgrid.grid_line_alpha = plot.ygrid.grid_line_alpha = 0.25
    plot.yaxis.ticker = [lanes - 1 - lane + 0.4 for lane in range(lanes)]
    plot.yaxis.major_label_overrides = {lanes - 1 - lane + 0.4: label for lane, label in enumerate(labels)}
    plot.ygrid.ticker = [float(lane) for lane in range(lanes)]
    for lane, label in enumerate(labels):
        source = ColumnDataSource({"t": [], "y": [], "level": []}, name=f"lane {lane}")
        colour = COLOURS[lane % len(COLOURS)]
        drawn = plot.step("t", "y", source=source, mode="after", line_width=2, color=colour, name=label)
        formatter = CustomJSHover(code="return value.toFixed(6) + ' s'")
        plot.add_tools(
            HoverTool(
                renderers=[drawn],
                tooltips=[(label, "@level"), ("at", "@t{custom}")],
                formatters={"@t": formatter},
            )
        )
    return dict(json_item(plot))


def _bokehjs() -> bytes:
    # From the installed package: works offline, and puts nothing into the notebook file.
    import bokeh

    return (Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js").read_bytes()
