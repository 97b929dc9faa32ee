"""The picture, walked hole by hole: what is drawn is connected exactly as it was declared, and nothing hides another.

Nothing of the layout is asked here. Holes, rails and pins are found in the drawing itself, by the dots, letters,
numbers and signs that a person goes by; wires are followed from end to end.
"""

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import pytest

from labkit import parts
from labkit.circuits.circuit import Circuit
from labkit.parts.nodes import RAILS

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = r"-?[\d.]+"
WIDTH = 3.2


def of_class(root, name: str) -> list:
    return [one for one in root.iter() if name in one.get("class", "").split()]


def at(element, x="x", y="y") -> tuple[float, float]:
    return float(element.get(x)), float(element.get(y))


def corners(d: str) -> list[tuple[float, float]]:
    """The corners of a path: rounded ones stand in it as the control points of their curves."""
    assert set(re.sub(NUMBER, "", d)) <= set("MLQ ")
    points = [tuple(map(float, pair)) for pair in re.findall(rf"[MLQ]({NUMBER}) ({NUMBER})", d)]
    kinds = re.findall("[MLQ]", d)
    # "L before, Q corner after": the points around a curve lie on straight pieces and say nothing new.
    keep = [kind != "L" or index == len(kinds) - 1 for index, kind in enumerate(kinds)]
    return [point for point, kept in zip(points, keep, strict=True) if kept]


@dataclass
class Picture:
    """What a person sees: holes with what they belong to, feet of parts, pins, and wires."""

    root: ET.Element
    contacts: dict[tuple[float, float], object] = field(default_factory=dict)
    feet: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    pins: dict[tuple[float, float], tuple[int, str]] = field(default_factory=dict)
    wires: list[list[tuple[float, float]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for index, board in enumerate(of_class(self.root, "lk-breadboard")):
            self._read_board(index, board)
        for foot in of_class(self.root, "lk-foot"):
            self.feet[foot.get("data-terminal")].append(at(foot, "cx", "cy"))
        for pin in of_class(self.root, "lk-pin"):
            (pad,) = of_class(pin, "lk-pad")
            x, y = at(pad)
            number = int(re.search(r"header pin (\d+)", pin.find(f"{SVG}title").text)[1])
            self.pins[x + float(pad.get("width")) / 2, y + float(pad.get("height")) / 2] = number, pin.get("data-pin")
        self.wires = [corners(one.get("d")) for one in of_class(self.root, "lk-line")]

    def _read_board(self, index: int, board) -> None:
        letters = {float(one.get("x")): one.text for one in of_class(board, "lk-letter")}
        numbers = {float(one.get("y")): int(one.text) for one in of_class(board, "lk-number")}
        signs = {float(one.get("x")): one.text for one in of_class(board, "lk-sign")}
        (dots,) = of_class(board, "lk-holes")
        for x, y in re.findall(rf"M({NUMBER}) ({NUMBER})h0", dots.get("d")):
            spot = float(x), float(y)
            if spot[0] in letters:
                row = numbers[min(numbers, key=lambda height: abs(height - spot[1]))]
                self.contacts[spot] = index, row, "left" if letters[spot[0]] in "abcde" else "right"
            else:
                sign_x = min(signs, key=lambda there: abs(there - spot[0]))
                self.contacts[spot] = index, "rail", signs[sign_x], sign_x < min(letters)

    def node(self, point) -> object:
        """What a wire's end touches."""
        if point in self.pins:
            return "pin", self.pins[point][0]
        if point in self.contacts:
            return self.contacts[point]
        return next(("terminal", name) for name, spots in self.feet.items() if point in spots)


def read(svg: str) -> Picture:
    return Picture(ET.fromstring(svg))


def groups(picture: Picture) -> list[set]:
    """What is connected with what, by holes, feet and wires."""
    parent: dict = {}

    def find(node):
        parent.setdefault(node, node)
        while parent[node] != node:
            node = parent[node]
        return node

    def join(one, other) -> None:
        parent[find(one)] = find(other)

    for name, spots in picture.feet.items():
        find(("terminal", name))
        for spot in spots:
            if spot in picture.contacts:
                join(("terminal", name), picture.contacts[spot])
    for wire in picture.wires:
        join(picture.node(wire[0]), picture.node(wire[-1]))
    found = defaultdict(set)
    for node in parent:
        found[find(node)].add(node)
    return list(found.values())


def check_connected(circuit: Circuit, picture: Picture) -> None:
    """Each group of connected things is one net of the declaration, whole, and nothing else."""
    declared = {f"{piece.name}.{name}": end.net for piece in circuit.pieces for name, end in piece.terminals.items()}
    assert set(picture.feet) == set(declared)
    members = defaultdict(set)
    for name, net in declared.items():
        members[net].add(name)
    there = {net for _, net in picture.pins.values()}
    for group in groups(picture):
        terminals = {node[1] for node in group if node[0] == "terminal"}
        nets = {declared[name] for name in terminals}
        on_header = {net for number, net in picture.pins.values() if ("pin", number) in group}
        if nets == {None}:
            assert len(terminals) == 1
            assert not on_header
            continue
        assert len(nets | on_header) <= 1, f"{terminals} joins {nets | on_header}"
        net = next(iter(nets | on_header), None)
        if net in RAILS:
            assert on_header == {net}, f"{net} is not powered at {terminals}"
        elif terminals:
            assert terminals == members[net], f"{net} is in pieces: {terminals} without {members[net] - terminals}"
            assert on_header == ({net} & there), f"{net} does not come from the header"


def segments(wire) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return pairwise(wire)


def check_nothing_hidden(picture: Picture) -> None:
    """No two things in one hole, no wire along another, none over a hole in use."""
    ends = [end for wire in picture.wires for end in (wire[0], wire[-1])]
    on_board = [spot for spots in picture.feet.values() for spot in spots if spot in picture.contacts]
    taken = [*(end for end in ends if end in picture.contacts), *on_board]
    assert len(taken) == len(set(taken)), "two things in one hole"
    used_pins = [end for end in ends if end in picture.pins]
    assert len(used_pins) == len(set(used_pins)), "two wires on one pin"
    flat = [(number, piece) for number, wire in enumerate(picture.wires) for piece in segments(wire)]
    for number, (start, end) in flat:
        assert start[0] == end[0] or start[1] == end[1], f"wire {number} runs askew"
    for (one, first), (other, second) in combinations(flat, 2):
        assert one == other or not along(first, second), f"wires {one} and {other} lie on each other: {first}, {second}"
    for number, piece in flat:
        own = {picture.wires[number][0], picture.wires[number][-1]}
        for spot in {*taken, *used_pins} - own:
            assert distance(piece, spot) > WIDTH, f"wire {number} runs over {spot}"


def along(first, second) -> bool:
    """Two straight pieces run side by side, nearer than they are wide, for more than a point."""
    for axis in (0, 1):
        across = 1 - axis
        if first[0][across] == first[1][across] and second[0][across] == second[1][across]:
            overlap = min(max(first[0][axis], first[1][axis]), max(second[0][axis], second[1][axis])) - max(
                min(first[0][axis], first[1][axis]), min(second[0][axis], second[1][axis])
            )
            if overlap > 0 and abs(first[0][across] - second[0][across]) < WIDTH:
                return True
    return False


def distance(piece, spot) -> float:
    (x1, y1), (x2, y2) = piece
    x = min(max(spot[0], min(x1, x2)), max(x1, x2))
    y = min(max(spot[1], min(y1, y2)), max(y1, y2))
    return ((spot[0] - x) ** 2 + (spot[1] - y) ** 2) ** 0.5


def check(circuit: Circuit) -> Picture:
    picture = read(circuit.svg())
    check_connected(circuit, picture)
    check_nothing_hidden(picture)
    return picture


@pytest.mark.parametrize("seed", range(60))
def test_any_circuit_is_drawn_as_it_was_declared(random_circuit, seed):
    check(random_circuit(seed))


@pytest.mark.parametrize("kind", parts.__all__)
def test_many_of_a_kind_are_drawn_as_declared(kinds_of_parts, kind):
    from random import Random

    r = Random(kind)
    check(Circuit({f"p{index}_": kinds_of_parts[kind](r, lambda: r.randrange(30)) for index in range(12)}))


def test_as_many_parts_as_the_header_has_pins():
    picture = check(Circuit({f"led{gpio}": parts.Led(gpio) for gpio in range(28)}))
    assert len(of_class(picture.root, "lk-breadboard")) == 1
    picture = check(Circuit({f"go{gpio}": parts.PushButton(gpio) for gpio in range(28)}))
    assert len(of_class(picture.root, "lk-breadboard")) == 2


def test_a_part_taller_than_a_board_goes_on_on_the_next():
    segments_on = dict(zip("abcdefg", range(7), strict=True))
    picture = check(Circuit({"show": parts.SevenSegment(segments_on, digits=range(7, 27))}))
    assert len(of_class(picture.root, "lk-breadboard")) == 2


def test_the_same_circuit_is_always_drawn_the_same(random_circuit):
    assert random_circuit(7).svg() == random_circuit(7).svg()


def test_a_small_circuit_has_a_small_board():
    numbers = of_class(check(Circuit({"red": parts.Led(17)})).root, "lk-number")
    assert max(int(one.text) for one in numbers) == 30


def test_an_empty_circuit_is_an_empty_board():
    assert check(Circuit({})).wires == []


def test_the_first_header_of_26_pins():
    from gpiozero.pins.pi import PiBoardInfo

    from labkit.circuits.header import header_of

    circuit = Circuit({"red": parts.Led(17), "far": parts.Led(26)})
    circuit.header = header_of(PiBoardInfo.from_revision(0x2))
    picture = check(circuit)
    assert len(picture.pins) == 26


# ---- the walk itself can fail


@pytest.mark.parametrize(
    ("pattern", "replacement", "complaint"),
    [
        (r'(<g class="lk-wire lk-blue".*?</g>)', "", "GPIO17"),  # a wire is missing
        (r"(<circle[^>]*data-terminal=\"red\.cathode\"/>)", r"\1\1", "two things in one hole"),
        (r'(<g class="lk-wire lk-black" data-net="GND" data-kind="rail".*?</g>)', "", "GND is not powered"),
        (r'(<g class="lk-wire lk-black" data-net="GND" data-kind="power".*?</g>)', "", "GND is not powered"),
    ],
    ids=["a wire to the header", "two legs in one hole", "a wire to ground", "power"],
)
def test_a_picture_with_a_mistake_is_found_out(pattern, replacement, complaint):
    circuit = Circuit({"red": parts.Led(17), "green": parts.Led(18)})
    wrong = re.sub(pattern, replacement, circuit.svg(), count=1)
    assert wrong != circuit.svg()
    picture = read(wrong)
    with pytest.raises(AssertionError, match=complaint):
        check_connected(circuit, picture)
        check_nothing_hidden(picture)


def test_a_wire_in_the_wrong_row_and_one_over_another_are_found_out():
    circuit = Circuit({"red": parts.Led(17), "green": parts.Led(18)})
    picture = read(circuit.svg())
    signals = [number for number, (_, net) in picture.pins.items() if net.startswith("GPIO")]
    first, second = (index for index, wire in enumerate(picture.wires) if wire[0] in signals)
    picture.wires[first][-1], picture.wires[second][-1] = picture.wires[second][-1], picture.wires[first][-1]
    with pytest.raises(AssertionError):
        check_connected(circuit, picture)
    doubled = read(circuit.svg())
    doubled.wires.append([(x, y + 1) for x, y in doubled.wires[0][1:-1]])
    with pytest.raises(AssertionError, match="lie on each other"):
        check_nothing_hidden(doubled)
