"""Where a scenario is played: the board, and how names in a scenario find parts and pins on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from labkit.clock import Scheduled
from labkit.errors import ScenarioError
from labkit.sim.board import Board, Environment
from labkit.sim.net import Leg
from labkit.sim.part import Part
from labkit.sim.quantities import quantity, time_text
from labkit.sim.waveforms import Waveform

__all__ = ["ENVIRONMENT", "Stage", "Target", "pin_number"]

Target = int | str
"""A GPIO number, a pin's name, a part's name, or whatever else `names` knows."""
GPIOS = 28
NS_PER_S = 1_000_000_000
ENVIRONMENT = {"temperature": "°C", "lux": "lx"}
SOURCE_OHMS = 10.0


def pin_number(target: Target) -> int | None:
    """The GPIO number behind 17 or "GPIO17", None for other names.

    Raises:
        ScenarioError: The board has no pin of that number.
    """
    match = re.fullmatch(r"(?:GPIO|BCM)?(\d+)", str(target))
    if match is None or isinstance(target, bool):
        return None
    if int(match[1]) >= GPIOS:
        raise ScenarioError(f"there is no GPIO{match[1]}: the pins are GPIO0 to GPIO{GPIOS - 1}")
    return int(match[1])


class Stage:
    """A board on which a scenario is being played.

    Attributes:
        names: Tells the GPIO numbers behind a name that is no part's, such as a variable of the program.
        start_ns: The scenario's time 0, in lab time.
    """

    def __init__(self, board: Board, names: Callable[[str], Iterable[int]] | None = None) -> None:
        self.board = board
        self.names = names
        self.start_ns = board.clock.now_ns()
        self._players: dict[tuple[int, str], _Player] = {}
        self._sources: dict[int, Leg] = {}

    @property
    def now_ns(self) -> int:
        """Nanoseconds since the scenario's start."""
        return self.board.clock.now_ns() - self.start_ns

    # Who is meant

    def part(self, target: Target, can: str | None = None) -> Part:
        """The part that a scenario names.

        Args:
            target: Its name, or a pin that it sits on; where several do, the newest that `can`.
            can: A method that it must have.

        Raises:
            ScenarioError: There is none; the message says which there are.
        """
        found = self._candidates(target)
        if not found:
            raise ScenarioError(f"there is no part {self._called(target)} at {self._clock()}; {self._there()}")
        able = [part for part in found if can is None or hasattr(part, can)]
        if not able:
            others = [part.name for part in self.board.parts.values() if hasattr(part, can or "")]
            raise ScenarioError(f"{found[-1].name} can't {can}; what can: {', '.join(others) or 'nothing here'}")
        return able[-1]

    def gpio(self, target: Target) -> int:
        """The one GPIO number that a scenario names, by the pin, a part with one leg, or a device.

        Raises:
            ScenarioError: There is none, or it has several pins.
        """
        number = pin_number(target)
        if number is not None:
            return number
        if target in self.board.parts:
            numbers = list(self.board.parts[target].pins.values())
        else:
            numbers = list(self.names(str(target))) if self.names is not None else []
        if len(numbers) == 1:
            return numbers[0]
        if numbers:
            pins = ", ".join(f"GPIO{one}" for one in numbers)
            raise ScenarioError(f"{target} has the pins {pins}: say which one")
        raise ScenarioError(f"there is no pin, part or device {target!r} at {self._clock()}; {self._there()}")

    def _candidates(self, target: Target) -> list[Part]:
        if isinstance(target, str) and target in self.board.parts:
            return [self.board.parts[target]]
        number = pin_number(target)
        numbers = [number] if number is not None else list(self.names(str(target))) if self.names is not None else []
        return [part for one in numbers for part in self.board.parts.on(one)]

    def _called(self, target: Target) -> str:
        number = pin_number(target)
        return repr(target) if number is None else f"on GPIO{number}"

    def _clock(self) -> str:
        return time_text(round(self.now_ns, -3))

    def _there(self) -> str:
        parts = [
            part.name + (f" on {', '.join(f'GPIO{gpio}' for gpio in part.pins.values())}" if part.pins else "")
            for part in self.board.parts.values()
        ]
        return f"there are {', '.join(parts)}" if parts else "there are no parts yet"

    # What is done to them

    def set(self, target: Target, name: str, value: Any, random: Random, seconds: float | None) -> None:
        """Set a quantity of a part, or of the environment, now; a waveform goes on setting it."""
        owner: Any
        if target == "environment":
            owner, units, label = self.board.environment, ENVIRONMENT, "environment"
        else:
            owner = self.part(target)
            units, label = owner.settable, owner.name
        if name not in units:
            there = ", ".join(units) or "nothing to set"
            raise ScenarioError(f"{label} has no {name!r}; it has {there}")
        self.stop(owner, name)
        if not isinstance(value, Waveform):
            self.put(owner, name, quantity(value, units[name]))
            return
        self._players[id(owner), name] = _Player(
            value, self.board.clock, random, units[name], getattr(owner, name, 0.0),
            lambda now: self.put(owner, name, now), seconds,
        )  # fmt: skip

    def put(self, owner: Part | Environment, name: str, value: Any) -> None:
        """Set a value as it is."""
        if isinstance(owner, Part):
            owner.set(name, value)
        else:
            setattr(owner, name, value)

    def stop(self, owner: object, name: str) -> None:
        """Whatever drives that quantity, let it be."""
        player = self._players.pop((id(owner), name), None)
        if player is not None:
            player.stop()

    def stop_all(self) -> None:
        """No waveform goes on."""
        for player in self._players.values():
            player.stop()
        self._players.clear()

    def source(self, gpio: int, label: str) -> Leg:
        """The scenario's own wire to a pin."""
        if gpio not in self._sources:
            self._sources[gpio] = self.board.net(gpio).leg(label)
        leg = self._sources[gpio]
        leg.label = label
        return leg

    def play(self, key: object, name: str, wave: Waveform, random: Random, put: Callable[[Any], None]) -> None:
        """Have a waveform drive something that is no part's quantity."""
        self.stop(key, name)
        self._players[id(key), name] = _Player(wave, self.board.clock, random, "V", 0.0, put, None)


class _Player:
    """Sets a value at each of a waveform's instants; one is scheduled at a time."""

    def __init__(
        self, wave: Waveform, clock: Any, random: Random, unit: str, current: Any,
        put: Callable[[Any], None], seconds: float | None,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._start_ns = clock.now_ns()
        self._end = float("inf") if seconds is None else seconds
        start = current if isinstance(current, int | float) else 0.0
        self._steps = wave.play(random, lambda value: quantity(value, unit), start)
        self._put = put
        self._next: Scheduled | None = None
        self._advance()

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _advance(self) -> None:
        for instant, value in self._steps:
            if instant > self._end:
                return
            when_ns = self._start_ns + round(instant * NS_PER_S)
            late_ns = when_ns - self._clock.now_ns()
            if late_ns > 0:
                self._next = self._clock.call_later(late_ns, lambda value=value: self._step(value))
                return
            self._put(value)

    def _step(self, value: Any) -> None:
        self._put(value)
        self._advance()
