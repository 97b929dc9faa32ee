"""The pin header that a circuit is wired to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from gpiozero.pins.pi import PiBoardInfo

from labkit.parts.nodes import RAILS, gpio_number

__all__ = ["Header", "HeaderPin", "header_of", "standard_header"]


@dataclass(frozen=True)
class HeaderPin:
    """One pin.

    Attributes:
        number: As counted on the board, from 1.
        net: `"GPIO17"`, `"3V3"`, `"GND"`, …
        row: From 1.
        column: 1, or 2 at the board's edge.
        pull: "up" where the board has a resistor to 3.3 V, else empty.
    """

    number: int
    net: str
    row: int
    column: int
    pull: str

    @property
    def is_supply(self) -> bool:
        return self.net in RAILS


@dataclass(frozen=True)
class Header:
    """All pins of one, in the order of their numbers."""

    pins: tuple[HeaderPin, ...]

    @property
    def rows(self) -> int:
        return max(pin.row for pin in self.pins)

    def of(self, net: str | None) -> list[HeaderPin]:
        """The pins on a net: several for the supplies; none for what the header does not have."""
        return [pin for pin in self.pins if pin.net == net]

    @property
    def gpios(self) -> list[int]:
        """The GPIO numbers that it has."""
        return sorted(number for pin in self.pins if (number := gpio_number(pin.net)) is not None)

    @property
    def pulled_up(self) -> list[str]:
        """The nets that the board itself pulls up."""
        return [pin.net for pin in self.pins if pin.pull == "up"]


def header_of(board_info: Any) -> Header:
    """The header of a board, from gpiozero's data about it."""
    headers = board_info.headers
    # J8 since the B+, P1 on the first boards; compute modules have a socket.
    name = next((name for name in ("J8", "P1") if name in headers), next(iter(headers)))
    pins = headers[name].pins.values()
    return Header(tuple(HeaderPin(pin.number, pin.name, pin.row, pin.col, pin.pull) for pin in pins))


@cache
def standard_header() -> Header:
    """The 40 pins that every Raspberry Pi since the B+ has."""
    return header_of(PiBoardInfo.from_revision(0xC03114))
