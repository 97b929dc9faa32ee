"""Growth as a small SVG, with nothing but the standard library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 320, 62, 24, 44, 52


def draw(
    path: Path,
    title: str,
    x_label: str,
    lines: Mapping[str, Mapping[float, float]],
    *,
    reference: Mapping[float, float] | None = None,
    x_log: bool = False,
) -> None:
    """Lines over one x axis, each with its name; the reference dashed: what in proportion would be."""
    points = [point for line in lines.values() for point in line.items()]
    xs = sorted({x for x, _ in points})
    step = _round_step(max([y for _, y in points] + list((reference or {}).values())) / 4)
    top = step * math.ceil(max([y for _, y in points] + list((reference or {}).values())) / step)

    def at(x: float, y: float) -> tuple[float, float]:
        low, high = (math.log10(xs[0]), math.log10(xs[-1])) if x_log else (0.0, xs[-1])
        place = ((math.log10(x) if x_log else x) - low) / ((high - low) or 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * place, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / top

    drawn = [_text(LEFT, 20, title, "start")]
    drawn += [_text(at(x, 0)[0], HEIGHT - BOTTOM + 16, _number(x)) for x in _spaced(xs, lambda x: at(x, 0)[0])]
    for line in range(round(top / step) + 1):
        y = at(xs[0], line * step)[1]
        drawn.append(_polyline([(LEFT, y), (WIDTH - RIGHT, y)], 'stroke="#ddd"'))
        drawn.append(_text(LEFT - 6, y + 4, _number(line * step), "end"))
    if reference is not None:
        drawn.append(_polyline([at(*point) for point in reference.items()], 'stroke="#999" stroke-dasharray="5 4"'))
    for number, (name, measured) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        drawn.append(_polyline([at(*point) for point in measured.items()], f'stroke="{colour}" stroke-width="2"'))
        drawn += [
            '<circle cx="{:.1f}" cy="{:.1f}" r="3.2" fill="{}"/>'.format(*at(*p), colour) for p in measured.items()
        ]
        if len(lines) > 1:
            drawn.append(f'<g fill="{colour}">{_text(LEFT + 8 + 170 * number, 37, name, "start")}</g>')
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label))
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    body = "".join(drawn)
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{ground}{body}</svg>\n')
    print(f"drawn: {path}")


def _round_step(step: float) -> float:
    """1, 2 or 5 times a power of ten, no smaller than that."""
    power = 10 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step)


def _spaced(xs: Sequence[float], place: object) -> list[float]:
    """As many as can be told apart."""
    kept: list[float] = []
    for x in xs:
        if not kept or place(x) - place(kept[-1]) > 34:  # type: ignore[operator]
            kept.append(x)
    return kept


def _number(value: float) -> str:
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def _polyline(points: Sequence[tuple[float, float]], style: str) -> str:
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" {style}/>'
