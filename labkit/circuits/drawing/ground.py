"""What everything stands on: breadboards, and the end of the Pi with its header."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.circuits.drawing.svg import around, circle, group, line, number, rect, tag, text
from labkit.circuits.header import HeaderPin
from labkit.circuits.layout.geometry import BOARD_EDGE, PITCH, Geometry
from labkit.circuits.layout.places import HeaderEnd, Hole, Rail
from labkit.circuits.layout.plan import Plan
from labkit.parts.nodes import gpio_number

__all__ = ["breadboards", "header", "header_pins"]


def breadboards(plan: Plan) -> str:
    """All boards, with every hole, the letters of the columns and the number of each row."""
    used = {
        (end.board, end.row)
        for drawn in plan.wires
        for end in (drawn.wire.start, drawn.wire.end)
        if isinstance(end, Hole)
    }
    used |= {(hole.board, hole.row) for placed in plan.pieces for holes in placed.holes.values() for hole in holes}
    return "".join(_board(plan.geometry, board, used) for board in range(len(plan.geometry.boards)))


def _board(geometry: Geometry, board: int, used: set[tuple[int, int]]) -> str:
    rows = geometry.boards[board]
    top, bottom = geometry.row_y(board, 1) - BOARD_EDGE, geometry.row_y(board, rows) + BOARD_EDGE
    x, width, middle = geometry.board_x, geometry.board_width, (geometry.column_x("e") + geometry.column_x("f")) / 2
    name = f"breadboard {board + 1}" if len(geometry.boards) > 1 else "breadboard"
    return group(
        tag("title", f"{name}, {rows} rows"),
        rect(x, top, width, bottom - top, rx=7, class_="lk-board"),
        rect(middle - 9, top + 8, 18, bottom - top - 16, rx=3, class_="lk-trench"),
        *_rails(geometry, board, top, bottom),
        _holes(geometry, board),
        *_letters(geometry, top, bottom),
        *_numbers(geometry, board, used),
        text(f"board {board + 1}", middle, top + 16, "lk-small", "middle") if len(geometry.boards) > 1 else "",
        class_="lk-breadboard", data_board=board,
    )  # fmt: skip


def _rails(geometry: Geometry, board: int, top: float, bottom: float) -> Iterator[str]:
    rails: tuple[Rail, ...] = ("L+", "L-", "R-", "R+")
    for rail in rails:
        x, sign = geometry.rail_x(rail), rail[1]
        beside = x + (10 if rail in ("L-", "R+") else -10)
        kind = "lk-plus" if sign == "+" else "lk-ground"
        yield line((beside, top + 22), (beside, bottom - 14), class_=f"lk-stripe {kind}")
        yield text("+" if sign == "+" else "−", beside, top + 16, f"lk-sign {kind}", "middle")


def _holes(geometry: Geometry, board: int) -> str:
    """One path of dots: a circle each would make the picture ten times as large."""
    rows = range(1, geometry.boards[board] + 1)
    dots = [(geometry.column_x(column), geometry.row_y(board, row)) for row in rows for column in "abcdefghij"]
    rails: tuple[Rail, ...] = ("L+", "L-", "R-", "R+")
    dots += [(geometry.rail_x(rail), geometry.row_y(board, row) - 8) for row in rows for rail in rails]
    return tag("path", d="".join(f"M{number(x)} {number(y)}h0" for x, y in dots), class_="lk-holes")


def _letters(geometry: Geometry, top: float, bottom: float) -> Iterator[str]:
    for column in "abcdefghij":
        for y in (top + 11, bottom - 5):
            yield text(column, geometry.column_x(column), y, "lk-letter", "middle")


def _numbers(geometry: Geometry, board: int, used: set[tuple[int, int]]) -> Iterator[str]:
    """A little above their rows, so that wires don't run through them."""
    for row in range(1, geometry.boards[board] + 1):
        kind = "lk-number lk-used" if (board, row) in used else "lk-number"
        y = geometry.row_y(board, row) - 3.5
        yield text(str(row), geometry.column_x("a") - 11, y, kind, "end")
        yield text(str(row), geometry.column_x("j") + 11, y, kind, "start")


def header(plan: Plan) -> str:
    """The end of the Pi that the header is on."""
    geometry = plan.geometry
    first, last = geometry.pin_y(1), geometry.pin_y(geometry.header.rows)
    top, bottom = first - 2 * PITCH, last + 2 * PITCH
    right = geometry.header_x + PITCH + 13
    edge = f"M4 {number(top)}H{number(right - 8)}q8 0 8 8V{number(bottom - 8)}q0 8 -8 8H4Z"
    return group(
        tag("path", d=edge, class_="lk-pcb"),
        text("Raspberry Pi", 12, top + 18, "lk-silk lk-strong"),
        text("SD card end", 12, top + 31, "lk-silk"),
        text("USB end", 12, bottom - 12, "lk-silk"),
        around(
            geometry.header_x + PITCH / 2, (first + last) / 2, PITCH * 2 - 2, last - first + PITCH,
            rx=3, class_="lk-plastic",
        ),
        class_="lk-header",
    )  # fmt: skip


def header_pins(plan: Plan, colours: dict[str, tuple[str, str]]) -> str:
    """Each pin with its number and name; those in use in the colour of their wire. Over the wires, like sleeves."""
    used = {drawn.wire.start.number: drawn.wire.net for drawn in plan.wires if isinstance(drawn.wire.start, HeaderEnd)}
    return "".join(
        _pin(plan.geometry, pin, colours[used[pin.number]][1] if pin.number in used else None)
        for pin in plan.geometry.header.pins
    )


def _pin(geometry: Geometry, pin: HeaderPin, colour: str | None) -> str:
    x, y = geometry.pin(pin)
    state = "used" if colour else "free"
    pad = around(x, y, 12, 12, rx=0 if pin.number == 1 else 3, class_=f"lk-pad lk-{state}", fill=colour)
    lamp = circle(x, y, 3.6, class_="lk-lamp", data_pin=pin.net) if gpio_number(pin.net) is not None else ""
    if pin.column == 1:
        label = text(f"{pin.net} {pin.number}", x - 15, y + 3.5, f"lk-silk lk-{state}", "end")
    else:
        sleeve = rect(x + 13, y - 7.5, 66, 15, rx=4, class_="lk-sleeve", stroke=colour) if colour else ""
        label = sleeve + text(f"{pin.number} {pin.net}", x + 18, y + 3.5, f"lk-tag lk-{state}", "start")
    return group(
        tag("title", f"header pin {pin.number}: {pin.net}"), pad, lamp, label, class_="lk-pin", data_pin=pin.net
    )
