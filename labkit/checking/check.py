"""Lesson checks: a learner's program on a bench of its own, judged by its traces.

A teacher defines a check, in a file `checks.py` beside the notebook or in a cell:

    @define("first blink", pins={"red": 17}, seconds=10)
    def first_blink(seen):
        yield blinks(seen["red"], period=1.0, times=5)

A learner asks for it: `check("first blink", my_blink)`, or `%%check first blink` above a few lines.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import linecache
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labkit.cells import notebook_shell
from labkit.checking import teaching
from labkit.checking.judging import Verdict
from labkit.checking.trial import Trial, try_out
from labkit.errors import LabError
from labkit.sim.part import Part
from labkit.sim.scenario import Scenario
from labkit.sim.time.endings import Deadlock
from labkit.trace import Trace

__all__ = ["Check", "Result", "UnknownCheck", "check", "check_lines", "checks", "define", "results"]

FILE = "checks.py"
RESULTS = "LABKIT_CHECK_RESULTS"
LINES = "<your lines>"

Seen = Mapping[str, Trace]
Judge = Callable[[Seen], Iterable[Verdict] | Verdict]


class UnknownCheck(LabError, LookupError):
    """There is no check of that name."""


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
        given: Makers of devices that the program takes as arguments, by name.
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

    def seen(self, trial: Trial) -> dict[str, Trace]:
        """A trial's traces by the lesson's names; the names of the other pins that the program used come after."""
        named = {name: _renamed(trial[gpio], name) for name, gpio in self.pins.items()}
        known = {f"GPIO{gpio}" for gpio in self.pins.values()}
        return named | {pin: trace for pin, trace in trial.traces.items() if pin not in known}

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
        said = (isinstance(trial.ended_by, Deadlock) and wrong_pin) or teaching.ending(trial, work) or wrong_pin
        if said:
            return said
        if trial.trouble is not None:
            raise trial.trouble
        missed = [verdict.sentence for verdict in wrong] + [failure.message for failure in trial.missed]
        if missed:
            why = teaching.sleeps_instead(work) if self.wants_events else ""
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
            "differs_at_s": self.at, "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        from labkit.checking.view import html

        return html(self)

    def __str__(self) -> str:
        from labkit.checking.view import text

        return text(self)


_checks: dict[str, Check] = {}
_tries: dict[str, int] = {}
_results: list[Result] = []
_loaded: dict[Path, int] = {}


def define(name: str, *, hints: Iterable[str] = (), optional: Iterable[str] = (), parts: Any = (), **how: Any) -> Any:
    """Make the function below a check of that name; see `Check` for what can be given.

    Defining it again, as re-running a cell does, replaces it.
    """

    def made(judge: Judge) -> Check:
        _checks[name] = Check(
            name, judge, hints=tuple(hints), optional=frozenset(optional), parts=tuple(parts), **how
        )  # fmt: skip
        return _checks[name]

    return made


def checks(folder: str | Path = ".") -> Mapping[str, Check]:
    """The checks there are, by name: those of this session, and those of `checks.py` in the folder.

    The file is run again when it has changed.
    """
    file = Path(folder, FILE).resolve()
    if file.exists() and _loaded.get(file) != (changed := file.stat().st_mtime_ns):
        _loaded[file] = changed
        spec = importlib.util.spec_from_file_location(f"labkit_checks_{abs(hash(file))}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return _checks


def check(name: str, work: Callable[..., object] | str) -> Result:
    """Try a learner's program out on a bench of its own, and say how it went; in a notebook with a picture.

    Args:
        name: Of the check.
        work: The learner's function, or lines of code.

    Raises:
        UnknownCheck: There is no check of that name; the message says which there are.
        TypeError: The program is no function and no code.
        SyntaxError: The lines are no Python.
        ScenarioError: The check's own scenario can't be carried out.
    """
    found = checks().get(name)
    if found is None:
        near = difflib.get_close_matches(name, _checks, 1)
        there = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(map(repr, _checks)) or 'none yet'}."
        raise UnknownCheck(f"There is no check {name!r}. {there}")
    _tries[name] = _tries.get(name, 0) + 1
    result = found.result(_program(work), _tries[name])
    if result.passed:
        _tries[name] = 0
    _results.append(result)
    _collect(result)
    _show(result)
    return result


def results() -> list[dict[str, Any]]:
    """What the checks of this session said, oldest first, as plain values."""
    return [result.to_dict() for result in _results]


def check_lines(line: str, lines: str) -> None:
    """`%%check NAME` above the lines of a cell."""
    check(line.strip().strip("\"'"), lines)


def _program(work: Any) -> Callable[..., object]:
    if isinstance(work, str):
        # So that errors and names of devices find the source again; the newest lines only.
        linecache.cache[LINES] = (len(work), None, work.splitlines(keepends=True), LINES)
        return _Lines(compile(work, LINES, "exec"))
    if not callable(work):
        raise TypeError(
            f"check() takes your function, not what it gives back: write its name without brackets, "
            f"as in check('…', my_blink). This is {type(work).__name__}: {work!r}."
        )
    function: Callable[..., object] = work
    return function


class _Lines:
    """A few lines as a program: with the notebook's names, and without leaving any behind."""

    def __init__(self, code: Any) -> None:
        self.__code__ = code

    def __call__(self) -> None:
        shell = notebook_shell()
        names = dict(shell.user_ns) if shell is not None else {}
        exec(self.__code__, names | {"__name__": "__main__"})  # noqa: S102 - the learner's own lines


def _verdicts(judge: Judge, seen: Seen) -> list[Verdict]:
    found = judge(seen)
    return [found] if isinstance(found, Verdict) else list(found)


def _renamed(trace: Trace, name: str) -> Trace:
    return Trace(name, trace.edges, trace.initial)


def _collect(result: Result) -> None:
    file = os.environ.get(RESULTS)
    if file:
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(result.to_dict()) + "\n")


def _show(result: Result) -> None:
    shell = notebook_shell()
    if shell is None or not hasattr(shell, "kernel"):
        print(result, file=sys.stderr)
        return
    from IPython.display import HTML, display

    display(HTML(result._repr_html_()), metadata={"labkit": result.to_dict()})
