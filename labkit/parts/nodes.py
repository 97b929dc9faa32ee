"""Where a part's terminals go: a pin of the header, a supply, or ground; and how people write that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from gpiozero.pins.pi import PiBoardInfo

__all__ = ["FIVE_VOLTS", "GROUND", "RAILS", "SUPPLY", "Node", "Pin", "gpio_number", "net_of", "pin_net"]

Pin = Any
"""A GPIO number or any of gpiozero's names of a pin, `"GPIO17"`, `"BOARD11"`; once the part is made, the net's name."""
Node = Any
"""A pin, or `"GND"`, `"3V3"`, `"5V"`; once the part is made, the net's name."""

GROUND, SUPPLY, FIVE_VOLTS = "GND", "3V3", "5V"
RAILS: Mapping[str, float] = {GROUND: 0.0, SUPPLY: 3.3, FIVE_VOLTS: 5.0}
"""The nets that the header supplies, and their voltages."""

SPELLINGS = {
    "GND": GROUND, "GROUND": GROUND, "0V": GROUND,
    "3V3": SUPPLY, "3.3V": SUPPLY, "SUPPLY": SUPPLY,
    "5V": FIVE_VOLTS, "5V0": FIVE_VOLTS, "5.0V": FIVE_VOLTS,
}  # fmt: skip
WRITE = 'write a GPIO number such as 17, or a name such as "GPIO17" or "BOARD11"'


def net_of(node: Any) -> str:
    """The net at a node: `"GPIO17"`, `"GND"`, `"3V3"` or `"5V"`.

    Raises:
        ValueError: It is no name of any of them. A GPIO number that no board has is none of our business here.
    """
    if isinstance(node, str):
        text = node.strip().upper()
        rail = SPELLINGS.get(text.replace(" ", ""))
        if rail is not None:
            return rail
        match = re.fullmatch(r"(?:GPIO|BCM)?(\d{1,3})", text)
        if match is not None:
            return f"GPIO{int(match[1])}"
        if text in header_names():
            return header_names()[text]
    elif isinstance(node, int) and not isinstance(node, bool) and node >= 0:
        return f"GPIO{node}"
    raise ValueError(f'{node!r} is neither a pin nor a supply: {WRITE}; or "GND", "3V3", "5V"')


def pin_net(node: Any) -> str:
    """The same for what must be a GPIO pin.

    Raises:
        ValueError: It is none.
    """
    try:
        net = net_of(node)
    except ValueError:
        raise ValueError(f"{node!r} is no pin: {WRITE}") from None
    if net in RAILS:
        raise ValueError(f"{node!r} is no GPIO pin but {net}: {WRITE}")
    return net


def gpio_number(net: str | None) -> int | None:
    """The GPIO number of a net; None for a supply, ground, and wires between parts."""
    match = re.fullmatch(r"GPIO(\d+)", net or "")
    return int(match[1]) if match else None


@cache
def header_names() -> dict[str, str]:
    """The nets behind names that count the header's pins: `"BOARD11"`, `"J8:11"`, `"WPI0"`."""
    board = PiBoardInfo.from_revision(0xC03114)  # any with 40 pins; the first 26 are the same on all
    return {
        name.upper(): pin.name
        for pin in board.headers["J8"].pins.values()
        for name in pin.names
        if isinstance(name, str)
    }
