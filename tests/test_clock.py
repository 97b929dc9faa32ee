import threading

from labkit.clock import RealClock
from labkit.pacing import Pace, Pacer

MS = 1_000_000


def test_callbacks_run_in_the_order_of_their_deadlines():
    clock, ran, done = RealClock(), [], threading.Event()
    clock.call_later(300 * MS, lambda: (ran.append("third"), done.set()))
    clock.call_later(1 * MS, lambda: ran.append("first"))
    clock.call_later(150 * MS, lambda: ran.append("second"))
    assert done.wait(10)
    assert ran == ["first", "second", "third"]


def test_a_cancelled_callback_never_runs():
    clock, ran, done = RealClock(), [], threading.Event()
    clock.call_later(1 * MS, lambda: ran.append("cancelled")).cancel()
    clock.call_later(2 * MS, done.set)
    assert done.wait(10)
    assert ran == []


def test_the_clock_does_not_step_back():
    clock = RealClock()
    readings = [clock.now_ns() for _ in range(1000)]
    assert readings == sorted(readings)


def test_an_event_handler_may_block_without_stopping_the_clock():
    clock, physics_went_on, handled = RealClock(), threading.Event(), threading.Event()

    def handler() -> None:
        if physics_went_on.wait(10):
            handled.set()

    clock.call_later(0, lambda: clock.deliver(handler))
    clock.call_later(1 * MS, physics_went_on.set)
    assert handled.wait(10)


def test_a_handler_outside_the_clock_runs_at_once():
    here = []
    RealClock().deliver(lambda: here.append(threading.current_thread()))
    assert here == [threading.current_thread()]


def test_an_error_in_a_callback_is_reported_and_the_clock_goes_on(monkeypatch):
    reported, done = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_value))
    clock = RealClock()
    clock.call_later(0, lambda: 1 / 0)
    clock.call_later(1 * MS, done.set)
    assert done.wait(10)
    assert [type(error) for error in reported] == [ZeroDivisionError]


def test_pokes_during_a_flush_ask_for_one_more():
    in_flush, go_on, twice = threading.Event(), threading.Event(), threading.Event()
    flushes = []

    def flush() -> None:
        flushes.append(1)
        if len(flushes) == 1:
            in_flush.set()
            go_on.wait(10)
        else:
            twice.set()

    pacer = Pacer(0.001, flush)
    pacer.poke()
    assert in_flush.wait(10)
    for _ in range(100):
        pacer.poke()
    go_on.set()
    assert twice.wait(10)
    pacer.close()
    assert len(flushes) == 2


def through(pace: Pace, wanted: list[float], takes: float = 0.0) -> list[float]:
    """When each went, of what wants to go at these instants, one after another."""
    went, free = [], 0.0
    for now in wanted:
        began = max(now, free)
        began += pace.wait(began)
        pace.done(began, began + takes)
        free = began + takes
        went.append(round(began, 6))
    return went


def test_a_few_go_at_once_after_a_rest_and_a_flood_at_its_pace():
    assert through(Pace(0.05, 3), [0.0] * 6) == [0.0, 0.0, 0.0, 0.05, 0.1, 0.15]
    assert through(Pace(0.05, 3), [0.0] * 4 + [10.0] * 4) == [0.0, 0.0, 0.0, 0.05, 10.0, 10.0, 10.0, 10.05]
    # A second of flood has what one a pace has, and the few at its beginning.
    flood = through(Pace(0.05, 3), [number / 1000 for number in range(500)])
    assert sum(instant < 1.0 for instant in flood) == 22


def test_without_a_burst_each_waits_for_the_pace():
    assert through(Pace(1.0), [0.0, 0.0, 5.0, 5.5]) == [0.0, 1.0, 5.0, 6.0]


def test_what_is_slow_rests_as_long_as_it_takes():
    assert through(Pace(0.05, 3), [0.0] * 4, takes=0.2) == [0.0, 0.4, 0.8, 1.2]


def test_physics_happens_when_it_is_due_however_late_its_turn_comes():
    clock, seen, done = RealClock(), [], threading.Event()

    def keep_the_thread_busy():
        second = clock.call_later(1 * MS, happen)
        while read_elsewhere(clock) <= second.deadline_ns:
            pass
        seen.append(clock.now_ns())

    def happen():
        seen.append(clock.now_ns())
        clock.call_later(5_000, lambda: (seen.append(clock.now_ns()), done.set()))

    first = clock.call_later(1 * MS, keep_the_thread_busy)
    assert done.wait(10)
    assert seen == [first.deadline_ns + late for late in (0, 1 * MS, 1 * MS + 5_000)]
    assert clock.now_ns() > seen[-1], "it is later for everybody else"


def read_elsewhere(clock):
    """What another thread reads."""
    read = []
    asker = threading.Thread(target=lambda: read.append(clock.now_ns()))
    asker.start()
    asker.join()
    return read[0]
