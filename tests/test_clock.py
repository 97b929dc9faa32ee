import threading

from labkit.clock import Pacer, RealClock

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
