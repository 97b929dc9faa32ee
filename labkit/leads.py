"""Test leads: a level that a person holds to a pin of a simulated board, where no part is wired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.boards import Board
from labkit.errors import PinDrives, RealPins

__all__ = ["Leads"]


class Leads:
    """The leads on one factory's pins. Callable from any thread.

    Args:
        factory: Whose pins.
        board: What they are; real ones take no leads.
        changed: Called with the name of a pin whose lead was put on or taken off.
    """

    def __init__(self, factory: Any, board: Board, changed: Callable[[str], None]) -> None:
        self._factory = factory
        self._board = board
        self._changed = changed

    def put(self, name: str, level: bool) -> None:
        """Hold an input high or low, stronger than any part, until it is taken off or the pin is set up anew.

        Raises:
            PinDrives: The pin is an output.
            RealPins: The pins are real.
        """
        pin = self._pin(name)
        if pin.function != "input":
            raise PinDrives(
                f"{name} is an output, so no level can be put on it. Close what drives it, or use a free pin."
            )
        # So that the change is reported although no device listens.
        pin.labkit_watch()
        (pin.drive_high if level else pin.drive_low)()
        self._changed(name)

    def take_off(self, name: str) -> None:
        """Leave a pin to its part and its pull.

        Raises:
            RealPins: The pins are real.
        """
        pin = self._pin(name)
        if hasattr(pin, "let_go"):
            pin.let_go()
        elif pin.function == "input":
            # gpiozero's mock pins know no lead: the level stays until the pull is set.
            (pin.drive_high if pin.pull == "up" else pin.drive_low)()
        self._changed(name)

    def _pin(self, name: str) -> Any:
        if not self._board.simulated:
            raise RealPins(
                f"{self._board.name} here has real pins: what is wired to them drives them. "
                f"labkit.bench('simulated') has test leads."
            )
        return self._factory.pin(name)
