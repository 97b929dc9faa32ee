"""The grid: every net of a board, and how a change spreads over them, without glitches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import RLock

from labkit.clock import Clock
from labkit.errors import BoardOvercurrent, ElectricalFault, NetOscillates
from labkit.sim.checks import BOARD_LIMIT_UA
from labkit.sim.faults import FaultLog
from labkit.sim.net import Drive, Leg, Net
from labkit.sim.pulses import PulseTrain

__all__ = ["Grid", "Listener"]

Listener = Callable[[str, int, float], None]
"""Takes a pin's name, the time in nanoseconds and the new level (a duty cycle on a pulsing pin)."""

ROUNDS = 100_000


class Grid:
    """All nets, one lock, and the list of those still to settle.

    A change is worked off breadth first: each net is solved, then its parts react, which may change
    further nets. Handlers of user code run when all is settled and the lock is free.
    """

    def __init__(self, clock: Clock, seed: int, strict: bool) -> None:
        self.clock = clock
        self.seed = seed
        self.faults = FaultLog(strict)
        self.listeners: list[Listener] = []
        self.nets: dict[int, Net] = {}
        self.supply_ua = 0
        self._alarm_ua = BOARD_LIMIT_UA
        self.lock = RLock()
        self._held = 0
        self._dirty: deque[Net] = deque()
        self._handlers: list[Callable[[], None]] = []

    def net(self, gpio: int) -> Net:
        """The net of a GPIO number; it may be joined with others."""
        with self.lock:
            if gpio not in self.nets:
                net = self.nets[gpio] = Net(self, f"GPIO{gpio}")
                net.pins.append(net.name)
            return self.nets[gpio]

    def join(self, one: int, other: int) -> Net:
        """Put a wire between two GPIO numbers: their nets are one from now on."""
        with self.hold():
            kept, gone = self.net(one), self.net(other)
            if kept is gone:
                return kept
            self.supply_ua -= gone.solution.supply_ua
            self.faults.clear(gone.name, self.clock.now_ns())
            for leg in gone.legs:
                leg.net = kept
            kept.legs += gone.legs
            kept.pins += gone.pins
            for gpio, net in self.nets.items():
                if net is gone:
                    self.nets[gpio] = kept
            kept.refresh()
            self._dirty.append(kept)
            return kept

    def move(self, leg: Leg, to: Net) -> None:
        """Take a leg off its net and put it on another."""
        with self.hold():
            old = leg.net
            old.legs.remove(leg)
            to.legs.append(leg)
            leg.net = to
            for net in (old, to):
                net.refresh()
                self._dirty.append(net)

    def update(self, leg: Leg) -> None:
        """A leg drives its net differently: settle everything, then let user code know."""
        with self.lock:
            net = leg.net
            net.note(leg)
            if self._held:
                self._dirty.append(net)
                return
            self._held = 1
            try:
                self._settle(net)
                if self._dirty:
                    self._settle_all()
            finally:
                self._held = 0
            if not self._handlers:
                return
            handlers, self._handlers = self._handlers, []
        self._deliver(handlers)

    def step(self, leg: Leg, drive: Drive, now_ns: int) -> bool:
        """What `update` does, by the shortest way, if it can: for an output that toggles on a net of its own.

        Most edges are of that kind, and their outcome is known from the time before: who drives is the same,
        nobody listens, nothing is wrong. The caller holds the lock, and calls `update` where this says False.
        """
        net = leg.net
        leg.drive_now = drive
        solution = net.calm.get(drive.key)
        if solution is None or self._held:
            return False
        self.clock.acted()
        self.supply_ua += solution.supply_ua - net.solution.supply_ua
        net.solution = solution
        level: float
        net.level = net.duty = level = solution.level or 0
        if drive.frequency_hz or net.frequency_hz:
            net.frequency_hz, net.since_ns = drive.frequency_hz, now_ns
            net.duty = level = drive.duty * level
        for listener in self.listeners:
            for pin in net.pins:
                listener(pin, now_ns, level)
        if self.supply_ua <= self._alarm_ua:
            return True
        self._check_budget(now_ns)
        return False

    def hold(self) -> Grid:
        """Make several changes one: nothing settles before the end of the `with` block."""
        return self

    def __enter__(self) -> None:
        self.lock.acquire()
        self._held += 1

    def __exit__(self, *_: object) -> None:
        if self._held > 1:
            self._held -= 1
            self.lock.release()
            return
        try:
            self._settle_all()
        finally:
            self._held = 0
            handlers, self._handlers = self._handlers, []
            self.lock.release()
        if handlers:
            self._deliver(handlers)

    def hand_over(self, handler: Callable[[], None]) -> None:
        """Run a handler of user code once everything has settled."""
        self._handlers.append(handler)

    def report(self, net: Net, fault: ElectricalFault) -> None:
        """A fault that shows only when someone looks, like reading a floating input."""
        with self.lock:
            self.faults.add(net.name, fault, self.clock.now_ns())
        self.faults.announce()

    def train(self, net: Net) -> None:
        """Start, restart or stop telling single edges of a net, as its pulses and its listeners ask for."""
        with self.lock:
            if net.train is not None:
                net.train.stop()
            wanted = net.frequency_hz and any(leg.pulsed is not None for leg in net.legs)
            net.train = PulseTrain(net) if wanted else None
            if wanted:
                net.calm.clear()

    def _deliver(self, handlers: list[Callable[[], None]]) -> None:
        deliver = self.clock.deliver
        try:
            while handlers:
                deliver(handlers.pop(0))
        finally:
            if handlers:  # one handler's error must not cost the others their edge
                self._deliver(handlers)
            elif self.faults.has_news:
                self.faults.announce()

    def _settle_all(self) -> None:
        rounds = 0
        while self._dirty:
            rounds += 1
            if rounds > ROUNDS:
                net = self._dirty[0]
                self._dirty.clear()
                raise NetOscillates(f"{net.name} never settles: {net.legs} drive what they listen to")
            self._settle(self._dirty.popleft())

    def _settle(self, net: Net) -> None:
        solution = net.solve()
        before = net.solution
        if solution is before and not net.pulsing:
            return
        self.clock.acted()
        now_ns = self.clock.now_ns()
        net.solution = solution
        if solution.supply_ua != before.supply_ua:
            self.supply_ua += solution.supply_ua - before.supply_ua
            if self.supply_ua > self._alarm_ua:
                self._check_budget(now_ns)
        if solution.faults or before.faults or (before.floating and not solution.floating):
            self.faults.update(net.name, solution.faults, now_ns)
            self._handlers.append(_nothing)
        if solution.floating and not before.floating:
            net.loose_ns = now_ns
        self._show(net, now_ns)
        self._remember(net)

    def _remember(self, net: Net) -> None:
        """Keep the outcome for `step`, or forget all when the net is not calm."""
        solution, leg = net.solution, net.owner
        if net.listeners or net.train or solution.faults or solution.level is None:
            net.calm.clear()
        elif leg is not None and not solution.floating:
            net.calm[leg.drive_now.key] = solution

    def _show(self, net: Net, now_ns: int) -> None:
        solution = net.solution
        level = solution.level
        if level is None:
            level = net.level
        frequency_hz, duty = 0.0, float(level)
        for leg in net.legs:
            if leg.drive_now.frequency_hz:
                frequency_hz, duty = leg.drive_now.frequency_hz, leg.drive_now.duty * level
        moved = level != net.level or duty != net.duty
        if frequency_hz != net.frequency_hz or moved:
            net.since_ns = now_ns
        repulsed = frequency_hz != net.frequency_hz or (moved and bool(frequency_hz))
        net.level, net.duty, net.frequency_hz = level, duty, frequency_hz
        if repulsed:
            self.train(net)
        if moved and self.listeners:
            for pin in net.pins:
                for listener in self.listeners:
                    listener(pin, now_ns, duty if frequency_hz else level)
        for changed in net.listeners:
            changed()

    def _check_budget(self, now_ns: int) -> None:
        faults: tuple[ElectricalFault, ...] = ()
        if self.supply_ua > BOARD_LIMIT_UA:
            faults = (
                BoardOvercurrent(
                    f"all pins together source {self.supply_ua / 1e3:.0f} mA where 50 mA is the limit. "
                    f"Light fewer LEDs at once, use larger resistors, or a driver chip."
                ),
            )
        self._alarm_ua = -1 if faults else BOARD_LIMIT_UA
        self.faults.update("all pins", faults, now_ns)
        self._handlers.append(_nothing)


def _nothing() -> None:
    """Stands in the list of handlers so that faults are announced outside the lock."""
