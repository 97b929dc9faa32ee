"""A lamp for each piece of a composite device, by the name that code has for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from gpiozero import Button, Buzzer, CompositeDevice, CompositeOutputDevice, LEDCollection, Motor, OutputDevice

from labkit.panels.drawing import COLOURS, lamp
from labkit.pieces import pieces

__all__ = ["Leaf", "leaves", "strip"]

# The names of more are read one by one, at their lamps.
NAMED_AT_MOST = 12

Leaf = tuple[str, Any]
"""A piece that is no collection itself, and its place: `.hat.red`."""


def leaves(device: Any) -> Iterator[Leaf]:
    """The pieces of a device, and the pieces of those that are collections."""
    for place, piece in pieces(device):
        if isinstance(piece, LEDCollection) or type(piece) in (CompositeDevice, CompositeOutputDevice):
            yield from ((place + inner, leaf) for inner, leaf in leaves(piece))
        else:
            yield place, piece


def strip(shown: Sequence[Leaf]) -> str:
    """As HTML."""
    lamps = [(place, lamp(_level(leaf), _colour(place, leaf), place)) for place, leaf in shown]
    if len(lamps) > NAMED_AT_MOST:
        return "".join(lit for _, lit in lamps)
    return "".join(
        f'<span class="labkit-chip">{lit}<span aria-hidden="true">{escape(place.removeprefix("."))}</span></span>'
        for place, lit in lamps
    )


def _level(leaf: Any) -> float:
    return abs(float(leaf.value)) if isinstance(leaf, OutputDevice | Motor) else float(bool(leaf.is_active))


def _colour(place: str, leaf: Any) -> str:
    """By its name, or else by what it is."""
    named = COLOURS.get(place.rpartition(".")[2])
    kinds = ((Button, "yellow"), (Buzzer, "amber"), (CompositeDevice, "blue"))
    return named or COLOURS[next((colour for kind, colour in kinds if isinstance(leaf, kind)), "red")]
