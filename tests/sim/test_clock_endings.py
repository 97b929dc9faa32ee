"""How programs in virtual time end: deadlocks, budgets, busy and endless loops, errors, interrupts."""

import os
import signal
import threading
import time

import pytest
from gpiozero import LED, Button, MotionSensor

from labkit.errors import LabError
from labkit.sim.clock import VirtualClock
from labkit.sim.time.endings import ClockInUse, Deadlock, Stopped, TimeBudgetSpent, WallBudgetSpent
from labkit.sim.time.stillness import Stillness

S = 1_000_000_000
HERE = os.path.basename(__file__)


def line_of(text: str) -> str:
    """`test_clock_endings.py:123` for the one line of this file that has the text."""
    with open(__file__, encoding="utf-8") as source:
        lines = [number for number, line in enumerate(source, 1) if text in line and "line_of" not in line]
    assert len(lines) == 1, lines
    return f"{HERE}:{lines[0]}"


def test_waiting_for_a_press_that_never_comes_is_a_deadlock_at_the_users_line(pins, clock):
    button = Button(2)
    with pytest.raises(Deadlock) as caught:
        button.wait_for_press()  # never
    text = str(caught.value)
    assert "nothing is going to happen any more (at 0.000000 s of lab time)" in text
    assert "MainThread: waits in EventsMixin.wait_for_active()" in text
    assert line_of("# never") in text
    assert isinstance(caught.value, LabError)


def test_a_deadlock_is_seen_though_a_motion_sensor_polls(pins, clock):
    sensor = MotionSensor(4)
    with pytest.raises(Deadlock) as caught:
        sensor.wait_for_motion()  # nobody moves
    assert line_of("# nobody moves") in str(caught.value)
    assert "(background): waits in GPIOQueue.fill()" in str(caught.value)
    assert clock.now_ns() < 60 * S


def test_a_motion_sensor_that_has_yet_to_see_the_motion_is_no_deadlock(pins, clock):
    sensor = MotionSensor(4, queue_len=50, sample_rate=1, threshold=0.9)
    clock.call_later(S, sensor.pin.drive_high)
    sensor.wait_for_motion()
    assert clock.now_ns() >= 25 * S


def test_two_locks_taken_in_opposite_order_are_a_deadlock_that_names_both(clock):
    one, two = threading.Lock(), threading.Lock()

    def other() -> None:
        with two:
            time.sleep(1)
            one.acquire()  # the other's

    thread = threading.Thread(target=other, name="other")
    with one:
        thread.start()
        time.sleep(0.5)
        with pytest.raises(Deadlock) as caught:
            two.acquire()  # the main thread's
    text = str(caught.value)
    assert "MainThread: waits for a lock that thread other holds" in text
    assert "other: waits for a lock that thread MainThread holds" in text
    assert line_of("# the main thread's") in text
    assert line_of("# the other's") in text


def test_a_lock_taken_twice_is_a_deadlock_with_oneself(clock):
    lock = threading.Lock()
    lock.acquire()
    with pytest.raises(Deadlock, match="waits for a lock that this very thread holds"):
        lock.acquire()


def test_a_background_thread_that_counts_two_hours_is_no_deadlock(clock):
    done = threading.Event()

    def count() -> None:
        for _ in range(7200):
            time.sleep(1)
        done.set()

    threading.Thread(target=count, daemon=True).start()
    done.wait()
    assert clock.now_ns() == 7200 * S


def test_an_endless_loop_ends_with_its_budget_and_runs_its_finally(pins):
    clock, left = VirtualClock(budget=600), []
    with clock.running():
        led = LED(17)

        def program() -> None:
            try:
                while True:
                    try:
                        led.toggle()
                        time.sleep(1)
                    except Exception:
                        left.append("swallowed")
            finally:
                time.sleep(1)
                left.append("finally")

        with pytest.raises(TimeBudgetSpent, match="the budget of 600 s of lab time is spent"):
            program()
    assert left == ["finally"]
    assert not issubclass(TimeBudgetSpent, Exception)


def test_a_busy_loop_on_a_pin_sees_the_change_at_its_instant(pins, clock):
    button = Button(2)
    pin = button.pin
    pin._get_state = lambda: (clock.poll(), pin._state)[1]
    clock.call_later(100 * S, button.pin.drive_low)
    while not button.is_pressed:
        pass
    assert clock.now_ns() == 100 * S


def test_a_busy_loop_on_the_clock_ends_close_to_its_time(clock):
    start = time.time()
    while time.time() - start < 30:
        pass
    assert 30 * S <= clock.now_ns() < 30.01 * S


def test_yielding_in_a_loop_makes_progress(clock):
    start = time.monotonic()
    while time.monotonic() - start < 1:
        time.sleep(0)
    assert S <= clock.now_ns() < 1.001 * S


def test_an_echo_timed_by_a_busy_loop_is_right_to_a_millimetre(clock):
    level = {"echo": 0}

    def read() -> int:
        clock.poll()
        return level["echo"]

    def set_echo(value: int) -> None:
        level["echo"] = value
        clock.acted()

    for distance_m in (0.02, 0.5, 2.0, 4.0):
        echo_ns = round(2 * distance_m / 343.26 * S)
        clock.sleep(0.06)
        clock.call_later(450_000, lambda: set_echo(1))
        clock.call_later(450_000 + echo_ns, lambda: set_echo(0))
        while not read():
            rose = time.time()
        while read():
            fell = time.time()
        assert (fell - rose) * 343.26 / 2 == pytest.approx(distance_m, abs=0.001)


def test_a_spin_that_looks_at_nothing_sees_the_change_at_its_instant(clock):
    flag: list[int] = []
    clock.call_later(S, lambda: flag.append(1))
    clock.call_later(2 * S, lambda: flag.append(2))
    while not flag:
        pass
    time.sleep(0)
    assert flag == [1]
    assert clock.now_ns() == S
    assert "turns in a loop that looks at neither clock nor pins" in clock.notes[0]


def test_a_spin_that_nothing_can_end_ends_with_the_budget():
    with VirtualClock(budget=600, wall_budget=20).running() as clock, pytest.raises(TimeBudgetSpent):
        while True:
            pass
    assert clock.now_ns() == 600 * S


def test_a_computation_without_end_ends_with_the_budget_though_nothing_else_is_due(monkeypatch):
    monkeypatch.setattr(Stillness, "COMPUTES_CPU_S", 0.1)
    turns = 0
    with pytest.raises(TimeBudgetSpent, match=r"0\.2 s of lab time"), VirtualClock(budget=0.2).running():
        while True:
            turns += 1


def test_a_spinning_thread_does_not_hold_up_the_others(clock):
    flag: list[int] = []

    def spin() -> None:
        while not flag:
            pass

    thread = threading.Thread(target=spin)
    thread.start()
    time.sleep(3)
    flag.append(1)
    thread.join()
    assert clock.now_ns() == 3 * S


def test_a_computation_is_no_spin(clock):
    fired: list[int] = []
    clock.call_later(S, lambda: fired.append(1))
    total = 0
    for i in range(6_000_000):
        total += i
    assert not fired
    assert clock.now_ns() == 0


def test_a_thread_that_reads_a_pipe_is_named_and_does_not_hold_up_the_others(clock):
    reader, writer = os.pipe()
    got: list[bytes] = []

    def read() -> None:
        got.append(os.read(reader, 1))  # outside
        time.sleep(1)
        got.append(b"later")

    thread = threading.Thread(target=read, name="piped")
    thread.start()
    time.sleep(0.3)
    assert "thread piped waits outside the clock" in clock.notes[0]
    assert line_of("# outside") in clock.notes[0]
    os.write(writer, b"x")
    thread.join()
    assert got == [b"x", b"later"]
    os.close(reader)
    os.close(writer)


def test_an_error_in_a_thread_is_reported_as_ever_and_remembered(monkeypatch):
    reported: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(f"{args.thread.name}: {args.exc_value}"))

    def fail() -> None:
        raise ValueError("oh dear")

    with VirtualClock().running() as clock:
        thread = threading.Thread(target=fail, name="failing")
        thread.start()
        thread.join()
    assert reported == ["failing: oh dear"]
    assert [(where, str(error)) for where, error in clock.failures] == [("failing", "oh dear")]


def test_an_error_in_an_edge_handler_is_reported_and_the_next_edge_still_comes(pins, monkeypatch):
    reported: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(f"{args.thread.name}: {args.exc_value}"))
    seen: list[int] = []
    with VirtualClock().running() as clock:
        button = Button(2)

        def handle() -> None:
            seen.append(clock.now_ns())
            raise ValueError("in a handler")

        button.when_pressed = handle
        for at_s, drive in ((1, button.pin.drive_low), (2, button.pin.drive_high), (3, button.pin.drive_low)):
            clock.call_later(at_s * S, lambda drive=drive: clock.deliver(drive))
        time.sleep(5)
    assert seen == [1 * S, 3 * S]
    assert reported == ["edges: in a handler"] * 2
    assert [(where, str(error)) for where, error in clock.failures] == [("edges", "in a handler")] * 2


def test_an_error_in_physics_is_remembered_and_time_goes_on(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    with VirtualClock().running() as clock:
        clock.call_later(S, lambda: 1 / 0)
        time.sleep(2)
    assert [(where, type(error)) for where, error in clock.failures] == [("physics", ZeroDivisionError)]


def test_physics_that_waits_is_told_to_use_deliver(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    with VirtualClock().running() as clock:
        clock.call_later(S, lambda: time.sleep(1))
        time.sleep(2)
    assert "use clock.deliver" in str(clock.failures[0][1])


def test_physics_can_end_the_program_at_its_instant(clock):
    clock.call_later(3 * S, lambda: clock.interrupt(LabError("a short circuit")))
    with pytest.raises(LabError, match="a short circuit"):
        time.sleep(10)
    assert clock.now_ns() == 3 * S


def test_ctrl_c_ends_a_wait_in_virtual_time(clock):
    clock.call_later(S, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        time.sleep(10_000)
        time.sleep(10_000)
    assert clock.now_ns() < 20_000 * S
    time.sleep(1)


def test_ctrl_c_ends_a_wait_that_time_does_not_end():
    with VirtualClock(interactive=True).running() as clock:
        interrupter = _Outside(lambda: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            threading.Event().wait()
        interrupter.join()
        clock.sleep(1)
        assert clock.now_ns() == S


def test_ctrl_c_ends_a_spin(clock):
    interrupter = _Outside(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        while True:
            pass
    interrupter.join()
    time.sleep(1)


def test_a_programs_own_signal_handler_runs_and_may_end_the_wait():
    handled: list[int] = []

    def on_term(number: int, _frame: object) -> None:
        handled.append(number)
        time.sleep(1)
        raise SystemExit(3)

    before = signal.getsignal(signal.SIGTERM)
    with VirtualClock(interactive=True).running() as clock:
        signal.signal(signal.SIGTERM, on_term)
        interrupter = _Outside(lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(SystemExit):
            signal.pause()
        interrupter.join()
        assert clock.now_ns() == S
    assert signal.getsignal(signal.SIGTERM) is on_term
    signal.signal(signal.SIGTERM, before)
    assert handled == [signal.SIGTERM]


def test_the_wall_budget_ends_what_virtual_time_does_not():
    with (
        VirtualClock(wall_budget=0.3).running(),
        pytest.raises(WallBudgetSpent, match=r"the budget of 0\.3 s of real time"),
    ):
        while True:
            pass


def test_threads_that_outlive_the_clock_are_stopped_and_run_their_finally():
    ends: list[str] = []

    def work() -> None:
        try:
            while True:
                time.sleep(1)
        except Stopped:
            ends.append("stopped")
            raise
        finally:
            ends.append("finally")

    with VirtualClock().running() as clock:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(2)
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(ends) == ["finally"] * 3 + ["stopped"] * 3
    assert clock.failures == []


def test_a_thread_that_refuses_to_stop_is_named_and_let_go():
    go_on = True

    def stubborn() -> None:
        while go_on:
            try:
                time.sleep(0.01)
            except BaseException:
                continue

    with VirtualClock().running() as clock:
        thread = threading.Thread(target=stubborn, name="stubborn", daemon=True)
        thread.start()
        time.sleep(1)
    assert clock.notes == ["thread stubborn did not end with the clock; it goes on in real time"]
    go_on = False
    thread.join(5)
    assert not thread.is_alive()


def test_a_second_clock_at_a_time_is_refused(clock):
    with pytest.raises(ClockInUse, match="another virtual clock is in force"), VirtualClock().running():
        pass


class _Outside:
    """Does something from a thread that takes no part, as soon as the main thread had time to wait."""

    def __init__(self, act) -> None:
        import _thread

        self._done = _thread.allocate_lock()
        self._done.acquire()
        self._act = act
        _thread.start_new_thread(self._run, ())

    def _run(self) -> None:
        from labkit.sim.time.active import REAL

        REAL.sleep(0.1)
        self._act()
        self._done.release()

    def join(self) -> None:
        self._done.acquire()
