"""What the kernel tells of an edge comes through gpiozero's lgpio backend whole. The backend is gpiozero's own, on a
module in lgpio's place that reports what the test says."""

import importlib
import os
import sys
import threading
import time
import types

import pytest

from labkit.clock import RealClock
from labkit.kernelevents import widen_event_pipe
from labkit.tap import Tap, tap_factory


class FakeLgpio(types.ModuleType):
    """Lines with a function and a level, and callbacks for their edges."""

    BOTH_EDGES, RISING_EDGE, FALLING_EDGE = 3, 1, 2
    SET_PULL_NONE, SET_PULL_UP, SET_PULL_DOWN = 128, 32, 64
    error = type("error", (Exception,), {})

    def __init__(self):
        super().__init__("lgpio")
        self.outputs, self.levels, self.callbacks = set(), {}, {}

    def gpiochip_open(self, chip):
        return 1

    def gpiochip_close(self, handle):
        pass

    def gpio_claim_input(self, handle, gpio, flags=0):
        self.outputs.discard(gpio)

    def gpio_claim_output(self, handle, gpio, level=0, flags=0):
        self.outputs.add(gpio)

    def gpio_claim_alert(self, handle, gpio, edges, flags=0):
        self.outputs.discard(gpio)

    def gpio_free(self, handle, gpio):
        pass

    def gpio_get_mode(self, handle, gpio):
        return 2 if gpio in self.outputs else 0

    def gpio_read(self, handle, gpio):
        return self.levels.get(gpio, 0)

    def gpio_write(self, handle, gpio, level):
        self.levels[gpio] = int(level)

    def gpio_set_debounce_micros(self, handle, gpio, micros):
        pass

    def callback(self, handle, gpio, edges, function):
        self.callbacks[gpio] = function
        return types.SimpleNamespace(cancel=lambda: self.callbacks.pop(gpio, None))

    def event(self, gpio, level, ticks_ns):
        """As the kernel reports it, on lgpio's thread."""
        self.levels[gpio] = level
        self.callbacks[gpio](0, gpio, level, ticks_ns)


@pytest.fixture
def lgpio(monkeypatch):
    fake = FakeLgpio()
    monkeypatch.setitem(sys.modules, "lgpio", fake)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    yield fake
    sys.modules.pop("gpiozero.pins.lgpio", None)


@pytest.fixture
def factory(lgpio):
    backend = importlib.import_module("gpiozero.pins.lgpio")

    class Factory(backend.LGPIOFactory):
        def _get_revision(self):
            return 0xC03114

    made = Factory(chip=0)
    yield made
    for pin in made.pins.values():
        pin.when_changed = None
    made.pins.clear()
    made.close()


@pytest.fixture
def tapped(factory):
    edges, tap = [], Tap(RealClock())
    tap_factory(factory, tap)
    tap.subscribe(edges.append)
    pin = factory.pin(4)
    pin.labkit_watch()
    edges.clear()
    return tap, pin, edges


def test_an_edge_has_the_kernels_nanoseconds_to_the_last_digit(lgpio, tapped):
    tap, _, edges = tapped
    started_ns = time.monotonic_ns() - tap.clock.now_ns()
    at = [5_000_000_123_456_789 + step for step in (0, 1, 2, 10**15 + 7)]  # after 58 days, a float has lost them
    for level, ticks in zip((1, 0, 1, 0), at, strict=True):
        lgpio.event(4, level, ticks)
    assert [edge.level for edge in edges] == [1, 0, 1, 0]
    assert [edge.timestamp_ns - edges[0].timestamp_ns for edge in edges] == [ticks - at[0] for ticks in at]
    assert abs(edges[0].timestamp_ns - (at[0] - started_ns)) < 1_000_000_000


def test_gpiozero_gets_its_ticks_as_it_would_without_a_tap(lgpio, tapped):
    _, pin, _ = tapped
    seen = []

    def handler(ticks, state):
        seen.append((ticks, state))

    pin.when_changed = handler
    lgpio.event(4, 1, 1_500_000_000)
    assert seen == [(1.5, 1)]
    assert pin.factory.ticks_diff(2.0, seen[0][0]) == 0.5


def test_two_events_to_the_same_level_prove_a_loss(lgpio, tapped):
    _, _, edges = tapped
    for number, level in enumerate((1, 0, 0, 1)):
        lgpio.event(4, level, 1000 + number)
    assert [edge.level for edge in edges] == [1, 0, 0, 1]
    assert [edge.seq - edges[0].seq for edge in edges] == [0, 1, 3, 4]


def test_where_only_rising_edges_are_asked_for_they_prove_none(lgpio, tapped):
    _, pin, edges = tapped
    pin.edges = "rising"
    edges.clear()
    lgpio.event(4, 1, 1000)
    lgpio.event(4, 1, 2000)
    assert edges[1].seq == edges[0].seq + 1


def test_a_pause_in_watching_proves_none_either(lgpio, tapped):
    _, pin, edges = tapped
    lgpio.event(4, 1, 1000)
    pin.when_changed = None
    pin.labkit_watch()
    edges.clear()
    lgpio.event(4, 1, 2000)
    lgpio.event(4, 0, 3000)
    assert edges[-1].seq - edges[0].seq == len(edges) - 1


def test_without_a_bench_the_backend_is_as_before(lgpio, factory, tapped):
    from labkit.tap import untap_factory

    _, pin, edges = tapped
    seen = []

    def handler(ticks, state):
        seen.append((ticks, state))

    pin.when_changed = handler
    untap_factory(factory)
    edges.clear()
    lgpio.event(4, 1, 2_000_000_000)
    assert seen == [(2.0, 1)]
    assert edges == []


def test_what_a_handler_raises_is_told_and_ends_no_thread_of_lgpios(lgpio, tapped, monkeypatch):
    """One thread of lgpio's calls back for every pin: what it must not get to see is an exception."""
    _, pin, edges = tapped
    told = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(args))
    pin.when_changed = broken = Broken().changed
    edges.clear()
    lgpio.event(4, 1, 1000)
    lgpio.event(4, 0, 2000)
    assert [str(args.exc_value) for args in told] == ["'NoneType' object has no attribute 'holding'"] * 2
    assert told[0].exc_traceback is not None
    assert [edge.level for edge in edges] == [1, 0], broken


class Broken:
    """A device that was closed while its event was on its way."""

    _hold_thread = None

    def changed(self, ticks, state):
        self._hold_thread.holding.set()


def test_the_pipe_of_events_is_widened(lgpio, tmp_path):
    path = tmp_path / "events"
    os.mkfifo(path)
    ends = os.open(path, os.O_RDWR)
    with open(path, "rb") as file:
        lgpio._notify_thread = types.SimpleNamespace(_file=file)
        assert widen_event_pipe() == 1 << 20
    os.close(ends)
    # 65,536 events of 16 bytes; and where there is no such pipe, nothing happens.
    assert widen_event_pipe() == 0
