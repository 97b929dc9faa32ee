"""Colours of channels: the same for a channel in every scope, and kept when it is taken away and comes back."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection

__all__ = ["PALETTE", "colour_of", "set_colour"]

# Okabe and Ito's colours, which colour-blind people tell apart, on light and dark ground.
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#b2a800", "#999999")

_given: dict[str, str] = {}
_lock = threading.Lock()


def colour_of(channel: str, beside: Collection[str] = ()) -> str:
    """The channel's colour; a new one gets one that none of the channels beside it has, where there is one left."""
    with _lock:
        if channel not in _given:
            taken = {_given[name] for name in beside if name in _given}
            free = [colour for colour in PALETTE if colour not in taken]
            _given[channel] = free[0] if free else PALETTE[len(_given) % len(PALETTE)]
        return _given[channel]


def set_colour(channel: str, colour: str) -> None:
    """A person chose.

    Raises:
        ValueError: Not a colour as `#rrggbb`.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour!r} is no colour: write it as #rrggbb, such as {PALETTE[0]}.")
    with _lock:
        _given[channel] = colour.lower()
