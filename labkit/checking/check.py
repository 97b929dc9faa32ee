"""A lesson's check and its result: a learner's program on a bench of its own, judged by its traces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from labkit.checking import teaching
from labkit.checking.judging import Verdict
from labkit.checking.trial import Trial, try_out
from labkit.sim.part import Part
from labkit.sim.scenario import Scenario
from labkit.sim.time.endings import Deadlock
from labkit.trace import Trace

__all__ = ["Check", "Judge", "Result", "Seen"]


class Seen(dict[str, Trace]):
    """What a judge gets: traces by the lesson's names, then those of other pins that the program used, by the pins'.

    Attributes:
        returned: What the program gave back; None where it did not come to its end.
    """

    def __init__(self, traces: Mapping[str, Trace], returned: Any = None) -> None:
        super().__init__(traces)
        self.returned = returned


Judge = Callable[[Seen], Iterable[Verdict] | Verdict]


@dataclass(frozen=True)
class Check:
    """What is tried, and what is expected of it.

    Attributes:
        name: What learners call it.
        judge: Gets the traces by name and yields a verdict for each claim.
        pins: The GPIO numbers that it looks at, by their names in the lesson.
        seconds: Lab time for the program.
        scenario: What happens meanwhile.
        parts: Makers of what is wired up; devices on other pins get their default parts.
        given: Makers of what the program takes as arguments, by name: devices, or any values.
        solution: A program that does it right: its traces are what is drawn as expected.
        hints: One for each further try, more and more concrete.
        wants_events: The program must not sleep where it could wait for an event.
        wants_closed: The program must close its devices.
        optional: Names of pins on which the program need not have a device.
        seed: Of everything random.
    """

    name: str
    judge: Judge
    pins: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 10.0
    scenario: Scenario | None = None
    parts: tuple[Callable[[], Part], ...] = ()
    given: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    solution: Callable[..., object] | None = None
    hints: tuple[str, ...] = ()
    wants_events: bool = False
    wants_closed: bool = False
    optional: frozenset[str] = frozenset()
    seed: int = 0

    def try_out(self, work: Callable[..., object]) -> Trial:
        """Run a program under this check's conditions."""
        return try_out(
            work, seconds=self.seconds, parts=self.parts, scenario=self.scenario, given=self.given, seed=self.seed
        )

    def seen(self, trial: Trial) -> Seen:
        """What the judge gets of a trial."""
        named = {name: _renamed(trial[gpio], name) for name, gpio in self.pins.items()}
        known = {f"GPIO{gpio}" for gpio in self.pins.values()}
        others = {pin: trace for pin, trace in trial.traces.items() if pin not in known}
        return Seen(named | others, trial.returned)

    def result(self, work: Callable[..., object], tries: int = 1) -> Result:
        """Try a program out and judge it."""
        trial = self.try_out(work)
        seen = self.seen(trial)
        verdicts = _verdicts(self.judge, seen)
        wrong = [verdict for verdict in verdicts if not verdict]
        sentence = self._sentence(trial, work, wrong)
        passed = not sentence
        at = None if passed else min((verdict.at for verdict in wrong if verdict.at is not None), default=None)
        expected = {} if passed else self._expected(wrong)
        hint = "" if passed or not self.hints else self.hints[min(tries, len(self.hints)) - 1]
        remarks = [str(fault) for fault in trial.faults]
        if trial.is_cut:
            remarks.append("There were more changes than are kept, so the picture ends early.")
        if passed:
            sentence = "; ".join(verdict.sentence for verdict in verdicts) or "nothing was wrong"
        return Result(self.name, passed, sentence, hint, tuple(remarks), tries, at, self.seconds, seen, expected, trial)

    def _sentence(self, trial: Trial, work: Any, wrong: list[Verdict]) -> str:
        """The most helpful thing to say; empty where all is well."""
        pins = {name: f"GPIO{gpio}" for name, gpio in self.pins.items()}
        needed = [name for name in pins if name not in self.optional]
        # What keeps a program from running explains all that is missing; a wait in vain may come of a wrong pin.
        wrong_pin = teaching.wrong_pins(trial, pins, needed)
        # A program that goes on for ever waits for the next press when the last one has been, and rightly so.
        waits_on = isinstance(trial.ended_by, Deadlock) and not wrong and not trial.missed
        said = (
            teaching.takes_something_else(work, self.given)
            or (isinstance(trial.ended_by, Deadlock) and wrong_pin)
            or (not waits_on and teaching.ending(trial, work))
            or wrong_pin
        )
        if said:
            return said
        if trial.trouble is not None:
            raise trial.trouble
        missed = [verdict.sentence for verdict in wrong] + [failure.message for failure in trial.missed]
        if missed:
            why = teaching.brackets_too_many(trial)
            why = why or (teaching.sleeps_instead(work) if self.wants_events else "")
            why = why or teaching.returned_at_once(trial)
            return f"{missed[0]}. {why}" if why else missed[0]
        if self.wants_events and (said := teaching.sleeps_instead(work)):
            return said
        return teaching.left_open(trial.left_open) if self.wants_closed else ""

    def _expected(self, wrong: list[Verdict]) -> dict[str, Trace]:
        if self.solution is not None:
            return self.seen(self.try_out(self.solution))
        return {trace.pin: trace for verdict in wrong for trace in verdict.expected}


@dataclass(frozen=True)
class Result:
    """What came of a check; true where it passed.

    Attributes:
        check: Its name.
        passed: Whether it holds.
        sentence: What was seen, or what to mend.
        hint: One for this try; empty where there is none.
        remarks: Electrical warnings.
        tries: How often it was asked for in this session.
        at: Seconds at which the program first differed from what is expected.
        seconds: Lab time that it had.
        seen, expected: Traces by name.
        trial: Everything that was recorded.
    """

    check: str
    passed: bool
    sentence: str
    hint: str
    remarks: tuple[str, ...]
    tries: int
    at: float | None
    seconds: float
    seen: Mapping[str, Trace]
    expected: Mapping[str, Trace]
    trial: Trial

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"<check {self.check!r}: {'passed' if self.passed else 'not yet'}: {self.sentence}>"

    def to_dict(self) -> dict[str, Any]:
        """For a file of results: plain values."""
        return {
            "check": self.check, "passed": self.passed, "sentence": self.sentence, "tries": self.tries,
            "differs_at_s": self.at, "lab_s": self.trial.seconds,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip

    def _ipython_display_(self) -> None:
        """As a cell's last line: not a second time in the cell that asked."""
        from labkit.checking.view import show_again

        show_again(self)

    def _repr_html_(self) -> str:
        from labkit.checking.view import html

        return html(self)

    def __str__(self) -> str:
        from labkit.checking.view import text

        return text(self)


def _verdicts(judge: Judge, seen: Seen) -> list[Verdict]:
    found = judge(seen)
    return [found] if isinstance(found, Verdict) else list(found)


def _renamed(trace: Trace, name: str) -> Trace:
    return Trace(name, trace.edges, trace.initial)
