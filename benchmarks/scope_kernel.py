"""What `benchmarks/scope.py` runs inside the notebook's kernel: the signals, and each way of showing them.

Every way gets the same signals from the same sampling thread. The first channel's value is the time (modulo 100), so
that the page can tell how old the newest sample is that it has painted.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import Any

import numpy as np

import labkit
from labkit.sampling import Source

WINDOW = 10.0
RATE = 1000
WIDTH, HEIGHT = 900, 300
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f")
PINS = (5, 6, 12, 13, 16, 19, 20, 26)

bench = labkit.bench("simulated")
OFFSET = time.time() - bench.clock.now_ns() / 1e9


class Signal:
    """A value that changes all the time."""

    def __init__(self, number: int) -> None:
        self.number = number

    @property
    def value(self) -> float:
        now = time.time() % 100
        return now if self.number == 0 else math.sin(4.4 * now + self.number)


class Samples:
    """The newest window of all channels, as arrays for those who need them so."""

    def __init__(self, count: int) -> None:
        signals = [Signal(number) for number in range(count)]
        sources = [Source((str(each.number),), lambda each=each: each.value) for each in signals]
        self.count = count
        self._queue: deque[Any] = deque()
        self._rest: list[Any] = []
        size = round(RATE * WINDOW)
        self.times = time.time() - WINDOW + np.arange(size) / RATE
        self.values = np.zeros((size, count))
        bench.sampling.add(sources, RATE, self._queue.append)

    def new(self) -> tuple[Any, Any]:
        """What came since the last call."""
        rows = self._rest + [self._queue.popleft() for _ in range(len(self._queue))]
        whole = len(rows) // self.count * self.count
        rows, self._rest = rows[:whole], rows[whole:]
        times = np.array([row.timestamp_ns for row in rows[:: self.count]]) / 1e9 + OFFSET
        values = np.array([row.value for row in rows]).reshape(-1, self.count)
        size = len(self.times)
        self.times = np.concatenate((self.times, times))[-size:]
        self.values = np.concatenate((self.values, values))[-size:]
        return times, values


class Bursts:
    """Edges on eight pins for a second in every two; published as a pin's own edges are."""

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
            active = end_ns // 1_000_000_000 % 2 == 0
            owed += (self.rate if active else 160) * (end_ns - last_ns) / 1e9
            count, begin_ns, last_ns = int(owed), last_ns, end_ns
            owed -= count
            for number in range(count):
                lane = (self.published + number) % len(PINS)
                self._levels[lane] ^= 1
                publish(names[lane], begin_ns + (end_ns - begin_ns) * number // count, self._levels[lane])
            self.published += count


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


def ours(count: int) -> Any:
    """bench.scope()"""
    return bench.scope(*(Signal(number) for number in range(count)), window=WINDOW, rate=RATE)


def ours_edges(rate: int) -> Any:
    """bench.scope() on eight pins with bursts of edges"""
    from gpiozero import LED

    leds = [LED(pin) for pin in PINS]
    globals()["kept"] = leds, Bursts(rate)
    return bench.scope(*leds, window=WINDOW)


def nothing(count: int) -> Any:
    """samples, and shows nothing"""
    samples = Samples(count)
    pump(30, samples.new)


def _bokeh(count: int) -> tuple[Any, Any, Samples]:
    from bokeh.models import ColumnDataSource
    from bokeh.plotting import figure

    samples = Samples(count)
    columns = {"t": samples.times} | {f"y{n}": samples.values[:, n] for n in range(count)}
    source = ColumnDataSource(columns, name="data")
    plot = figure(width=WIDTH, height=HEIGHT, name="plot")
    plot.x_range.follow, plot.x_range.follow_interval, plot.x_range.range_padding = "end", WINDOW, 0
    for n in range(count):
        plot.line("t", f"y{n}", source=source, color=COLOURS[n])
    return plot, source, samples


def _streamed(source: Any, samples: Samples) -> None:
    times, values = samples.new()
    columns = {"t": times} | {f"y{n}": values[:, n] for n in range(samples.count)}
    source.stream(columns, rollover=len(samples.times))


def push_notebook(count: int) -> Any:
    """bokeh.io.push_notebook, batched, 30 Hz"""
    from bokeh.io import output_notebook, push_notebook, show
    from bokeh.resources import INLINE

    output_notebook(INLINE, hide_banner=True)
    plot, source, samples = _bokeh(count)
    handle = show(plot, notebook_handle=True)

    def act() -> None:
        _streamed(source, samples)
        push_notebook(handle=handle)

    pump(30, act)


def jupyter_bokeh(count: int) -> Any:
    """jupyter_bokeh, stream, batched, 30 Hz"""
    from bokeh.io import output_notebook
    from bokeh.resources import INLINE
    from jupyter_bokeh import BokehModel

    output_notebook(INLINE, hide_banner=True)
    plot, source, samples = _bokeh(count)
    pump(30, lambda: _streamed(source, samples))
    return BokehModel(plot)


def ipympl(count: int) -> Any:
    """ipympl, 30 Hz"""
    import matplotlib

    matplotlib.use("module://ipympl.backend_nbagg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    plt.ioff()
    samples = Samples(count)
    figure, axes = plt.subplots(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    lines = [axes.plot([0], [0], lw=1)[0] for _ in range(count)]
    axes.set_xlim(-WINDOW, 0)
    axes.set_ylim(-2, 100)
    # The newest sample's time in milliseconds, as the colour of a corner: the page reads it back.
    patch = Rectangle((0, 0), 0.03, 0.09, transform=figure.transFigure, lw=0, antialiased=False)
    figure.add_artist(patch)

    def act() -> None:
        samples.new()
        for number, line in enumerate(lines):
            line.set_data(samples.times - samples.times[-1], samples.values[:, number])
        code = int(samples.times[-1] * 1000) & 0xFFFFFF
        patch.set_facecolor(((code >> 16) / 255, (code >> 8 & 255) / 255, (code & 255) / 255))
        figure.canvas.draw_idle()

    pump(30, act)
    return figure.canvas


def plotly_resampler(count: int) -> Any:
    """plotly FigureWidget with plotly-resampler, 10 Hz"""
    import plotly.graph_objects as go
    from plotly_resampler import FigureWidgetResampler

    samples = Samples(count)
    figure = FigureWidgetResampler(go.Figure(), default_n_shown_samples=2 * WIDTH)
    for number in range(count):
        figure.add_trace(go.Scatter(mode="lines"), hf_x=samples.times, hf_y=samples.values[:, number])
    figure.update_layout(width=WIDTH, height=HEIGHT)

    def act() -> None:
        samples.new()
        for number in range(count):
            figure.hf_data[number]["x"] = samples.times
            figure.hf_data[number]["y"] = np.ascontiguousarray(samples.values[:, number])
        figure.reload_data()

    pump(10, act)
    return figure
