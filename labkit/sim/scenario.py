"""What happens when: presses, turns, waveforms and faults on a simulated board, and what should come of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from labkit.errors import LabError, ScenarioError
from labkit.sim.board import Board
from labkit.sim.catalogue import make_part
from labkit.sim.expectations import Expectation, Mode
from labkit.sim.performance import Event, PartPlan, Performance, Plan, When
from labkit.sim.quantities import nanoseconds, quantity
from labkit.sim.stage import ENVIRONMENT, Target, pin_number
from labkit.sim.verbs import check_arguments, check_quantities
from labkit.sim.waveforms import Replay

__all__ = ["Scenario"]


class Scenario:
    """A plan: `Scenario().at(1).press(2).at(2).expect(17, high=True)`; `start` carries it out on a board.

    `at`, `after` and `every` say when what follows them happens. A pin stands for the part on it, which need
    not be there before the event is due. The same plan can be started any number of times.

    Not thread-safe while it is being made.
    """

    def __init__(self) -> None:
        self.plan = Plan()
        self._when = When(0)
        self._place: str | None = None

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Read a scenario from a YAML file.

        Raises:
            ScenarioError: What is wrong, in which line, and what there is.
        """
        from labkit.sim.scenariofile import read_scenario

        return read_scenario(Path(path))

    # ---- when

    def at(self, time: float | str) -> Self:
        """What follows happens at that time: seconds, or text such as "1.5 s", "200 ms", "2m"."""
        self._when = When(self._time("at", time))
        return self

    def after(self, delay: float | str) -> Self:
        """What follows happens that much later than what came before."""
        self._when = When(self._when.at_ns + self._time("after", delay))
        return self

    def every(self, period: float | str, *, times: int | None = None, until: float | str | None = None) -> Self:
        """What follows happens again and again: first at the time given with `at`, then every `period`."""
        every_ns = self._time("every", period)
        with self._checked():
            if every_ns <= 0:
                raise ScenarioError("every needs a period above 0 s")
            if times is not None and (not isinstance(times, int) or times < 1):
                raise ScenarioError(f"times must be a whole number of 1 or more, not {times!r}")
        until_ns = None if until is None else self._time("until", until)
        self._when = When(self._when.at_ns, every_ns, times, until_ns)
        return self

    # ---- what there is

    def part(self, kind: str, *, name: str | None = None, **parameters: Any) -> Self:
        """Wire a part up before the program starts: `part("PushButton", name="go", pin=2, bounces=4)`."""
        return self.add_part(kind, name, parameters)

    def environment(self, **quantities: Any) -> Self:
        """Set the air's temperature (°C) and the light (lx) from the beginning."""
        with self._checked():
            check_quantities("environment", quantities, ENVIRONMENT)
        self.plan.environment |= {name: quantity(value, ENVIRONMENT[name]) for name, value in quantities.items()}
        return self

    # ---- what happens

    def press(self, target: Target, **how: Any) -> Self:
        """Press a button for `seconds` (0.1; None until `release`), with `bounces` `within` some seconds."""
        return self.do("press", target, how)

    def release(self, target: Target) -> Self:
        """Let a button go."""
        return self.do("release", target, {})

    def flip(self, target: Target) -> Self:
        """Move a switch over."""
        return self.do("flip", target, {})

    def move(self, target: Target, **how: Any) -> Self:
        """Something moves in front of a motion sensor for `seconds`; or a quantity glides `to` a value in `seconds`."""
        return self.do("move", target, how)

    def rotate(self, target: Target, steps: int, **how: Any) -> Self:
        """Turn a knob by detents, `seconds` each."""
        return self.do("rotate", target, {"steps": steps, **how})

    def set(self, target: Target, **quantities: Any) -> Self:
        """Set quantities of a part, or of "environment", to values or waveforms; these for `seconds` if given."""
        return self.do("set", target, quantities)

    def disconnect(self, target: Target) -> Self:
        """Take a part off its pins."""
        return self.do("disconnect", target, {})

    def connect(self, target: Target) -> Self:
        """Put a disconnected part back."""
        return self.do("connect", target, {})

    def short(self, target: Target, to: Target = "ground", **how: Any) -> Self:
        """Put a wire from a pin to "ground", "supply" (for `seconds` if given) or another pin."""
        return self.do("short", target, {"to": to, **how})

    def drive(self, target: Target, **how: Any) -> Self:
        """Hold a pin at `volts` or at a `level` from outside: a value, a waveform, or None to let go."""
        return self.do("drive", target, how)

    def replay(self, target: Target, file: str | Path, signal: str, **how: Any) -> Self:
        """Drive a pin as a signal of a recording (CSV or JSONL) went."""
        with self._checked():
            recorded = Replay(file, signal, **how)
        return self.do("drive", target, {"level": recorded})

    def expect(self, target: Target, *, within: Any = None, during: Any = None, **wanted: Any) -> Self:
        """Look for something: now, at some instant `within` a window (from, to), or all the time `during` one.

        Args:
            target: A pin, a part, or a device of the program by its variable.
            within: Seconds, or text, from the scenario's start.
            during: The same.
            wanted: `high`, `duty`, `edges`, `rising`, `falling`, or a reading of the part; a value, or a
                range (low, high).
        """
        return self.look_for(target, within, during, wanted)

    # ---- the same for files, whose words are no Python names

    def do(self, verb: str, target: Target, arguments: Mapping[str, Any]) -> Self:
        """Plan any verb."""
        with self._checked():
            read = check_arguments(verb, target, arguments, self.plan.kind_of(target))
        self.plan.events.append(Event(self._when, verb, target, read, self._here()))
        return self

    def add_part(self, kind: str, name: str | None, parameters: Mapping[str, Any]) -> Self:
        """Plan a part."""
        with self._checked():
            parameters = {key: _without_gpio(value) for key, value in parameters.items()}
            made = make_part(kind, name, parameters)
            if any(plan.name == made.name for plan in self.plan.parts):
                raise ScenarioError(f"there are two parts {made.name!r}: give one another name")
        self.plan.parts.append(PartPlan(kind, made.name, parameters, self._here()))
        return self

    def look_for(self, target: Target, within: Any, during: Any, wanted: Mapping[str, Any]) -> Self:
        """Plan an expectation."""
        with self._checked():
            if within is not None and during is not None:
                raise ScenarioError("expect takes within or during, not both")
            number = pin_number(target)
            mode: Mode = "within" if within is not None else "during" if during is not None else "at"
            start_ns, end_ns = self._window(within if within is not None else during)
            expected = Expectation(target if number is None else number, wanted, mode, start_ns, end_ns, self._here())
        self.plan.expectations.append(expected)
        return self

    @contextmanager
    def reading(self, place: str) -> Iterator[None]:
        """What is planned inside stands in that place of a file."""
        self._place = place
        try:
            yield
        finally:
            self._place = None

    # ---- carrying it out

    def start(
        self,
        board: Board,
        *,
        names: Callable[[str], Iterable[int]] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> Performance:
        """Begin: this instant of the board's clock is the scenario's time 0.

        Args:
            board: Where its parts are, or will be when they are needed.
            names: Tells the GPIO numbers behind names that are no part's.
            on_error: Told of an event that can't happen, in place of an error inside the clock.
        """
        return Performance(self.plan, board, names, on_error)

    def _window(self, window: Any) -> tuple[int, int]:
        if window is None:
            return self._when.at_ns, self._when.at_ns
        if not isinstance(window, list | tuple) or len(window) != 2:
            raise ScenarioError(f"{window!r} is no window: write two times, from and to")
        return nanoseconds(window[0]), nanoseconds(window[1])

    def _time(self, what: str, value: Any) -> int:
        with self._checked(f"{what}: "):
            return nanoseconds(value)

    @contextmanager
    def _checked(self, what: str = "") -> Iterator[None]:
        """Errors inside say where the mistake stands."""
        try:
            yield
        except (LabError, ValueError, TypeError) as error:
            raise ScenarioError(f"{self._here()}: {what}{error}") from None

    def _here(self) -> str:
        """A file and a line: the one being read, or else the caller's outside of labkit."""
        if self._place is not None:
            return self._place
        frame = sys._getframe(1)
        while _is_inside(frame.f_globals.get("__name__", "")) and frame.f_back is not None:
            frame = frame.f_back
        return f"{frame.f_code.co_filename}, line {frame.f_lineno}"


def _is_inside(module: str) -> bool:
    return module.startswith("labkit.") or module == "contextlib"


def _without_gpio(value: Any) -> Any:
    """A pin may be written 2 or "GPIO2"."""
    return int(value[4:]) if isinstance(value, str) and re.fullmatch(r"GPIO\d+", value) else value
