"""The first line of a panel: what the device is called, its class, its pins, and what else there is to know."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

__all__ = ["heading", "pins_in_words"]

# More pins than these are counted; the tip has them all.
NAMED_AT_MOST = 8


def heading(device: Any, pins: Iterable[str], name: str, board: Any) -> str:
    """As HTML; without a name, the class stands for it."""
    kind = type(device).__name__
    facts = [escape(kind) if name else "", pins_in_words(pins), "simulated" if board.simulated else ""]
    if getattr(device, "source", None) is not None:
        facts.append("follows a source")
    return f'<b>{escape(name or kind)}</b> <span class="labkit-faint">{" · ".join(filter(None, facts))}</span>'


def pins_in_words(pins: Iterable[str]) -> str:
    """`GPIO4, 5, 6`: as HTML."""
    names = sorted(pins, key=lambda pin: (len(pin), pin))
    if len(names) > NAMED_AT_MOST:
        return f'<span title="{escape(_listed(names))}">{len(names)} pins</span>'
    return escape(_listed(names))


def _listed(names: list[str]) -> str:
    """What they begin with alike is said once."""
    first, others = names[:1], names[1:]
    return ", ".join([*first, *(name.removeprefix("GPIO") for name in others)])
