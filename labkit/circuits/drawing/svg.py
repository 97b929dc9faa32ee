"""SVG elements as text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["Points", "around", "circle", "group", "line", "number", "rect", "rounded", "tag", "text"]

Points = Iterable[tuple[float, float]]


def number(value: float) -> str:
    """At most two places, and no more than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def tag(name: str, *inside: str, **attributes: object) -> str:
    """An element. `class_` is `class`, other underscores are hyphens; None leaves an attribute out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_shown(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(inside)}</{name}>" if inside else f"<{name}{given}/>"


def _shown(value: object) -> str:
    return number(value) if isinstance(value, int | float) else escape(str(value))


def group(*inside: str, **attributes: object) -> str:
    return tag("g", *inside, **attributes)


def text(words: str, x: float, y: float, class_: str = "", anchor: str | None = None, **attributes: object) -> str:
    return tag("text", escape(words), x=x, y=y, class_=class_ or None, text_anchor=anchor, **attributes)


def circle(x: float, y: float, r: float, **attributes: object) -> str:
    return tag("circle", cx=x, cy=y, r=r, **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: object) -> str:
    return tag("rect", x=x, y=y, width=width, height=height, **attributes)


def line(start: tuple[float, float], end: tuple[float, float], **attributes: object) -> str:
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **attributes)


def rounded(points: Points, radius: float = 5.0) -> str:
    """A path's `d` through points, its corners rounded."""
    corners = list(points)
    made = f"M{_at(corners[0])}"
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        made += f"L{_at(_towards(corner, before, radius))}Q{_at(corner)} {_at(_towards(corner, after, radius))}"
    return f"{made}L{_at(corners[-1])}"


def around(x: float, y: float, width: float, height: float, **attributes: object) -> str:
    """A rectangle by its middle."""
    return rect(x - width / 2, y - height / 2, width, height, **attributes)


def _at(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _towards(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    """So far along the way from one point to another, but never beyond half of it."""
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    share = min(distance, length / 2) / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
