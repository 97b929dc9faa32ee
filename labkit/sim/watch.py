"""Finds out whether an expectation is met, while a scenario is carried out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from labkit.errors import ScenarioError
from labkit.sim.expectations import COUNTS, LEVELS, Expectation, Failure, in_unit, matches, text_of
from labkit.sim.net import Net
from labkit.sim.quantities import time_text
from labkit.sim.stage import Stage

__all__ = ["Watch"]

LOOK_NS = 10_000_000
"""Readings that change by themselves, such as a servo's angle, are looked at that often."""


class Watch:
    """Looks, from the window's start to its end, whether an expectation is met; reports once at most.

    Levels are judged by their changes, to the nanosecond: at an instant counts what it left behind, and
    to `during` belongs all from its start to just before its end. Readings of parts are looked at every
    10 ms, and when any pin has changed.
    """

    def __init__(self, expectation: Expectation, stage: Stage, report: Callable[[Failure], None]) -> None:
        self.expectation = expectation
        self._stage = stage
        self._report = report
        self._open = self._done = False
        self._seen = ""
        self._levels = defaultdict(float, {gpio: _level_of(net) for gpio, net in stage.board.grid.nets.items()})
        self._counts: dict[int, dict[str, int]] = {}
        self._last_edge_ns: dict[int, int] = {}
        self._reads_part = not set(expectation.wanted) <= {*LEVELS, *COUNTS}
        self._looking = False
        if not expectation.counts:
            self._after(expectation.start_ns + 1, self._begin)
        self._after(expectation.end_ns + (0 if expectation.mode == "during" else 1), self._end)

    def hear(self, pin: str, timestamp_ns: int, level: float) -> None:
        """A pin changed. Called under the board's lock: parts may be half way, so only levels are judged here."""
        if self._done:
            return
        gpio, now_ns, wish = int(pin[4:]), timestamp_ns - self._stage.start_ns, self.expectation
        if now_ns > wish.start_ns and not self._reads_part:
            self._begin()
        if now_ns > wish.end_ns - (wish.mode == "during") and not self._reads_part:
            self._end()
        if wish.start_ns <= now_ns <= wish.end_ns:
            self._count(gpio, level, now_ns)
        self._levels[gpio] = level
        if self._reads_part and self._open and not self._looking:
            self._looking = True
            self._after(now_ns, self._look)
        elif not self._reads_part and (self._open or (wish.mode == "within" and now_ns == wish.start_ns)):
            self._look()

    def finish(self) -> None:
        """The program is over: judge by what was seen so far."""
        now_ns, wish = self._stage.now_ns, self.expectation
        if now_ns >= wish.start_ns:
            self._begin()
        if now_ns >= wish.end_ns or wish.counts:
            self._end()
        ended = f"the program ended at {time_text(now_ns)}"
        if now_ns < wish.start_ns:
            self._fail(f"{ended}, before that")
        elif wish.mode == "during":
            self._fail(f"it was so until {ended}")
        else:
            self._fail(f"{self._seen} when {ended}")

    def _after(self, at_ns: int, callback: Callable[[], None]) -> None:
        self._stage.board.clock.call_later(max(0, at_ns - self._stage.now_ns), callback)

    def _begin(self) -> None:
        if not self._open and not self._done and not self.expectation.counts:
            self._open = True
            self._look(self.expectation.start_ns)
            if self._reads_part:
                self._tick()

    def _tick(self) -> None:
        if not self._done:
            self._look()
            self._after(self._stage.now_ns + LOOK_NS, self._tick)

    def _end(self) -> None:
        if self.expectation.counts:
            self._judge_counts()
        else:
            self._begin()
            if self.expectation.mode != "during":
                self._look()
                self._fail(self._seen)
        self._done = True

    def _look(self, at_ns: int | None = None) -> None:
        self._looking = False
        if self._done or self.expectation.counts:
            return
        met, self._seen = self._state()
        if met:
            self._done = self.expectation.mode != "during"
        elif self.expectation.mode == "during":
            self._fail(f"{self._seen} at {time_text(self._stage.now_ns if at_ns is None else at_ns)}")

    def _state(self) -> tuple[bool, str]:
        """Whether all is as wanted at this instant, and what it is, in words."""
        met, words = True, []
        for name, want in self.expectation.wanted.items():
            try:
                now, unit = self._reading(name)
                # A display that shows "3" shows no number.
                met = matches(now, want if isinstance(now, str) else in_unit(want, unit)) and met
            except ValueError as error:  # a ScenarioError, or a unit that does not fit
                return False, str(error)
            words.append(f"it was {'high' if now else 'low'}" if name == "high" else f"{name} was {text_of(now)}")
        return met, " and ".join(words)

    def _reading(self, name: str) -> tuple[Any, str]:
        """The present value of what is expected, and its unit."""
        if name in LEVELS:
            level = self._levels[self._stage.gpio(self.expectation.target)]
            return (level > 0 if name == "high" else level), ""
        part = self._stage.part(self.expectation.target)
        if name not in part.readable:
            there = ", ".join((*part.readable, *LEVELS, *COUNTS))
            raise ScenarioError(f"{part.name} has no {name!r} to read; it has {there}")
        return getattr(part, name), part.readable[name]

    def _count(self, gpio: int, level: float, now_ns: int) -> None:
        # Of every pin: whose name the target is may turn out later than its first edge.
        if bool(self._levels[gpio]) != bool(level):
            counts = self._counts.setdefault(gpio, dict.fromkeys(COUNTS, 0))
            counts["edges"] += 1
            counts["rising" if level else "falling"] += 1
            self._last_edge_ns[gpio] = now_ns

    def _judge_counts(self) -> None:
        try:
            gpio = self._stage.gpio(self.expectation.target)
        except ScenarioError as error:
            self._fail(str(error))
            return
        counts = self._counts.get(gpio, dict.fromkeys(COUNTS, 0))
        wrong = [name for name, want in self.expectation.wanted.items() if not matches(counts[name], want)]
        if wrong:
            last = f", the last at {time_text(self._last_edge_ns[gpio])}" if gpio in self._last_edge_ns else ""
            self._fail(f"there were {' and '.join(f'{counts[name]} {name}' for name in wrong)}{last}")

    def _fail(self, what_happened: str) -> None:
        if not self._done:
            self._done = True
            message = f"expected {self.expectation.what}; {what_happened}"
            self._report(Failure(self.expectation.place, message, min(self._stage.now_ns, self.expectation.end_ns)))


def _level_of(net: Net) -> float:
    return float(net.duty if net.frequency_hz else net.level)
