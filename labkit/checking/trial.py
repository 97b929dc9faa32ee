"""A function on a bench of its own: simulated parts, virtual time, a scenario; and what came of it.

Whatever bench is open stays as it is: its devices, its pins and its time take no part.
"""

from __future__ import annotations

import contextlib
import io
import logging
import random
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from gpiozero import PWMSoftwareFallback

from labkit.bench import program_pins
from labkit.checking.apart import sensors_apart
from labkit.sightings import Sighting, WatchedFactory
from labkit.sim.board import Board
from labkit.sim.clock import VirtualClock, time_stands_still
from labkit.sim.expectations import Failure
from labkit.sim.faults import Fault
from labkit.sim.part import Part
from labkit.sim.scenario import Scenario
from labkit.sim.time.endings import TimeBudgetSpent, ending_of
from labkit.trace import Edge, Trace

__all__ = ["Trial", "Work", "try_out"]

NS_PER_S = 1_000_000_000
KEPT_OUTPUT = 20_000
KEPT_EDGES = 200_000

Work = Callable[[], object]


@dataclass(frozen=True)
class Trial:
    """What came of it.

    Attributes:
        traces: What each pin did that ever changed or had a device, by the pin's name.
        seconds: Of lab time, from its beginning to its end.
        ended_by: How the function ended: None where it returned, `TimeBudgetSpent` where its time was over
            (which is fine for a `while True`), else what it raised.
        failures: What was raised in its threads and callbacks, with the thread's name.
        trouble: What could not be done in its scenario, such as a press where no button is; None where all could.
        missed: What its scenario expected and did not get.
        faults: Electrical ones.
        sightings: The devices it made, in the order it made them; not those that were given to it.
        left_open: Those of them that were still open when it returned.
        given: Those that were given to it.
        notes: What stood in the way of virtual time: a loop that never waits, and where.
        warned: The warnings that it set off.
        printed: What it printed.
        returned: What it gave back.
        is_cut: There were more edges than are kept; the traces end early.
    """

    traces: Mapping[str, Trace]
    seconds: float
    ended_by: BaseException | None = None
    failures: tuple[tuple[str, BaseException], ...] = ()
    trouble: Exception | None = None
    missed: tuple[Failure, ...] = ()
    faults: tuple[Fault, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    left_open: tuple[Sighting, ...] = ()
    given: tuple[Sighting, ...] = ()
    notes: tuple[str, ...] = ()
    warned: tuple[warnings.WarningMessage, ...] = ()
    printed: str = ""
    returned: Any = None
    is_cut: bool = False

    def __getitem__(self, pin: int | str) -> Trace:
        """The trace of a pin, by number or name; of one that did nothing, a trace without edges."""
        name = f"GPIO{pin}" if isinstance(pin, int) else pin
        return self.traces.get(name, Trace(name))


@dataclass
class _Recording:
    """The edges of all pins, as the board tells them; bounded."""

    end_ns: int
    edges: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    left: int = KEPT_EDGES

    def change(self, pin: str, timestamp_ns: int, level: float) -> None:
        """Called under the board's lock, so one at a time; the end's own instant does not belong to it."""
        if self.left and timestamp_ns < self.end_ns:
            self.left -= 1
            edges = self.edges[pin]
            edges.append(Edge(pin, timestamp_ns, len(edges) + 1, level))


def try_out(
    work: Work | Callable[..., object],
    *,
    seconds: float,
    wall_seconds: float = 10.0,
    parts: Iterable[Callable[[], Part]] = (),
    scenario: Scenario | None = None,
    given: Mapping[str, Callable[[], Any]] | None = None,
    seed: int = 0,
) -> Trial:
    """Run a function in virtual time on a simulated board of its own, to its end or to the end of its time.

    Args:
        work: The function. It makes gpiozero devices, or takes those that are `given`.
        seconds: Lab time that it may use.
        wall_seconds: Real time that it may use: the last resort against a loop that never waits.
        parts: What is wired up beforehand; other devices get their default parts.
        scenario: What happens meanwhile.
        given: How to make the devices that it takes as arguments, by name. They stay until the end of its time, as the
            notebook's own would, and are closed then.
        seed: Of everything random.

    Raises:
        KeyboardInterrupt: Somebody pressed stop; the function was ended before.

    Only from the main thread.
    """
    clock = VirtualClock(budget=seconds, wall_budget=wall_seconds)
    board = Board(clock, seed=seed)
    recording, printed = _Recording(round(seconds * NS_PER_S)), _Tail(KEPT_OUTPUT)
    board.listeners.append(recording.change)
    random_before = random.getstate()
    random.seed(seed)
    try:
        with ExitStack() as stack:
            factory, warned = _on_its_own(stack, clock, board, printed, parts)
            troubles: list[Exception] = []
            performance = None if scenario is None else scenario.start(board, on_error=troubles.append)
            devices = {name: make() for name, make in (given or {}).items()}
            handed_over, factory.sightings = tuple(factory.sightings), []
            returned: list[Any] = []
            ended_by = ending_of(lambda: returned.append(work(**devices)))
            left_open = _open_ones(factory)
            if ended_by is None:
                # Blinking goes on in the background, callbacks still come: all of its time counts.
                ended_by = ending_of(lambda: clock.sleep(max(0.0, seconds - clock.now_ns() / NS_PER_S)))
                ended_by = None if isinstance(ended_by, TimeBudgetSpent) else ended_by
            lab_ns = clock.now_ns()
            missed = [] if performance is None else performance.finish()
            board.listeners.clear()
    finally:
        random.setstate(random_before)
    if isinstance(ended_by, KeyboardInterrupt):
        raise ended_by
    return Trial(
        _traces(recording, [*handed_over, *factory.sightings]), lab_ns / NS_PER_S, ended_by, tuple(clock.failures),
        next(iter(troubles), None), tuple(missed), tuple(board.faults), tuple(factory.sightings), tuple(left_open),
        handed_over, tuple(clock.notes), tuple(warned), printed.getvalue(), next(iter(returned), None),
        recording.left == 0,
    )  # fmt: skip


def _on_its_own(
    stack: ExitStack, clock: VirtualClock, board: Board, printed: _Tail, parts: Iterable[Callable[[], Part]]
) -> tuple[WatchedFactory, list[warnings.WarningMessage]]:
    """Begin the trial's own time, pins and output, until the stack ends; what makes its pins, and what is warned of."""
    stack.enter_context(time_stands_still())
    stack.enter_context(sensors_apart())
    warned = stack.enter_context(warnings.catch_warnings(record=True))
    warnings.simplefilter("always")
    warnings.simplefilter("ignore", PWMSoftwareFallback)
    for make in parts:
        board.add(make())
    factory = WatchedFactory(board=board)
    stack.callback(factory.end)
    stack.enter_context(program_pins(factory))
    stack.enter_context(contextlib.redirect_stdout(printed))
    stack.enter_context(contextlib.redirect_stderr(printed))
    stack.enter_context(_quietly())
    stack.enter_context(clock.running())
    return factory, warned


@contextmanager
def _quietly() -> Iterator[None]:
    """What the clock notes and what threads raise is in the trial, and printed nowhere."""
    log = logging.getLogger("labkit.clock")
    before, threading.excepthook = (log.disabled, threading.excepthook), lambda _: None
    log.disabled = True
    try:
        yield
    finally:
        log.disabled, threading.excepthook = before


class _Tail(io.StringIO):
    """Text of which no more than its beginning is kept: a loop that prints must not fill the memory."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, text: str) -> int:
        left = self._most - self.tell()
        if left > 0:
            super().write(text[:left])
        return len(text)


def _open_ones(factory: WatchedFactory) -> list[Sighting]:
    return [sighting for sighting in factory.sightings if _is_open(sighting)]


def _is_open(sighting: Sighting) -> bool:
    device = sighting.device()
    return device is not None and not device.closed


def _traces(recording: _Recording, sightings: Iterable[Sighting]) -> dict[str, Trace]:
    pins = sorted({*recording.edges, *(pin for sighting in sightings for pin in sighting.pins)}, key=_number)
    return {pin: Trace(pin, tuple(recording.edges.get(pin, ()))) for pin in pins}


def _number(pin: str) -> tuple[int, str]:
    return len(pin), pin
