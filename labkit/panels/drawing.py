"""What panels draw, as HTML: lamps, gauges, histories and segments, in the theme's own colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["COLOURS", "character", "dial", "gauge", "history", "lamp", "text"]

RED = "#ef4444"
COLOURS = {
    "red": RED,
    "amber": "#f59e0b",
    "yellow": "#eab308",
    "green": "#22c55e",
    "blue": "#3b82f6",
    "white": "#f8fafc",
    "orange": "#f97316",
    "star": "#fde047",
}
"""The light of an LED by the name that its board gives it."""

GAUGE_PX = 160
HISTORY_PX = (160, 32)

# Left, top, right and bottom of each stroke in a cell of 24 x 40.
_SEVEN = {
    "a": (5, 3, 19, 3), "b": (20, 4, 20, 19), "c": (20, 21, 20, 36), "d": (5, 37, 19, 37),
    "e": (4, 21, 4, 36), "f": (4, 4, 4, 19), "g": (5, 20, 19, 20),
}  # fmt: skip
_FOURTEEN = {
    **_SEVEN, "g": (5, 20, 11, 20), "h": (13, 20, 19, 20), "i": (6, 5, 11, 18), "j": (12, 4, 12, 18),
    "k": (18, 5, 13, 18), "l": (6, 35, 11, 22), "m": (12, 22, 12, 36), "n": (18, 35, 13, 22),
}  # fmt: skip


def text(said: str, title: str = "") -> str:
    """Plain text."""
    return f'<span title="{escape(title)}">{escape(said)}</span>'


def lamp(level: float, colour: str = COLOURS["green"], label: str = "") -> str:
    """A lamp that bright, 0.0 to 1.0; with a label it stands inside a line."""
    level = max(0.0, min(1.0, float(level)))
    glow = f"box-shadow:0 0 {8 * level:.0f}px {colour};" if level else ""
    said = " ".join(filter(None, (label, "on" if level else "off")))
    place = "display:inline-block;margin:2px;vertical-align:middle;" if label else ""
    fill = f"background:color-mix(in srgb, {colour} {100 * level:.0f}%, var(--jp-layout-color2))"
    return (
        f'<div role="img" aria-label="{escape(said)}" title="{escape(said)}" class="labkit-lamp" '
        f'data-level="{level:g}" style="{place}width:14px;height:14px;border-radius:50%;'
        f'border:1px solid var(--jp-border-color1);{glow}{fill}"></div>'
    )


def gauge(value: float, low: float, high: float, unit: str = "", mark: float | None = None) -> str:
    """A bar from low to high, filled up to value; a mark stands where a threshold is."""
    share = _share(value, low, high)
    line = ""
    if mark is not None:
        left = f"left:{GAUGE_PX * _share(mark, low, high):.0f}px"
        line = f'<div style="position:absolute;{left};width:2px;height:12px;background:var(--jp-warn-color1)"></div>'
    return (
        f'<div role="meter" aria-valuemin="{low:g}" aria-valuemax="{high:g}" aria-valuenow="{value:g}" '
        f'aria-label="{value:.4g} {escape(unit)} of {low:g} to {high:g}" class="labkit-gauge" style="position:relative;'
        f'width:{GAUGE_PX}px;height:12px;background:var(--jp-layout-color3);margin:8px 12px 8px 0">{line}'
        f'<div style="width:{GAUGE_PX * share:.0f}px;height:12px;background:var(--jp-brand-color1)"></div></div>'
    )


def history(values: Sequence[float], low: float, high: float) -> str:
    """The last values as a line, the newest at the right."""
    width, height = HISTORY_PX
    step = width / max(1, len(values) - 1)
    points = " ".join(
        f"{index * step:.1f},{height - 1 - (height - 2) * _share(value, low, high):.1f}"
        for index, value in enumerate(values)
    )
    return (
        f'<svg role="img" aria-label="the last {len(values)} readings" class="labkit-history" width="{width}" '
        f'height="{height}" style="background:var(--jp-layout-color2)"><polyline points="{points}" fill="none" '
        f'stroke="var(--jp-brand-color1)" stroke-width="1.5"/></svg>'
    )


def dial(share: float | None, said: str) -> str:
    """An arm on a half circle, 0.0 at its left end to 1.0 at its right; None where it is free."""
    angle = math.pi * (1 - max(0.0, min(1.0, 0.5 if share is None else share)))
    x, y = 30 + 21 * math.cos(angle), 30 - 21 * math.sin(angle)
    ink = "var(--jp-border-color1)" if share is None else "var(--jp-brand-color1)"
    dashes = ' stroke-dasharray="3 3"' if share is None else ""
    return (
        f'<svg role="img" aria-label="{escape(said)}" class="labkit-dial" width="60" height="36" viewBox="0 0 60 36">'
        f'<path d="M4 30 A26 26 0 0 1 56 30" fill="none" stroke="var(--jp-border-color1)" stroke-width="1.5"/>'
        f'<line x1="30" y1="30" x2="{x:.1f}" y2="{y:.1f}" stroke="{ink}" stroke-width="4" stroke-linecap="round"'
        f'{dashes}/><circle cx="30" cy="30" r="4" fill="{ink}"/></svg>'
    )


def character(levels: Mapping[str, float], colour: str = RED) -> str:
    """One character of a display from its segments' levels by name, a to g or a to n, and dp.

    A display with another number of segments is a row of lamps.
    """
    names = [name for name in levels if name != "dp"]
    shapes = {7: _SEVEN, 14: _FOURTEEN}.get(len(names))
    if shapes is None:
        return "".join(lamp(level, colour, name) for name, level in levels.items())
    strokes = "".join(_stroke(name, shapes[name], levels[name], colour) for name in names)
    if "dp" in levels:
        strokes += _stroke("dp", (26, 37, 26, 37), levels["dp"], colour)
    lit = " ".join(name for name, level in levels.items() if level) or "none"
    return (
        f'<svg role="img" aria-label="lit segments: {lit}" class="labkit-character" width="36" height="50" '
        f'viewBox="0 0 29 40" data-lit="{lit}" style="background:var(--jp-layout-color2)">{strokes}</svg>'
    )


def _stroke(name: str, ends: tuple[int, int, int, int], level: float, colour: str) -> str:
    x1, y1, x2, y2 = ends
    ink = f"color-mix(in srgb, {colour} {100 * level:.0f}%, var(--jp-layout-color3))"
    line = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return f'<line data-segment="{name}" {line} style="stroke:{ink};stroke-width:3;stroke-linecap:round"/>'


def _share(value: float, low: float, high: float) -> float:
    return max(0.0, min(1.0, (value - low) / (high - low))) if high > low else 0.0
