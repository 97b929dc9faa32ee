"""A circuit in words: the list of parts, and steps by which it could be built without seeing the picture."""

import re
from collections import defaultdict

import pytest

from labkit import parts
from labkit.circuits.circuit import Circuit
from labkit.circuits.drawing.colours import bands
from labkit.parts.nodes import RAILS


@pytest.mark.parametrize(
    ("ohms", "rings"),
    [
        (330, "orange orange brown gold"),
        (1_000, "brown black red gold"),
        (4_700, "yellow violet red gold"),
        (10_000, "brown black orange gold"),
        (1_000_000, "brown black green gold"),
        (10, "brown black black gold"),
        (4.7, "yellow violet gold gold"),
        (0.22, "red red silver gold"),
        (1_234, "brown red orange brown brown"),
        (47.5, "yellow violet green gold brown"),
        (99.99, "brown black black black brown"),
        (0.001, ""),
    ],
)
def test_resistors_have_the_rings_of_their_value(ohms, rings):
    assert " ".join(name for name, _ in bands(ohms)) == rings


def test_the_list_of_parts_counts_what_one_takes_out_of_the_box():
    circuit = Circuit({"red": parts.Led(17), "green": parts.Led(27, color="green"), "ranger": parts.HcSr04(24, 23)})
    assert circuit.needs() == [
        "1 × half-size breadboard, 400 holes",
        "2 × resistor 330 Ω (orange, orange, brown, gold)",
        "1 × LED, red",
        "1 × LED, green",
        "1 × distance sensor, HC-SR04",
        "1 × resistor 1 kΩ (brown, black, red, gold)",
        "1 × resistor 2 kΩ (red, black, red, gold)",
        "11 × jumper wire, female to male",
        "4 × jumper wire, male to male",
    ]


def test_the_steps_name_every_leg_and_hole():
    assert Circuit({"red": parts.Led(17)}).steps() == [
        "Shut the Raspberry Pi down and unplug it: never wire what is powered.",
        "Lay the breadboard beside the Pi, row 1 away from you and column a towards the Pi's pins.",
        "red: resistor 330 Ω (orange, orange, brown, gold): one end in d2, the other in g2.",
        "red: LED, red: anode (long leg) in h2, cathode (short leg, flat side) in h3.",
        "red: blue wire from header pin 11 (GPIO17) to a2.",
        "red: black wire from j3 to the right blue rail (−).",
        "power: black wire from header pin 6 (GND) to the right blue rail (−).",
        "Compare everything with the picture, then plug the Raspberry Pi in.",
    ]


def built(circuit: Circuit) -> dict[str, set[str]]:
    """Build a circuit by its steps alone: which legs are connected with which header names."""
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    def contact(place: str, board: str) -> str:
        if pin := re.fullmatch(r"header pin \d+ \((\w+)\)", place):
            return f"net {pin[1]}"
        if "rail" in place:
            return f"{place.split(' of board')[0]} {board}"
        if hole := re.fullmatch(r"([a-j])(\d+)", place.split(" of ")[0]):
            return f"row {hole[2]} {'L' if hole[1] in 'abcde' else 'R'} {board}"
        return f"leg {place}"

    def where(place: str) -> str:
        board = re.search(r" of board (\d)", place)
        return contact(place, board[1] if board else "1")

    for step in circuit.steps():
        if wire := re.fullmatch(r"(?:\w+|power): \w+ wire from (.+) to (.+)\.", step):
            parent[find(where(wire[1]))] = find(where(wire[2]))
    found = defaultdict(set)
    for node in list(parent):
        found[find(node)].add(node)
    return {node: group for group in found.values() for node in group}


def test_every_lead_is_wired_by_the_steps_to_what_it_was_declared_for(random_circuit):
    checked = 0
    for seed in range(40):
        circuit = random_circuit(seed)
        there = {pin.net for pin in circuit.header.pins}
        groups = built(circuit)
        for piece in circuit.pieces:
            for terminal, end in piece.terminals.items():
                if end.places[0][0] == ">" and end.net in {*RAILS, *there}:
                    assert f"net {end.net}" in groups[f"leg {terminal} of {piece.name}"], (seed, piece.name, terminal)
                    checked += 1
    assert checked > 200


def test_a_full_size_board_may_have_interrupted_rails():
    steps = Circuit({f"led{gpio}": parts.Led(gpio) for gpio in range(4, 20)}).steps()
    assert any("interrupted half-way" in step for step in steps)
    assert (
        "1 × full-size breadboard, 830 holes"
        in Circuit({f"led{gpio}": parts.Led(gpio) for gpio in range(4, 20)}).needs()
    )
