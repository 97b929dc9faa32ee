"""The simulated components as a bench reaches them: by pin, by name, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from labkit.errors import RealPins
from labkit.sim.factory import SimulatedFactory

__all__ = ["BenchParts"]


class BenchParts:
    """Looks components up: `parts[2]`, `parts["led17"]`; iterating gives each, in the order they came.

    Raises:
        NoSuchPin: The board has no such pin, or nothing is wired to it.
        RealPins: These are real pins; from any use of it.
    """

    def __init__(self, factory: Any, board_name: str, pin_name: Callable[[Any], str]) -> None:
        self._factory = factory
        self._board_name = board_name
        self._pin_name = pin_name

    def __getitem__(self, pin: Any) -> Any:
        parts = self.board("parts").parts
        if isinstance(pin, str) and pin in parts:
            return parts[pin]
        return parts[self._factory.gpio(self._pin_name(pin))]

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self.board("parts").parts.values()))

    def troubles(self, pins: Iterable[str]) -> list[str]:
        """What electrically goes wrong at these pins now, a sentence for each; nothing is known of real pins."""
        if not isinstance(self._factory, SimulatedFactory):
            return []
        board, names = self._factory.board, set(pins)
        faults = [fault for fault in board.faults if fault.until_ns is None]
        if faults:
            names |= {board.net(self._factory.gpio(name)).name for name in names}
        return [fault.message for fault in faults if fault.where in names]

    def __repr__(self) -> str:
        return repr(self.board("parts").parts)

    def board(self, wanted: str) -> Any:
        """The simulated board, for something that only it has."""
        if isinstance(self._factory, SimulatedFactory):
            return self._factory.board
        raise RealPins(f"{self._board_name} here has no {wanted}; labkit.bench('simulated') has.")
