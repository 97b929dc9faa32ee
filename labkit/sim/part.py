"""What every simulated part has: a name, legs on nets, a clock, and random numbers of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, ClassVar

from labkit.clock import Scheduled
from labkit.errors import PartNotWired

if TYPE_CHECKING:
    from labkit.sim.board import Board
    from labkit.sim.net import Leg

__all__ = ["Part"]

NS_PER_S = 1_000_000_000


class Part:
    """A simulated component. Subclasses give it physics; `docs/adding-a-part.md` walks through one.

    Made first, wired later: `Board.add` gives it its legs, clock and random numbers, then calls `attach`.

    Attributes:
        kind: The family's name, the stem of default part names.
        settable: Names of the properties that a scenario or a panel may set, with their units.
        readable: Names of the properties that tell what the part does, with their units.
        name: Unique on its board.
        pins: Which of its terminals sits on which GPIO number.
        random: This part's own random numbers: they don't change when other parts come or go.
    """

    kind: ClassVar[str] = "part"
    settable: ClassVar[Mapping[str, str]] = {}
    readable: ClassVar[Mapping[str, str]] = {}

    def __init__(self, pins: Mapping[str, int], *, name: str | None = None) -> None:
        self.pins = dict(pins)
        self.name = name or self.kind + "".join(str(gpio) for gpio in list(self.pins.values())[:1])
        self._legs: dict[str, Leg] = {}
        self.random = Random(self.name)
        self._board: Board | None = None

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name in self.settable and self.__dict__.get("_board") is not None:
            self.board.note_setting()

    def __repr__(self) -> str:
        where = ", ".join(f"{leg} on GPIO{gpio}" for leg, gpio in self.pins.items())
        return f"<{type(self).__name__} {self.name!r}: {where or 'no pins'}>"

    @property
    def board(self) -> Board:
        """The board it sits on.

        Raises:
            PartNotWired: It sits on none yet.
        """
        return self._wired()

    @property
    def legs(self) -> dict[str, Leg]:
        """Its terminals on their nets, by the names in `pins`.

        Raises:
            PartNotWired: It sits on no board yet.
        """
        self._wired()
        return self._legs

    def _wired(self) -> Board:
        if self._board is None:
            raise PartNotWired(f"{self.name} is on no board yet: wire it with board.add({self.name}).")
        return self._board

    def wire(self, board: Board, legs: dict[str, Leg], random: Random) -> None:
        """Called by `Board.add`; parts override `attach` instead."""
        self._board, self._legs, self.random = board, legs, random
        self.attach()

    def attach(self) -> None:
        """Take up the first state: drive, load and listen to legs. The board holds its lock meanwhile."""

    def detach(self) -> None:
        """Stop what is scheduled; the legs are let go by the board."""

    @property
    def now_ns(self) -> int:
        """Lab time in nanoseconds."""
        return self.board.clock.now_ns()

    def after(self, seconds: float, callback: Callable[[], None]) -> Scheduled:
        """Run callback that much later in lab time; `cancel()` on the result takes it back.

        The callback must not block. Times are rounded to whole nanoseconds.
        """
        return self.board.clock.call_later(round(seconds * NS_PER_S), callback)

    def readings(self) -> dict[str, object]:
        """What it does at present, by the names in `readable`."""
        return {name: getattr(self, name) for name in self.readable}

    def set(self, quantity: str, value: object) -> None:
        """Set one of the `settable` quantities.

        Raises:
            AttributeError: It has none of that name; the message says which it has.
        """
        if quantity not in self.settable:
            there = ", ".join(self.settable) or "nothing settable"
            raise AttributeError(f"{self.name} has no {quantity!r} to set; it has {there}.")
        setattr(self, quantity, value)
