"""Traces as pictures: lines of text for terminals and reports, and SVG for notebooks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from html import escape

from labkit.trace import Trace

__all__ = ["text_waves", "wave_svg"]

COLUMNS = 60
LEVELS = "▁▂▃▄▅▆▇█"
LANE_PX, WIDTH_PX, NAMES_PX, TOP_PX = 46, 680, 110, 26
NS_PER_S = 1_000_000_000


def text_waves(traces: Mapping[str, Trace], start: float, stop: float, columns: int = COLUMNS) -> str:
    """A line for each trace, from start to stop (seconds of lab time), and a ruler under them.

    Low is `▁`, high `█`, a duty cycle in between; where a pin changed within one column, `▒`: no pulse is too short
    to be seen.
    """
    width = max((len(name) for name in traces), default=0)
    lines = [f"{name:>{width}} {_text_wave(trace, start, stop, columns)}" for name, trace in traces.items()]
    left, right = f"{start:g} s", f"{stop:g} s"
    ruler = left + " " * max(1, columns - len(left) - len(right)) + right
    return "\n".join([*lines, f"{'':{width}} {ruler}"])


def _text_wave(trace: Trace, start: float, stop: float, columns: int) -> str:
    step = (stop - start) / columns
    times = [edge.timestamp_ns for edge in trace]
    bounds = [bisect_right(times, round((start + column * step) * NS_PER_S)) for column in range(columns + 1)]
    drawn = []
    for column in range(columns):
        level = trace.at(start + column * step)
        passed = trace.edges[bounds[column] : bounds[column + 1]]
        # A change to a level that holds on shows by the next column already.
        busy = len(passed) > 1 or (passed and column == columns - 1)
        drawn.append("▒" if busy else LEVELS[round(min(1.0, max(0.0, level)) * (len(LEVELS) - 1))])
    return "".join(drawn)


def wave_svg(
    actual: Mapping[str, Trace],
    expected: Mapping[str, Trace],
    stop: float,
    differs_at: float | None = None,
) -> str:
    """Lanes over time: what was, and dashed behind it what should have been; a line where they first differ.

    Args:
        actual: By the lane's name, from the top down.
        expected: For some or all of them.
        stop: The right end, in seconds of lab time; the left end is 0.
        differs_at: In seconds.
    """
    height = TOP_PX + LANE_PX * len(actual) + 24
    stop = max(stop, 1e-9)
    rows = [_lane(index, name, actual[name], expected.get(name), stop) for index, name in enumerate(actual)]
    mark = "" if differs_at is None else _mark(min(differs_at, stop), stop, height)
    said = f"levels of {', '.join(actual)} from 0 to {stop:g} s" + (
        "" if differs_at is None else f"; they first differ from what is expected at {differs_at:g} s"
    )
    width = NAMES_PX + WIDTH_PX + 20
    return (
        f'<svg role="img" aria-label="{escape(said)}" class="labkit-waves" viewBox="0 0 {width} {height}" '
        f'style="width:100%;max-width:{width}px;font:12px var(--jp-ui-font-family,sans-serif)">'
        f"{''.join(rows)}{_ruler(stop, height)}{mark}</svg>"
    )


def _lane(index: int, name: str, trace: Trace, expected: Trace | None, stop: float) -> str:
    top = TOP_PX + index * LANE_PX
    base = top + LANE_PX - 12
    drawn = [
        f'<text x="{NAMES_PX - 10}" y="{base - 8}" text-anchor="end" '
        f'style="fill:var(--jp-ui-font-color1,#111)">{escape(name)}</text>',
        f'<line x1="{NAMES_PX}" y1="{base}" x2="{NAMES_PX + WIDTH_PX}" y2="{base}" '
        f'style="stroke:var(--jp-border-color2,#ccc)"/>',
    ]
    if expected is not None:
        drawn.append(
            f'<path class="labkit-expected" d="{_path(expected, base - 3, stop)}" fill="none" '
            f'style="stroke:var(--jp-ui-font-color2,#666);stroke-width:1.5;stroke-dasharray:5 3"/>'
        )
    drawn.append(
        f'<path class="labkit-actual" d="{_path(trace, base, stop)}" fill="none" '
        f'style="stroke:var(--jp-brand-color1,#2563eb);stroke-width:2"/>'
    )
    return "".join(drawn)


def _path(trace: Trace, base: float, stop: float) -> str:
    """Steps; what changes within a third of a pixel is drawn once, as high as it came and as low as it went."""
    high = LANE_PX - 22

    def y(level: float) -> float:
        return base - high * min(1.0, max(0.0, level))

    points = [f"M{NAMES_PX:.1f},{y(trace.at(0)):.1f}"]
    column, low, top, last = None, 0.0, 0.0, 0.0
    for edge in trace:
        at = edge.timestamp_ns / NS_PER_S
        if at <= 0:
            continue
        if at > stop:
            break
        here = round(3 * _x(at, stop))
        if here != column:
            if column is not None:
                points.append(_column(column / 3, y(low), y(top), y(last)))
            points.append(f"H{here / 3:.1f}")
            column, low, top = here, edge.level, edge.level
        low, top, last = min(low, edge.level), max(top, edge.level), edge.level
    if column is not None:
        points.append(_column(column / 3, y(low), y(top), y(last)))
    return " ".join([*points, f"H{NAMES_PX + WIDTH_PX:.1f}"])


def _column(x: float, low: float, top: float, last: float) -> str:
    return f"V{low:.1f} V{top:.1f} V{last:.1f}" if low != top else f"V{last:.1f}"


def _x(seconds: float, stop: float) -> float:
    return NAMES_PX + WIDTH_PX * seconds / stop


def _ruler(stop: float, height: int) -> str:
    step = _round_step(stop / 8)
    marks = []
    for number in range(int(stop / step + 1e-9) + 1):
        x = _x(number * step, stop)
        marks.append(
            f'<line x1="{x:.1f}" y1="{TOP_PX - 6}" x2="{x:.1f}" y2="{height - 24}" '
            f'style="stroke:var(--jp-border-color2,#ccc);stroke-width:0.5"/>'
            f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle" '
            f'style="fill:var(--jp-ui-font-color2,#666)">{number * step:g}{" s" if number == 0 else ""}</text>'
        )
    return "".join(marks)


def _round_step(least: float) -> float:
    power = 10.0 ** _exponent(least)
    return next((factor * power for factor in (1, 2, 5) if factor * power >= least * 0.999), 10 * power)


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _mark(at: float, stop: float, height: int) -> str:
    x = _x(at, stop)
    anchor = "start" if x < NAMES_PX + WIDTH_PX / 2 else "end"
    shift = 5 if anchor == "start" else -5
    return (
        f'<line class="labkit-difference" x1="{x:.1f}" y1="6" x2="{x:.1f}" y2="{height - 24}" '
        f'style="stroke:var(--jp-error-color1,#c00);stroke-width:1.5"/>'
        f'<text x="{x + shift:.1f}" y="16" text-anchor="{anchor}" '
        f'style="fill:var(--jp-error-color1,#c00);font-weight:600">first difference, {at:.3g} s</text>'
    )
