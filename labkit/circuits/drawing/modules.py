"""How things look that stand beside the breadboard, and the names of all parts."""

from __future__ import annotations

from collections.abc import Callable

from labkit.circuits.drawing.svg import around, circle, group, line, number, rect, tag, text
from labkit.circuits.layout.blocks import MODULE_ROWS
from labkit.circuits.layout.geometry import MODULE_WIDTH, PITCH, Geometry
from labkit.circuits.layout.plan import Placed, Plan

__all__ = ["draw_module", "draw_name"]

PICTURE_X, PICTURE_WIDTH = 64.0, 118.0
HEAD = 30.0
SEGMENTS = {
    "a": "M4 0H16", "b": "M18 2V14", "c": "M18 18V30", "d": "M4 32H16", "e": "M2 18V30", "f": "M2 2V14",
    "g": "M4 16H16",
}  # fmt: skip
"""Strokes of a character 20 wide and 32 high."""


def draw_module(placed: Placed, geometry: Geometry) -> str:
    """Something beside the board, with a pin for each jumper wire; empty for what sits on the board."""
    if not placed.leads:
        return ""
    rows = sorted(placed.leads.values())
    x, top = geometry.module_x, geometry.row_y(*rows[0]) - 11.5
    bottom = max(geometry.row_y(*rows[-1]) + 11.5, top + MODULE_ROWS * PITCH - 1)
    pins = [
        circle(x, geometry.row_y(*row), 3, class_="lk-foot", data_terminal=f"{placed.piece.name}.{terminal}")
        + text(terminal, x + 8, geometry.row_y(*row) + 3.5, "lk-small")
        for terminal, row in placed.leads.items()
    ]
    name, label = placed.piece.name, placed.piece.label
    height = bottom - top
    scale = max(0.4, min(PICTURE_WIDTH / 100, (height - HEAD - 4) / 60, 1.6))
    look = LOOKS.get(placed.piece.look, _plain)(placed)
    picture_y = top + HEAD + max(0.0, (height - HEAD - 60 * scale) / 2)
    return group(
        tag("title", f"{name}: {label}"),
        rect(x, top, MODULE_WIDTH, height, rx=6, class_="lk-module"),
        text(name, x + PICTURE_X, top + 14, "lk-name"),
        text(label.split(", ")[-1], x + PICTURE_X, top + 26, "lk-small"),
        _state(placed.part, x + MODULE_WIDTH - 6, top + 14, "end") if name == placed.part else "",
        *pins,
        group(look, transform=f"translate({number(x + PICTURE_X)} {number(picture_y)}) scale({number(scale)})"),
        class_="lk-piece", data_piece=name, data_part=placed.part, data_look=placed.piece.look,
    )  # fmt: skip


def draw_name(plan: Plan, name: str) -> str:
    """What a part on the board is called, beside its rows; empty for one whose module says it."""
    own = [placed for placed in plan.pieces if placed.part == name]
    if any(placed.leads and placed.piece.name == name for placed in own):
        return ""
    first, last = (plan.geometry.row_y(*row) for row in plan.rows[name])
    x = plan.geometry.module_x
    middle = (first + last) / 2
    main = next(placed for placed in own if placed.piece.name == name)
    return group(
        line((x - 6, first - 8), (x - 6, last + 8), class_="lk-bracket"),
        text(name, x + 4, middle - 1, "lk-name"), text(main.piece.label, x + 4, middle + 12, "lk-small"),
        _state(name, x + MODULE_WIDTH - 6, middle - 1, "end"),
        class_="lk-label", data_part=name, data_y=middle,
    )  # fmt: skip


def _state(part: str, x: float, y: float, anchor: str) -> str:
    """Where a live picture says what the part does; empty in a drawing."""
    return text("", x, y, "lk-state", anchor, data_part=part)


# ---- pictures, 100 wide and 60 high


def _ranger(placed: Placed) -> str:
    eye = [circle(x, 30, 22, class_="lk-can") + circle(x, 30, 14, class_="lk-mesh") for x in (24, 76)]
    return rect(0, 4, 100, 52, rx=4, class_="lk-pcb") + "".join(eye)


def _pir(placed: Placed) -> str:
    facets = "M30 30A20 20 0 0 1 70 30M36 18H64M30 30H70M36 42H64M42 12V48M58 12V48"
    dome = circle(50, 30, 24, class_="lk-dome") + tag("path", d=facets, class_="lk-facet")
    return rect(14, 2, 72, 56, rx=4, class_="lk-pcb") + circle(50, 30, 34, class_="lk-glow", fill="#ff5b5b") + dome


def _line(placed: Placed) -> str:
    eyes = circle(38, 20, 7, class_="lk-eye") + circle(62, 20, 7, class_="lk-eye lk-black")
    floor = rect(0, 44, 100, 14, class_="lk-floor") + rect(40, 44, 20, 14, class_="lk-stripe-black")
    return rect(14, 2, 72, 34, rx=4, class_="lk-pcb") + eyes + group(floor, class_="lk-ground")


def _knob(placed: Placed) -> str:
    ticks = "".join(
        line((50, 4), (50, 9), class_="lk-tick", transform=f"rotate({angle} 50 30)") for angle in range(0, 360, 30)
    )
    dial = group(
        circle(50, 30, 18, class_="lk-cap"),
        line((50, 26), (50, 14), class_="lk-pointer"),
        class_="lk-dial",
        data_x=50,
        data_y=30,
    )
    return rect(14, 0, 72, 60, rx=4, class_="lk-pcb") + ticks + dial


def _servo(placed: Placed) -> str:
    horn = rect(46, 2, 8, 32, rx=4, class_="lk-horn-arm") + circle(50, 30, 7, class_="lk-cap")
    return "".join([
        rect(10, 14, 80, 34, rx=3, class_="lk-servo"), rect(2, 26, 96, 8, rx=2, class_="lk-servo"),
        group(horn, class_="lk-horn", data_x=50, data_y=30),
    ])  # fmt: skip


def _motor(placed: Placed) -> str:
    chip = rect(0, 14, 26, 32, rx=2, class_="lk-pcb") + around(13, 30, 14, 18, class_="lk-chip")
    cables = tag("path", d="M26 22H44M26 38H44", class_="lk-cable")
    rotor = group(
        circle(68, 30, 15, class_="lk-cap"),
        tag("path", d="M68 15V45M53 30H83", class_="lk-spoke"),
        class_="lk-rotor",
        data_x=68,
        data_y=30,
    )
    return chip + cables + circle(68, 30, 26, class_="lk-can") + rotor


def _bare_motor(placed: Placed) -> str:
    return circle(68, 30, 26, class_="lk-can") + group(
        circle(68, 30, 15, class_="lk-cap"), class_="lk-rotor", data_x=68, data_y=30
    )


def _battery(placed: Placed) -> str:
    cells = [
        rect(4 + 23 * n, 12, 20, 36, rx=3, class_="lk-cell") + rect(10 + 23 * n, 8, 8, 4, class_="lk-cell")
        for n in range(4)
    ]
    return rect(0, 4, 100, 50, rx=4, class_="lk-case lk-black") + "".join(cells)


def _supply(placed: Placed) -> str:
    screen = rect(10, 10, 80, 28, rx=3, class_="lk-screen") + text("V", 50, 31, "lk-reading", "middle")
    return rect(0, 2, 100, 56, rx=4, class_="lk-case") + screen


def _display(placed: Placed) -> str:
    count = placed.piece.traits["characters"]
    scale = min(1.5, 92 / (count * 28))
    characters = []
    for index in range(count):
        strokes = [
            tag("path", d=path, class_="lk-segment", data_segment=f"{index}{segment}")
            for segment, path in SEGMENTS.items()
        ]
        strokes.append(circle(23, 32, 2, class_="lk-point", data_segment=f"{index}dp"))
        x = 50 - count * 14 * scale + index * 28 * scale + 3 * scale
        characters.append(
            group(*strokes, transform=f"translate({number(x)} {number(30 - 16 * scale)}) scale({number(scale)})")
        )
    return rect(0, 0, 100, 60, rx=4, class_="lk-screen") + "".join(characters)


def _plain(placed: Placed) -> str:
    return rect(8, 6, 84, 48, rx=4, class_="lk-pcb") + around(50, 30, 26, 22, class_="lk-chip")


LOOKS: dict[str, Callable[[Placed], str]] = {
    "ranger": _ranger, "pir": _pir, "line": _line, "knob": _knob, "servo": _servo, "motor": _motor,
    "baremotor": _bare_motor, "battery": _battery, "supply": _supply, "display": _display,
}  # fmt: skip
