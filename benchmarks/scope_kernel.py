"""What `benchmarks/scope.py` runs inside the notebook's kernel: the signals, and each way of showing them.

Every way gets the same signals: values from the same sampling thread, or bursts of edges through the same tap. Every
peer shows them as its users do when they do it well: batched, thirty times a second, or as often as it says it can.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

import labkit
from labkit.sampling import Source

WINDOW = 10.0
RATE = 1000
WIDTH, HEIGHT = 900, 300
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f")
PINS = (5, 6, 12, 13, 16, 19, 20, 26)
QUIET_RATE = 160

bench = labkit.bench("simulated")
OFFSET = time.time() - bench.clock.now_ns() / 1e9
kept: list[Any] = []

Columns = list[tuple[NDArray[Any], NDArray[Any]]]


class Signal:
    """A value that changes all the time. The first one's is the time, modulo 100: the page can tell its age."""

    def __init__(self, number: int) -> None:
        self.number = number

    @property
    def value(self) -> float:
        now = time.time() % 100
        return now if self.number == 0 else math.sin(4.4 * now + self.number)


class Samples:
    """The newest window of so many channels, for those who need it as arrays.

    Attributes:
        times, values: By channel.
        is_stepped: Whether a level holds until the next entry.
        most: Entries of one channel within the window.
    """

    is_stepped = False

    def __init__(self, count: int) -> None:
        signals = [Signal(number) for number in range(count)]
        sources = [Source((str(each.number),), lambda each=each: each.value) for each in signals]
        self.count, self.most = count, round(RATE * WINDOW)
        self._queue: deque[Any] = deque()
        self._rest: list[Any] = []
        times = time.time() - WINDOW + np.arange(self.most) / RATE
        self.times = [times] * count
        self.values = [np.zeros(self.most) for _ in range(count)]
        bench.sampling.add(sources, RATE, self._queue.append)

    def new(self) -> Columns:
        """What came since the last call."""
        rows = self._rest + [self._queue.popleft() for _ in range(len(self._queue))]
        whole = len(rows) // self.count * self.count
        rows, self._rest = rows[:whole], rows[whole:]
        times = np.array([row.timestamp_ns for row in rows[:: self.count]]) / 1e9 + OFFSET
        values = np.array([row.value for row in rows]).reshape(-1, self.count)
        joined = np.concatenate((self.times[0], times))[-self.most :]
        self.times = [joined] * self.count
        self.values = [np.concatenate((old, values[:, n]))[-self.most :] for n, old in enumerate(self.values)]
        return [(times, values[:, number]) for number in range(self.count)]


class Edges:
    """The same of edges on eight pins; each batch ends with the level as it is now, as a logic analyser's lanes do."""

    is_stepped = True

    def __init__(self, rate: int) -> None:
        self.count, self.most = len(PINS), round(rate * WINDOW / len(PINS))
        self._lane = {f"GPIO{pin}": number for number, pin in enumerate(PINS)}
        self._queue: deque[Any] = deque()
        self._levels = [0.0] * self.count
        now = time.time()
        self.times = [np.array([now]) for _ in PINS]
        self.values = [np.array([float(number)]) for number in range(self.count)]
        bench.tap.subscribe(self._queue.append)
        kept.append(Bursts(rate))

    def new(self) -> Columns:
        """What came since the last call, by lane; lane n has its levels at n and n + 0.8."""
        edges = [self._queue.popleft() for _ in range(len(self._queue))]
        lanes = np.fromiter((self._lane[edge.pin] for edge in edges), np.int64, len(edges))
        times = np.fromiter((edge.timestamp_ns for edge in edges), np.int64, len(edges)) / 1e9 + OFFSET
        levels = np.fromiter((edge.level for edge in edges), np.float64, len(edges))
        # Until when all is known: the next edge is no older.
        now, new = times[-1] if len(times) else self.times[0][-1], []
        for lane in range(self.count):
            own = lanes == lane
            if own.any():
                self._levels[lane] = levels[own][-1]
            at = np.append(times[own], now)
            values = lane + 0.8 * np.append(levels[own], self._levels[lane])
            new.append((at, values))
            joined = np.concatenate((self.times[lane], at))
            begin = max(len(joined) - self.most, int(np.searchsorted(joined, now - WINDOW)))
            self.times[lane] = joined[begin:]
            self.values[lane] = np.concatenate((self.values[lane], values))[begin:]
        return new


class Bursts:
    """Edges on eight pins, for a second in every two at full rate; published as a pin's own edges are."""

    def __init__(self, rate: float) -> None:
        self.rate, self.published = rate, 0
        self._levels = [0] * len(PINS)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        names, publish, now_ns = [f"GPIO{pin}" for pin in PINS], bench.tap.publish, bench.clock.now_ns
        last_ns, owed = now_ns(), 0.0
        while True:
            time.sleep(0.005)
            end_ns = now_ns()
            is_burst = end_ns // 1_000_000_000 % 2 == 0
            owed += (self.rate if is_burst else QUIET_RATE) * (end_ns - last_ns) / 1e9
            count, begin_ns, last_ns = int(owed), last_ns, end_ns
            owed -= count
            for number in range(count):
                lane = (self.published + number) % len(PINS)
                self._levels[lane] ^= 1
                publish(names[lane], begin_ns + (end_ns - begin_ns) * number // count, self._levels[lane])
            self.published += count


def signals(count: int, rate: int) -> Samples | Edges:
    """So many channels of values, or edges at a rate."""
    return Edges(rate) if rate else Samples(count)


def pump(rate: float, act: Any) -> None:
    """Call act so many times a second, on a thread of its own."""

    def run() -> None:
        due = time.monotonic()
        while True:
            act()
            due = max(due + 1 / rate, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    threading.Thread(target=run, daemon=True).start()


# ---- the ways


def ours(count: int, rate: int) -> Any:
    """bench.scope()"""
    if not rate:
        return bench.scope(*(Signal(number) for number in range(count)), window=WINDOW, rate=RATE)
    from gpiozero import LED

    leds = [LED(pin) for pin in PINS]
    kept.extend([leds, Bursts(rate)])
    return bench.scope(*leds, window=WINDOW)


def nothing(count: int, rate: int) -> Any:
    """takes the signals, and shows nothing"""
    pump(30, signals(count, rate).new)


def _bokeh(count: int, rate: int) -> tuple[Any, Any]:
    """A plot, and what streams the news into it: one source for values, one for each lane of edges."""
    from bokeh.models import ColumnDataSource
    from bokeh.plotting import figure

    data = signals(count, rate)
    plot = figure(width=WIDTH, height=HEIGHT, name="plot", output_backend="canvas")
    plot.x_range.follow, plot.x_range.follow_interval, plot.x_range.range_padding = "end", WINDOW, 0
    if not data.is_stepped:
        columns = {"t": data.times[0]} | {f"y{n}": values for n, values in enumerate(data.values)}
        source = ColumnDataSource(columns, name="data")
        for n in range(count):
            plot.line("t", f"y{n}", source=source, color=COLOURS[n])

        def stream() -> None:
            new = data.new()
            source.stream({"t": new[0][0]} | {f"y{n}": values for n, (_, values) in enumerate(new)}, data.most)

        return plot, stream
    sources = [
        ColumnDataSource({"t": data.times[n], "y": data.values[n]}, name="data" if n == 0 else f"lane {n}")
        for n in range(data.count)
    ]
    for n, source in enumerate(sources):
        plot.step("t", "y", source=source, color=COLOURS[n], mode="after")

    def stream_lanes() -> None:
        for source, (times, values) in zip(sources, data.new(), strict=True):
            source.stream({"t": times, "y": values}, data.most)

    return plot, stream_lanes


def push_notebook(count: int, rate: int) -> Any:
    """bokeh.io.push_notebook, batched, 30 Hz"""
    from bokeh.io import output_notebook, push_notebook, show
    from bokeh.resources import INLINE

    output_notebook(INLINE, hide_banner=True)
    plot, stream = _bokeh(count, rate)
    handle = show(plot, notebook_handle=True)

    def act() -> None:
        stream()
        push_notebook(handle=handle)

    pump(30, act)


def jupyter_bokeh(count: int, rate: int) -> Any:
    """jupyter_bokeh, stream, batched, 30 Hz"""
    from bokeh.io import output_notebook
    from bokeh.resources import INLINE
    from jupyter_bokeh import BokehModel

    output_notebook(INLINE, hide_banner=True)
    plot, stream = _bokeh(count, rate)
    pump(30, stream)
    return BokehModel(plot)


def ipympl(count: int, rate: int) -> Any:
    """ipympl, 30 Hz"""
    import matplotlib

    matplotlib.use("module://ipympl.backend_nbagg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    plt.ioff()
    data = signals(count, rate)
    figure, axes = plt.subplots(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    style = "steps-post" if data.is_stepped else "default"
    lines = [axes.plot([0], [0], lw=1, drawstyle=style)[0] for _ in range(data.count)]
    axes.set_xlim(-WINDOW, 0)
    axes.set_ylim(*((-0.5, data.count) if data.is_stepped else (-2, 100)))
    # The newest entry's time in milliseconds, as the colour of a corner: the page reads it back.
    patch = Rectangle((0, 0), 0.03, 0.09, transform=figure.transFigure, lw=0, antialiased=False)
    figure.add_artist(patch)

    def act() -> None:
        data.new()
        newest = data.times[0][-1]
        for line, times, values in zip(lines, data.times, data.values, strict=True):
            line.set_data(times - newest, values)
        code = int(newest * 1000) & 0xFFFFFF
        patch.set_facecolor(((code >> 16) / 255, (code >> 8 & 255) / 255, (code & 255) / 255))
        figure.canvas.draw_idle()

    pump(30, act)
    return figure.canvas


def plotly_resampler(count: int, rate: int) -> Any:
    """plotly FigureWidget with plotly-resampler, 10 Hz"""
    import plotly.graph_objects as go
    from plotly_resampler import FigureWidgetResampler

    data = signals(count, rate)
    figure = FigureWidgetResampler(go.Figure(), default_n_shown_samples=2 * WIDTH)
    shape = {"shape": "hv"} if data.is_stepped else {}
    for times, values in zip(data.times, data.values, strict=True):
        # Resampled from the beginning, when there is hardly anything yet.
        figure.add_trace(go.Scatter(mode="lines", line=shape), hf_x=times, hf_y=values, limit_to_view=True)
    figure.update_layout(width=WIDTH, height=HEIGHT)

    def act() -> None:
        data.new()
        for number, (times, values) in enumerate(zip(data.times, data.values, strict=True)):
            figure.hf_data[number]["x"] = times
            figure.hf_data[number]["y"] = np.ascontiguousarray(values)
        figure.reload_data()

    pump(10, act)
    return figure
