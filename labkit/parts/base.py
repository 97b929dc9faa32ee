"""What every declared part has: settings that are checked at once, its pieces, and its simulated counterpart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from labkit.errors import CircuitError
from labkit.parts.nodes import gpio_number
from labkit.parts.pieces import Piece
from labkit.sim.part import Part

__all__ = ["Declared"]


@dataclass(frozen=True)
class Declared:
    """A part of a circuit as somebody would write it down: which kind, on which pins, with which values.

    Frozen, and equal to another with the same settings. Nothing happens by making one: `labkit.circuit` draws,
    checks and simulates them.

    Attributes:
        title: What people call it.
        drives: The settings with the pins that the program drives.
        reads: The settings with the pins that the program reads.
    """

    title: ClassVar[str] = "part"
    drives: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for one in fields(self):
            try:
                value = one.metadata["read"](getattr(self, one.name))
            except ValueError as error:
                raise CircuitError(f"{type(self).__name__}: {one.name}: {error}.") from None
            object.__setattr__(self, one.name, value)

    def pieces(self, name: str) -> list[Piece]:
        """What one takes out of the box for it, and where each terminal goes. `name` is its name in the circuit."""
        raise NotImplementedError

    def simulated(self, name: str) -> list[Part]:
        """Its counterparts on a simulated board, the main one first, not wired yet; none where there is none."""
        return []

    @property
    def driven(self) -> list[str]:
        """The GPIO nets that the program drives."""
        return self._nets(self.drives)

    @property
    def read(self) -> list[str]:
        """The GPIO nets that the program reads."""
        return self._nets(self.reads)

    def settings(self) -> dict[str, Any]:
        """Every setting and its value, as read."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def _nets(self, names: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        for name in names:
            value = getattr(self, name)
            nets = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else [value]
            found += [net for net in nets if gpio_number(net) is not None and net not in found]
        return found


def number_of(net: Any) -> int:
    """The GPIO number of a pin setting, for the simulation."""
    number = gpio_number(net)
    if number is None:
        raise CircuitError(f"{net!r} is no GPIO pin.")
    return number
