"""Pieces: what one takes out of the box for a part, and where each terminal goes.

A part that a program knows as one thing may be several in the hand: an LED and its resistor. Places are written
`"d0"`, a hole of the breadboard by column and by row from the part's first one, or `">2"`, a jumper wire from a
module beside the board to that row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.parts.elements import Element, Junction, Resistance
from labkit.parts.nodes import GROUND, RAILS

__all__ = ["Piece", "Terminal", "farads_text", "led", "module", "ohms_text", "resistor"]


@dataclass(frozen=True)
class Terminal:
    """One terminal of a piece.

    Attributes:
        net: What it must be connected to; None for nothing.
        places: Where it is: several for a terminal with several legs.
        note: How one finds it on the piece: "long leg".
        is_ground: It belongs to ground, so nothing is right while it goes nowhere.
        is_unused: It goes nowhere on purpose.
    """

    net: str | None
    places: tuple[str, ...]
    note: str = ""
    is_ground: bool = False
    is_unused: bool = False


@dataclass(frozen=True)
class Piece:
    """One thing in the hand.

    Attributes:
        name: Unique in its circuit: `"red"`, `"red.resistor"`.
        look: How it is drawn: `"led"`, `"resistor"`, `"dip"`, `"servo"`, …
        label: What the parts list calls it: `"LED, red"`.
        terminals: By the name printed on it, or by function.
        elements: What it does electrically.
        traits: What else the drawing needs: colours, ohms, words.
    """

    name: str
    look: str
    label: str
    terminals: Mapping[str, Terminal]
    elements: tuple[Element, ...] = ()
    traits: Mapping[str, Any] = field(default_factory=dict)


def resistor(name: str, ohms: float, one: tuple[str, str | None], other: tuple[str, str | None]) -> Piece:
    """A resistor between two (place, net)."""
    ends = {"1": Terminal(one[1], (one[0],)), "2": Terminal(other[1], (other[0],))}
    return Piece(
        name, "resistor", f"resistor {ohms_text(ohms)}", ends, (Resistance(one[1], other[1], ohms),), {"ohms": ohms}
    )  # fmt: skip


def led(name: str, color: str, volts: float, anode: tuple[str, str | None], cathode: tuple[str, str | None]) -> Piece:
    """An LED, its terminals given as (place, net)."""
    ends = {
        "anode": Terminal(anode[1], (anode[0],), "long leg"),
        "cathode": Terminal(cathode[1], (cathode[0],), "short leg, flat side", is_ground=anode[1] not in RAILS),
    }
    return Piece(name, "led", f"LED, {color}", ends, (Junction(anode[1], cathode[1], volts),), {"color": color})


def module(
    name: str,
    look: str,
    label: str,
    leads: Sequence[tuple[str, str | None]],
    elements: tuple[Element, ...] = (),
    *,
    row: int = 0,
    grounds: Sequence[str] = (GROUND,),
    **traits: Any,
) -> Piece:
    """Something beside the breadboard, with a jumper wire for each (pin, net), one row after another from `row` on."""
    ends = {
        pin: Terminal(net, (f">{row + index}",), is_ground=pin in grounds) for index, (pin, net) in enumerate(leads)
    }
    return Piece(name, look, label, ends, elements, traits)


def ohms_text(ohms: float) -> str:
    """A resistance for people: "330 Ω", "4.7 kΩ"."""
    for factor, unit in ((1e6, "MΩ"), (1e3, "kΩ")):
        if ohms >= factor:
            return f"{ohms / factor:g} {unit}"
    return f"{ohms:g} Ω"


def farads_text(farads: float) -> str:
    """A capacitance for people: "1 µF", "100 nF"."""
    return f"{farads * 1e6:g} µF" if farads >= 1e-6 else f"{farads * 1e9:g} nF"
