"""`labkit run`: any gpiozero program on simulated parts, in virtual time, watched."""

from __future__ import annotations

import random
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gpiozero import PWMSoftwareFallback

from labkit.bench import program_pins
from labkit.errors import ElectricalFault
from labkit.pieces import pins_of
from labkit.program import Program, exit_status, report
from labkit.sightings import WatchedFactory
from labkit.sim.board import Board
from labkit.sim.clock import VirtualClock
from labkit.sim.expectations import Failure
from labkit.sim.performance import Performance
from labkit.sim.quantities import time_text
from labkit.sim.scenario import Scenario
from labkit.sim.time.endings import Deadlock, Ending, TimeBudgetSpent, WallBudgetSpent, ending_of
from labkit.summary import summary
from labkit.tally import Tally
from labkit.tracefiles import TraceWriter, open_trace

__all__ = ["Options", "Run", "Status"]


class Status:
    """Exit statuses beside the program's own; see docs/running-programs.md."""

    NOT_RUN = 2
    DEADLOCK = 100
    EXPECTATION = 101
    ELECTRICAL = 102
    WALL_TIME = 103
    INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """What `labkit run` can be told.

    Attributes:
        seconds: Lab time after which the program is ended, and well; None for no limit.
        wall_seconds: Real time after which it is ended, and not well.
        scenario, trace: Files.
        seed: Of everything random: the parts, the scenario and the program's own `random`.
        real_time: Lab time runs as fast as real time.
        strict: Electrical warnings are errors.
    """

    seconds: float | None = None
    wall_seconds: float | None = None
    scenario: Path | None = None
    trace: Path | None = None
    seed: int = 0
    real_time: bool = False
    strict: bool = False


class Run:
    """One run of one program. Making it reads every file and reports every mistake; nothing runs yet.

    Raises:
        NoProgram: The program can't be read.
        ScenarioError: The scenario can't be read.
        BadTraceFile: The trace can't be written.
    """

    def __init__(self, path: str, arguments: Iterable[str] = (), options: Options | None = None) -> None:
        self.options = options or Options()
        self.program = Program(path, list(arguments))
        self._scenario = None if self.options.scenario is None else Scenario.load(self.options.scenario)
        self.clock = VirtualClock(
            budget=self.options.seconds,
            wall_budget=self.options.wall_seconds,
            speed=1.0 if self.options.real_time else None,
        )
        self.board = Board(self.clock, seed=self.options.seed, strict=self.options.strict)
        self.tally = Tally(None if self.options.seconds is None else round(self.options.seconds * 1e9))
        self.failures: list[Failure] = []
        self._factory: WatchedFactory | None = None
        self._wall_s = 0.0
        self._lab_ns = 0
        # Last: whatever is wrong with the others, an old trace must not be lost to it.
        self._trace: TraceWriter | None = None if self.options.trace is None else open_trace(self.options.trace)

    def run(self) -> int:
        """Run it, to its end or to the end of its time; returns the exit status."""
        started = time.perf_counter()
        self.board.listeners.append(self.tally.change)
        if self._trace is not None:
            self.board.listeners.append(self._trace.change)
        random_before = random.getstate()
        random.seed(self.options.seed)
        try:
            with ExitStack() as stack:
                stack.enter_context(warnings.catch_warnings())
                # gpiozero says that another pin factory measured better; simulated echoes are exact.
                warnings.simplefilter("ignore", PWMSoftwareFallback)
                self._factory = factory = WatchedFactory(board=self.board)
                stack.enter_context(program_pins(factory))
                stack.enter_context(self.program.in_place())
                stack.enter_context(self._faults_end_it())
                stack.enter_context(self.clock.running())
                ended_by = self._play(factory)
        finally:
            random.setstate(random_before)
            self._wall_s = time.perf_counter() - started
            if self._trace is not None:
                self._trace.close({} if self._factory is None else self._factory.pin_names(), self._lab_ns)
        return self._status(ended_by)

    def summary(self) -> str:
        """What the devices did, and what went wrong."""
        sightings = [] if self._factory is None else self._factory.sightings
        return summary(
            self.program.path, sightings, self.tally, self.board.faults, self.failures, self._lab_ns, self._wall_s
        )

    def _play(self, factory: WatchedFactory) -> BaseException | None:
        """The program, its threads, its exit handlers, and the last look at the parts; then all devices are closed."""
        performance = self._start_scenario()
        ended_by = ending_of(self.program.run)
        if ended_by is not None and not isinstance(ended_by, Ending | SystemExit | Deadlock | KeyboardInterrupt):
            report(ended_by)
        if not isinstance(ended_by, Ending | Deadlock | KeyboardInterrupt):
            ended_by = ending_of(self.clock.join_threads) or ended_by
        ended_by = ending_of(self.program.run_exit_handlers) or ended_by
        self._lab_ns = self.clock.now_ns()
        if performance is not None:
            self.failures = performance.finish()
        self.board.listeners.clear()
        ending_of(factory.end)
        return ended_by

    def _start_scenario(self) -> Performance | None:
        if self._scenario is None:
            return None
        return self._scenario.start(self.board, names=self._pins_called, on_error=_cut_short)

    def _pins_called(self, name: str) -> list[int]:
        """The GPIO numbers of the program's variable of that name."""
        device = vars(self.program.module).get(name)
        return [] if device is None else sorted(int(pin[4:]) for pin in pins_of(device))

    @contextmanager
    def _faults_end_it(self) -> Iterator[None]:
        """On a strict board an electrical fault in any thread ends the program, not that thread alone."""
        before = threading.excepthook

        def excepthook(thrown: threading.ExceptHookArgs) -> None:
            if isinstance(thrown.exc_value, ElectricalFault) and self.options.strict:
                self.clock.interrupt(_CutShort(thrown.exc_value))
            else:
                before(thrown)

        threading.excepthook = excepthook
        try:
            yield
        finally:
            threading.excepthook = before

    def _status(self, ended_by: BaseException | None) -> int:
        """The program's own status; where that is 0, what else went wrong."""
        status = self._program_status(ended_by)
        if status == 0 and self.options.strict and self.board.faults:
            return Status.ELECTRICAL
        if status == 0 and self.failures:
            return Status.EXPECTATION
        return status

    def _program_status(self, ended_by: BaseException | None) -> int:
        match ended_by:
            case None | TimeBudgetSpent():
                return 0
            case SystemExit():
                return exit_status(ended_by)
            case Deadlock():
                _say(f"Deadlock: {ended_by}")
                return Status.DEADLOCK
            case WallBudgetSpent():
                _say(f"ended after {self.options.wall_seconds:g} s of real time, at {self._lab_s} of lab time.")
                return Status.WALL_TIME
            case KeyboardInterrupt():
                _say(f"interrupted at {self._lab_s} of lab time.")
                return Status.INTERRUPTED
            case _CutShort(error=ElectricalFault() as fault) | (ElectricalFault() as fault):
                _say(f"{type(fault).__name__}: {fault}")
                return Status.ELECTRICAL
            case _CutShort(error=error):
                _say(str(error))
                return Status.NOT_RUN
        return 1

    @property
    def _lab_s(self) -> str:
        return time_text(round(self._lab_ns, -6))


class _CutShort(Ending):
    """Ends the program because of an error outside of it: in its scenario, or in its wiring."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def _cut_short(error: Exception) -> None:
    raise _CutShort(error)


def _say(text: str) -> None:
    print(f"labkit run: {text}", file=sys.stderr)
