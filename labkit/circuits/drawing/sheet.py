"""The whole picture, as one SVG document."""

from __future__ import annotations

from html import escape

from labkit.circuits.drawing.colours import wire_colours
from labkit.circuits.drawing.ground import breadboards, header, header_pins
from labkit.circuits.drawing.modules import draw_module, draw_name
from labkit.circuits.drawing.pieces import draw_piece
from labkit.circuits.drawing.style import style
from labkit.circuits.drawing.svg import circle, group, number, rect, rounded, tag
from labkit.circuits.layout.places import HeaderEnd
from labkit.circuits.layout.plan import Plan
from labkit.circuits.words import called, spoken

__all__ = ["draw"]


def draw(plan: Plan, *, inside: bool = False) -> str:
    """A plan as an SVG document.

    Args:
        plan: What to draw.
        inside: It is for a page of JupyterLab, whose theme it then follows, in place of the system's.
    """
    geometry = plan.geometry
    colours = wire_colours(drawn.wire for drawn in plan.wires)
    width, height = number(geometry.width), number(geometry.height)
    body = "".join([
        "" if inside else rect(0, 0, geometry.width, geometry.height, class_="lk-sheet"),
        header(plan), breadboards(plan),
        group(*(_wire(plan, index, colours) for index in range(len(plan.wires))), class_="lk-wires"),
        group(header_pins(plan, colours), class_="lk-pins"),
        group(*(draw_module(placed, geometry) for placed in plan.pieces), class_="lk-modules"),
        group(*(draw_piece(placed, geometry) for placed in plan.pieces), class_="lk-pieces"),
        group(*(draw_name(plan, name) for name in plan.circuit), class_="lk-names"),
    ])  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'class="{"lk lk-inside" if inside else "lk"}" role="{"group" if inside else "img"}" '
        f'aria-label="{escape(spoken(plan.circuit))}"><style>{style(inside)}</style>{body}</svg>'
    )


def _wire(plan: Plan, index: int, colours: dict[str, tuple[str, str]]) -> str:
    drawn = plan.wires[index]
    wire, path, colour = drawn.wire, rounded(drawn.path), colours[drawn.wire.net]
    ends = [
        circle(*point, 3.4, class_="lk-end", fill=colour[1])
        for end, point in ((wire.start, drawn.path[0]), (wire.end, drawn.path[-1]))
        if not isinstance(end, HeaderEnd)
    ]
    return group(
        tag("title", f"{colour[0]} wire, {wire.net}: from {called(wire.start, plan)} to {called(wire.end, plan)}"),
        tag("path", d=path, class_="lk-casing"), tag("path", d=path, class_="lk-line", stroke=colour[1]), *ends,
        class_=f"lk-wire lk-{colour[0]}", data_net=wire.net, data_kind=wire.kind, data_wire=index,
    )  # fmt: skip
