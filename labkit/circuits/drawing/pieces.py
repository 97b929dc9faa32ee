"""How pieces look that sit on the breadboard."""

from __future__ import annotations

from collections.abc import Callable

from labkit.circuits.drawing.colours import LIGHTS, bands
from labkit.circuits.drawing.svg import around, circle, group, line, number, rect, tag, text
from labkit.circuits.layout.geometry import Geometry, Point
from labkit.circuits.layout.plan import Placed
from labkit.parts.pieces import farads_text, ohms_text

__all__ = ["draw_piece"]

Legs = dict[str, list[Point]]
"""Where the legs of each terminal are."""


def draw_piece(placed: Placed, geometry: Geometry) -> str:
    """A piece with its legs; empty for one beside the board."""
    legs = {terminal: [geometry.hole(*hole) for hole in holes] for terminal, holes in placed.holes.items()}
    if not legs:
        return ""
    feet = [
        circle(x, y, 2.6, class_="lk-foot", data_terminal=f"{placed.piece.name}.{terminal}")
        for terminal, points in legs.items()
        for x, y in points
    ]
    spoken = f"{placed.piece.name}: {placed.piece.label}"
    return group(
        tag("title", spoken), LOOKS[placed.piece.look](placed, legs), *feet,
        class_="lk-piece", data_piece=placed.piece.name, data_part=placed.part, data_look=placed.piece.look,
    )  # fmt: skip


def resistor(placed: Placed, legs: Legs) -> str:
    start, end = legs["1"][0], legs["2"][0]
    x, y = _middle(start, end)
    turn = 0 if start[1] == end[1] else 90
    rings = bands(placed.piece.traits["ohms"])
    stripes = [
        rect(-15 + index * 7.5 + (4 if index == len(rings) - 1 else 0), -6.5, 3.6, 13, fill=colour)
        for index, (_, colour) in enumerate(rings)
    ]
    body = rect(-21, -6.5, 42, 13, rx=5, class_="lk-resistor")
    value = ohms_text(placed.piece.traits["ohms"])
    told = text(value, x, y + 15, "lk-value", "middle") if turn == 0 else text(value, x + 9, y + 15, "lk-value")
    return line(start, end, class_="lk-lead") + group(body, *stripes, transform=_put(x, y, turn)) + told


def led(placed: Placed, legs: Legs) -> str:
    anode, cathode = legs["anode"][0], legs["cathode"][0]
    x, y = anode[0] + 8, (anode[1] + cathode[1]) / 2
    colour = LIGHTS[placed.piece.traits["color"]]
    down = 1 if cathode[1] > anode[1] else -1
    flat = f"M{number(x - 9)} {number(y + 9.5 * down)}H{number(x + 9)}"
    return "".join([
        circle(x, y, 25, class_="lk-glow", fill=colour),
        line(anode, (x, y), class_="lk-lead"), line(cathode, (x, y), class_="lk-lead"),
        circle(x, y, 12.5, class_="lk-bulb", fill=colour),
        tag("path", d=flat, class_="lk-flat"),
        text("+", x + 1, y - 3.5 * down + 4, "lk-mark", "middle"),
    ])  # fmt: skip


def rgb_led(placed: Placed, legs: Legs) -> str:
    points = {name: spots[0] for name, spots in legs.items()}
    x = points["common"][0] + 12
    y = (points["red"][1] + points["blue"][1]) / 2
    leads = [line(point, (x, y), class_="lk-lead") for point in points.values()]
    marks = [text(name[0].upper(), point[0] - 5, point[1] - 3.5, "lk-tiny", "end") for name, point in points.items()]
    bulb = circle(x, y, 15, class_="lk-bulb lk-rgb", fill="#f4f6fa")
    return "".join([circle(x, y, 30, class_="lk-glow", fill="#fff"), *leads, bulb, *marks])


def button(placed: Placed, legs: Legs) -> str:
    points = [point for spots in legs.values() for point in spots]
    x, y = _middle(min(points), max(points))
    leads = [line(point, (x, point[1]), class_="lk-lead") for point in points]
    return "".join([
        *leads, around(x, y, 50, 58, rx=5, class_="lk-case"), circle(x, y, 16, class_="lk-cap"),
    ])  # fmt: skip


def switch(placed: Placed, legs: Legs) -> str:
    x, y = legs["common"][0]
    lever = rect(x - 5, y - 1, 10, 16, rx=2, class_="lk-lever")
    return around(x, y, 20, 70, rx=3, class_="lk-case") + around(x, y, 10, 34, rx=2, class_="lk-slot") + lever


def buzzer(placed: Placed, legs: Legs) -> str:
    plus, minus = legs["+"][0], legs["-"][0]
    x, y = _middle(plus, minus)
    return "".join([
        circle(x, y, 38, class_="lk-glow", fill="#ffb300"),
        circle(x, y, 31, class_="lk-case lk-black"), circle(x, y, 6, class_="lk-slot"),
        text("+", x, y - 15, "lk-mark lk-light", "middle"),
    ])  # fmt: skip


def ldr(placed: Placed, legs: Legs) -> str:
    start, end = legs["1"][0], legs["2"][0]
    x, y = _middle(start, end)
    track = "M-9 -6H7V-2H-7V2H7V6H-9"
    return line(start, end, class_="lk-lead") + group(
        circle(0, 0, 15, class_="lk-ldr"), tag("path", d=track, class_="lk-track"), transform=_put(x, y)
    )  # fmt: skip


def thermistor(placed: Placed, legs: Legs) -> str:
    start, end = legs["1"][0], legs["2"][0]
    x, y = _middle(start, end)
    bead = circle(x, y, 11, class_="lk-ntc") + text("NTC", x, y + 3, "lk-tiny lk-light", "middle")
    return line(start, end, class_="lk-lead") + bead


def capacitor(placed: Placed, legs: Legs) -> str:
    start, end = legs["1"][0], legs["2"][0]
    x, y = _middle(start, end)
    can = circle(x, y, 13, class_="lk-can") + tag(
        "path", d=f"M{number(x - 8)} {number(y + 8)}H{number(x + 8)}", class_="lk-minus"
    )
    value = text(farads_text(placed.piece.traits["farads"]), x + 12, y + 15, "lk-value")
    return line(start, end, class_="lk-lead") + can + text("+", x, y - 1, "lk-mark lk-light", "middle") + value


def pot(placed: Placed, legs: Legs) -> str:
    x, y = legs["wiper"][0]
    pointer = line((x, y - 5), (x, y - 14), class_="lk-pointer")
    return around(x, y, 40, 68, rx=5, class_="lk-pot") + group(
        circle(x, y, 17, class_="lk-cap"), pointer, class_="lk-dial", data_x=x, data_y=y
    )  # fmt: skip


def three_legs(placed: Placed, legs: Legs) -> str:
    """A TO-92 case seen from above: flat on the left."""
    points = sorted((spots[0] for spots in legs.values()), key=lambda point: point[1])
    x, y = points[1]
    word = placed.piece.traits.get("word", "NPN")
    top, bottom = number(y - 31), number(y + 31)
    arc = f"C{number(x + 40)} {top} {number(x + 40)} {bottom} {number(x + 10)} {bottom}"
    case = f"M{number(x - 7)} {top}H{number(x + 10)}{arc}H{number(x - 7)}Z"
    marks = [text(name, spots[0][0] + 5, spots[0][1] + 3, "lk-tiny lk-light") for name, spots in legs.items()]
    return "".join([
        tag("path", d=case, class_="lk-chip"), *marks,
        text(word, 0, 0, "lk-tiny lk-light", "middle", transform=_put(x + 25, y, 90)),
    ])  # fmt: skip


def dip(placed: Placed, legs: Legs) -> str:
    points = {name: spots[0] for name, spots in legs.items()}
    left, right = min(x for x, _ in points.values()), max(x for x, _ in points.values())
    top, bottom = min(y for _, y in points.values()), max(y for _, y in points.values())
    x, y = (left + right) / 2, (top + bottom) / 2
    marks = []
    for name, point in points.items():
        short, is_left = name.split()[0], point[0] == left
        marks.append(
            text(
                short,
                point[0] + (9 if is_left else -9),
                point[1] + 2.5,
                "lk-tiny lk-light",
                "start" if is_left else "end",
            )
        )
    notch_y = bottom + 9 if placed.piece.traits.get("upside_down") else top - 9
    return "".join([
        around(x, y, right - left - 10, bottom - top + 18, rx=3, class_="lk-chip"),
        circle(x, notch_y, 5, class_="lk-notch"), *marks,
        text(placed.piece.traits["word"], 0, 3, "lk-tiny lk-light", "middle", transform=_put(x, y, 90)),
    ])  # fmt: skip


def jumper(placed: Placed, legs: Legs) -> str:
    start = legs["1"][0]
    bow = f"M{number(start[0])} {number(start[1])}q16 0 16 12t-16 12"
    return tag("path", d=bow, class_="lk-casing") + tag("path", d=bow, class_="lk-jumper")


def _middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _put(x: float, y: float, turn: float = 0) -> str:
    return f"translate({number(x)} {number(y)})" + (f" rotate({number(turn)})" if turn else "")


LOOKS: dict[str, Callable[[Placed, Legs], str]] = {
    "resistor": resistor, "led": led, "rgbled": rgb_led, "button": button, "switch": switch, "buzzer": buzzer,
    "ldr": ldr, "thermistor": thermistor, "capacitor": capacitor, "pot": pot, "to92": three_legs,
    "transistor": three_legs, "dip": dip, "jumper": jumper,
}  # fmt: skip
