"""A scenario being carried out: its plan as values, and the run of it on one board."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from labkit.errors import ElectricalFault, ScenarioError
from labkit.sim.board import Board
from labkit.sim.catalogue import kinds, make_part, of_default_name
from labkit.sim.expectations import Expectation, Failure
from labkit.sim.part import Part
from labkit.sim.stage import Stage, Target
from labkit.sim.verbs import VERBS
from labkit.sim.watch import Watch

__all__ = ["Event", "PartPlan", "Performance", "Plan", "When"]


@dataclass(frozen=True)
class When:
    """Once at `at_ns`, or from then on every `every_ns`, at most `times`, never after `until_ns`."""

    at_ns: int
    every_ns: int = 0
    times: int | None = 1
    until_ns: int | None = None

    def is_over(self, at_ns: int, done: int) -> bool:
        """Whether it does not happen at that time any more, having happened so often."""
        return (self.times is not None and done >= self.times) or (self.until_ns is not None and at_ns > self.until_ns)


@dataclass(frozen=True)
class Event:
    """What happens when; `place` says in which file and line it stands."""

    when: When
    verb: str
    target: Target
    arguments: Mapping[str, Any]
    place: str


@dataclass(frozen=True)
class PartPlan:
    """A part to wire up before anything else."""

    kind: str
    name: str
    parameters: Mapping[str, Any]
    place: str


@dataclass
class Plan:
    """All of a scenario."""

    parts: list[PartPlan] = field(default_factory=list)
    environment: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)

    def kind_of(self, target: Target) -> Sequence[type[Part]]:
        """What a target is, as far as the plan or its default name gives that away."""
        if not isinstance(target, str):
            return []
        planned = [kinds()[plan.kind] for plan in self.parts if plan.name == target]
        return planned or of_default_name(target)


class Performance:
    """A plan on a board, from `Scenario.start` until it is over or `finish` is called.

    Attributes:
        failures: The expectations that were not met so far, in the order they failed.
    """

    def __init__(
        self,
        plan: Plan,
        board: Board,
        names: Callable[[str], Iterable[int]] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self.failures: list[Failure] = []
        self._on_error = on_error
        self._stage = Stage(board, names)
        self._over = False
        for name, value in plan.environment.items():
            setattr(board.environment, name, value)
        for part in plan.parts:
            self._wire(part, board)
        # Events first: an expectation at the same instant sees what they did.
        for number, event in enumerate(plan.events):
            self._plan(event, Random(f"{board.seed}:scenario:{number}"))
        self._watches = [Watch(expected, self._stage, self.failures.append) for expected in plan.expectations]
        if self._watches:
            board.listeners.append(self._hear)

    def finish(self) -> list[Failure]:
        """The program is over: nothing more happens, and what is still expected did not come. Returns all failures."""
        if not self._over:
            self._over = True
            self._stage.stop_all()
            for watch in self._watches:
                watch.finish()
            if self._watches:
                self._stage.board.listeners.remove(self._hear)
        return self.failures

    def _hear(self, pin: str, timestamp_ns: int, level: float) -> None:
        for watch in self._watches:
            watch.hear(pin, timestamp_ns, level)

    def _wire(self, plan: PartPlan, board: Board) -> None:
        try:
            board.add(make_part(plan.kind, plan.name, {k: _filled(v, board) for k, v in plan.parameters.items()}))
        except (LookupError, ValueError) as error:
            raise ScenarioError(f"{plan.place}: {error}") from None

    def _plan(self, event: Event, random: Random) -> None:
        when, clock, start_ns = event.when, self._stage.board.clock, self._stage.start_ns
        done = 0

        def plan_next() -> None:
            at_ns = when.at_ns + done * when.every_ns
            if not when.is_over(at_ns, done):
                clock.call_later(max(0, start_ns + at_ns - clock.now_ns()), happen)

        def happen() -> None:
            nonlocal done
            if not self._over and self._do(event, random):
                done += 1
                plan_next()

        plan_next()

    def _do(self, event: Event, random: Random) -> bool:
        try:
            VERBS[event.verb].do(self._stage, event.target, dict(event.arguments), random)
        except ElectricalFault as error:  # of a strict board: not the scenario's mistake, but its doing
            self._give_up(error)
        except (LookupError, AttributeError, ValueError, TypeError) as error:
            self._give_up(ScenarioError(f"{event.place}: {error}"))
        else:
            return True
        return False

    def _give_up(self, error: Exception) -> None:
        if self._on_error is None:
            raise error
        self._on_error(error)


def _filled(value: Any, board: Board) -> Any:
    """A parameter with the names of parts in it replaced by the parts: what a converter's channels measure."""
    if isinstance(value, dict):
        return {key: board.parts[one] if isinstance(one, str) else one for key, one in value.items()}
    return value
