"""What draws a run in a page: handed in from above, so that whoever only reads runs needs no front end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.errors import LabError
from labkit.history import History

__all__ = ["draw", "draw_with"]

Draw = Callable[[History, str], Any]
_draw: Draw | None = None


def draw_with(draw: Draw) -> None:
    """Have runs drawn by this from now on: it takes a history and a title, and gives what a cell shows."""
    global _draw
    _draw = draw


def draw(history: History, title: str) -> Any:
    """A figure.

    Raises:
        LabError: Nobody handed in what draws: `import labkit` does.
    """
    if _draw is None:
        raise LabError("Nothing here draws a run. Write: import labkit")
    return _draw(history, title)
