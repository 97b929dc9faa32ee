from labkit.clock import ManualClock
from labkit.labtime import LabTime

S = 1_000_000_000


def test_time_goes_on_from_where_it_was_when_the_clock_is_changed():
    first, second = ManualClock(), ManualClock()
    time = LabTime(first)
    first.run_for(3)
    second.run_for(100)
    time.change(second)
    assert time.now_ns() == 3 * S
    second.run_for(2)
    assert time.now_ns() == 5 * S


def test_what_was_asked_for_happens_at_its_instant_under_the_next_clock_and_once():
    first, second, happened = ManualClock(), ManualClock(), []
    time = LabTime(first)
    time.call_later(4 * S, lambda: happened.append(("late", time.now_ns())))
    time.call_later(2 * S, lambda: happened.append(("soon", time.now_ns())))
    first.run_for(1)
    time.change(second)
    first.run_for(10)
    assert happened == []
    second.run_for(10)
    assert happened == [("soon", 2 * S), ("late", 4 * S)]


def test_what_was_cancelled_happens_under_no_clock():
    first, second, happened = ManualClock(), ManualClock(), []
    time = LabTime(first)
    scheduled = time.call_later(2 * S, lambda: happened.append(1))
    time.change(second)
    scheduled.cancel()
    second.run_for(10)
    assert happened == []
    assert not time._pending


def test_nothing_is_kept_of_what_has_happened():
    clock = ManualClock()
    time = LabTime(clock)
    for n in range(100):
        time.call_later(n, lambda: None)
    clock.run_for(1)
    assert not time._pending
