"""A hand on the pins of a simulated bench: presses what is wired to an input, or drives the input itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.bench import Bench
from labkit.controls import PartControls
from labkit.errors import RealPins
from labkit.handles import Handle
from labkit.header.holding import Held

__all__ = ["Hand"]


class Hand:
    """What pressing a pin of the header does. Each act returns the line of code that does the same."""

    def __init__(self, bench: Bench, controls: PartControls) -> None:
        self._bench = bench
        self._controls = controls
        self._down: dict[str, tuple[Callable[[], str], bool]] = {}
        """How to take back what a press did, and whether that is done after a short one, too."""

    def wired(self, name: str) -> list[Handle] | None:
        """What can be done to the part on a pin; None where nothing is wired to it."""
        return self._controls.by_gpio.get(_number(name))

    def kind(self, name: str, held: Held | None, function: str | None) -> str:
        """What a press does: `"hold"` or `"push"` a part, flip its `"switch"`, `"drive"` the pin; empty: nothing.

        An input that a device holds is pressed through the part wired to it. A free pin, and one with
        nothing on it, is driven: each press changes its level.

        Args:
            name: The pin.
            held: Its holder, if it has one.
            function: The pin's function; None where no program has used it yet.
        """
        if not self._bench.board.simulated or function not in (None, "input") or (held is not None and held.is_bus):
            return ""
        if held is None or self.wired(name) is None:
            return "drive"
        handle = self._handle(name)
        return "" if handle is None else handle.kind

    def down(self, name: str, kind: str) -> str:
        """Press a pin; kind is what `kind` said of it, so that a person gets what they saw.

        Raises:
            RealPins: What is wired to real pins drives them, and no hand on a picture.
        """
        if not self._bench.board.simulated:
            raise RealPins("These are real pins: what is wired to them drives them.")
        if kind == "drive":
            return self._drive(name)
        handle = self._handle(name)
        if handle is None:
            return ""
        before = bool(handle.value)
        if handle.kind != "push":
            self._down[name] = (lambda: _use(handle, before)), handle.kind == "hold"
        return _use(handle, not before)

    def up(self, name: str, long: bool) -> str:
        """Let go of a pin: after a long press, and of a button always, it is again as before the press."""
        undo, momentary = self._down.pop(name, (None, False))
        return undo() if undo is not None and (long or momentary) else ""

    def take_lead(self, name: str) -> str:
        """Take the test lead off a pin."""
        self._down.pop(name, None)
        self._bench.let_go(name)
        return f"bench.let_go({_number(name)})"

    def _drive(self, name: str) -> str:
        pin = self._bench.factory.pin(name)
        before = getattr(pin, "lead", None)
        level = int(not pin.labkit_level())
        self._down[name] = (lambda: self.take_lead(name) if before is None else self._lead(name, before)), False
        return self._lead(name, level)

    def _lead(self, name: str, level: int) -> str:
        self._bench.drive(name, level)
        return f"bench.drive({_number(name)}, {level})"

    def _handle(self, name: str) -> Handle | None:
        """The one thing that a press can do to the part on a pin; None where there is a choice, or nothing."""
        found = [each for each in self.wired(name) or () if each.kind in ("hold", "switch", "push")]
        return found[0] if len(found) == 1 else None


def _use(handle: Handle, value: Any) -> str:
    handle.use(value)
    return handle.code(value)


def _number(name: str) -> int:
    return int(name.removeprefix("GPIO"))
