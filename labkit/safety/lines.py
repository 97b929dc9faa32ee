"""What Linux says of a GPIO chip's lines: which are in use, and by whom."""

from __future__ import annotations

import sys
from typing import Any

from labkit.claims import gpio_numbers

__all__ = ["lines_in_use"]

IN_USE = 1


def lines_in_use(factory: Any) -> dict[str, str]:
    """The lines that some process or driver has, with the name it gave; none where the backend can't ask."""
    if type(factory).__module__ != "gpiozero.pins.lgpio":
        return {}
    lgpio: Any = sys.modules["lgpio"]
    found = {}
    for number in gpio_numbers(factory.board_info):
        status, _, flags, _, user = lgpio.gpio_get_line_info(factory._handle, number)
        if status >= 0 and flags & IN_USE:
            found[f"GPIO{number}"] = str(user)
    return found
