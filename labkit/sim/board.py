"""The board: nets by GPIO number, the parts on them, and what went wrong electrically."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from random import Random
from typing import Any, TypeVar

from labkit.clock import Clock, RealClock
from labkit.errors import LabError, NoSuchPin
from labkit.sim.faults import Fault
from labkit.sim.grid import Grid, Listener
from labkit.sim.net import Leg, Net
from labkit.sim.part import Part

__all__ = ["Board", "Environment", "Parts"]

PartT = TypeVar("PartT", bound=Part)


class Environment:
    """What surrounds every part, unless a part is told otherwise.

    Attributes:
        lux: Illuminance; 400 is an office.
        before_warming: Called just before the temperature changes: by parts that take it on slowly.
    """

    def __init__(self, temperature: float = 20.0, lux: float = 400.0) -> None:
        self.before_warming: list[Callable[[], None]] = []
        self._temperature = temperature
        self.lux = lux

    @property
    def temperature(self) -> float:
        """Of the air, in degrees Celsius."""
        return self._temperature

    @temperature.setter
    def temperature(self, celsius: float) -> None:
        for tell in tuple(self.before_warming):
            tell()
        self._temperature = celsius


class Parts(Mapping[int | str, Part]):
    """The parts of a board by name, or by a GPIO number that they sit on.

    Iterates over names, in the order the parts came. Where several parts share a pin, the number gives the
    newest; `on` gives all.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Part] = {}

    def __getitem__(self, key: int | str) -> Part:
        if isinstance(key, str) and key in self._by_name:
            return self._by_name[key]
        if isinstance(key, int) and (found := self.on(key)):
            return found[-1]
        place = f"GPIO{key}" if isinstance(key, int) else repr(key)
        raise NoSuchPin(f"no part at {place}; there are: {', '.join(map(repr, self.values())) or 'none yet'}")

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._by_name))

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, key: object) -> bool:
        return key in self._by_name or (isinstance(key, int) and bool(self.on(key)))

    def __repr__(self) -> str:
        return f"<parts: {', '.join(map(repr, self.values())) or 'none'}>"

    def on(self, gpio: int) -> list[Part]:
        """Every part with a leg on that GPIO number, oldest first."""
        return [part for part in self._by_name.values() if gpio in part.pins.values()]

    def place(self, part: Part) -> None:
        """Called by `Board.add`."""
        self._by_name[part.name] = part

    def lift(self, part: Part) -> None:
        """Called by `Board.remove`."""
        del self._by_name[part.name]


class Board:
    """A simulated Pi's pins and everything that is wired to them.

    Safe from any thread: one lock guards all nets, and user code never runs while it is held.

    Attributes:
        clock: Lab time for every part and pin of the board.
        seed: Of all randomness; each part's random numbers depend on it and on the part's own name.
        parts: By name or GPIO number.
        environment: Temperature and light.
    """

    def __init__(self, clock: Clock | None = None, *, seed: int = 0, strict: bool = False) -> None:
        self.grid = Grid(clock if clock is not None else RealClock(), seed, strict)
        self.seed = seed
        self.parts = Parts()
        self.environment = Environment()
        self.when_part_set: Callable[[], None] | None = None
        """Called after a quantity of some part was set, in the thread that set it; it must be quick."""

    def __repr__(self) -> str:
        return f"<Board with {len(self.parts)} parts, {len(self.faults)} faults>"

    @property
    def clock(self) -> Clock:
        return self.grid.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        """Another clock from now on; it must not lie behind the one before."""
        self.grid.clock = clock

    @property
    def faults(self) -> list[Fault]:
        """The distinct electrical faults so far, oldest first."""
        return self.grid.faults.entries

    @property
    def strict(self) -> bool:
        """Faults are raised, not warned of."""
        return self.grid.faults.strict

    @property
    def listeners(self) -> list[Listener]:
        """Add a callable here to hear of every level change: `(pin, timestamp_ns, level)`.

        It is called under the board's lock, before any event handler of the user's: it must only take note.
        """
        return self.grid.listeners

    def note_setting(self) -> None:
        """Called by the parts: a sensor's reading changed, though no net did."""
        self.clock.acted()
        if self.when_part_set is not None:
            self.when_part_set()

    def net(self, gpio: int) -> Net:
        """The net that a GPIO number sits on."""
        return self.grid.net(gpio)

    def join(self, *gpios: int) -> Net:
        """Put a wire between GPIO numbers."""
        first, *others = gpios
        for other in others:
            self.grid.join(first, other)
        return self.net(first)

    def hold(self) -> AbstractContextManager[None]:
        """Make the changes inside a `with` one: nothing settles before its end."""
        return self.grid.hold()

    def add(self, part: PartT) -> PartT:
        """Wire a part up and return it.

        Raises:
            LabError: The name is taken.
        """
        if part.name in self.parts:
            holder = self.parts[part.name]
            raise LabError(f"{part.name!r} is taken by {holder!r}: give name= to tell them apart.")
        with self.hold():
            legs = {leg: self.net(gpio).leg(f"{part.name}.{leg}") for leg, gpio in part.pins.items()}
            self.parts.place(part)
            part.wire(self, legs, Random(f"{self.seed}:{part.name}"))
        return part

    def spi_slaves(self, clock: int, select: int) -> list[Any]:
        """The parts that hardware SPI reaches on these GPIO numbers, wires between pins included."""
        nets = self.net(clock), self.net(select)
        return [part for part in self.parts.values() if getattr(part, "spi_nets", None) == nets]

    def disconnect(self, part: Part) -> None:
        """Pull a part's wires off; it goes on by itself, and `reconnect` puts them back."""
        with self.hold():
            for leg in part.legs.values():
                self.grid.move(leg, Net(self.grid, f"{leg.label}, disconnected"))

    def reconnect(self, part: Part) -> None:
        """Put a part's wires back on their pins."""
        with self.hold():
            for name, leg in part.legs.items():
                self.grid.move(leg, self.net(part.pins[name]))

    def short(self, gpio: int, volts: float = 0.0) -> Leg:
        """Put a wire from a pin to ground, or to a supply; `mend` takes it away."""
        leg = self.net(gpio).leg(f"a wire to {volts:g} V")
        leg.drive(volts)
        return leg

    def mend(self, wire: Leg) -> None:
        """Take away a wire that `short` put there."""
        with self.hold():
            wire.net.drop(wire)

    def remove(self, part: Part) -> None:
        """Take a part off its pins."""
        with self.hold():
            part.detach()
            for leg in part.legs.values():
                leg.net.drop(leg)
            self.parts.lift(part)
