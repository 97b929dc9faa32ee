"""Virtual time for plain programs: threads, queues, waits and gpiozero's own."""

import asyncio
import datetime
import queue
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from time import sleep as sleep_bound_early

import pytest
from gpiozero import LED, PWMLED, Button, TonalBuzzer

from labkit.sim.clock import VirtualClock

S = 1_000_000_000


def test_a_sleep_of_a_day_takes_exactly_a_day_of_lab_time(clock):
    time.sleep(86_400)
    assert clock.now_ns() == 86_400 * S


def test_a_sleep_that_was_imported_before_takes_lab_time_too(clock):
    sleep_bound_early(5)
    assert clock.now_ns() == 5 * S


def test_every_clock_of_the_machine_shows_the_time_that_passed(clock):
    before = (time.time(), time.monotonic(), time.perf_counter(), time.time_ns(), time.monotonic_ns())
    time.sleep(3600)
    after = (time.time(), time.monotonic(), time.perf_counter(), time.time_ns(), time.monotonic_ns())
    passed = [b - a for a, b in zip(before, after, strict=True)]
    assert passed[:3] == pytest.approx([3600] * 3, abs=1e-5)
    assert passed[3:] == pytest.approx([3600 * S] * 2, abs=10_000)


def test_readings_of_a_clock_strictly_increase_within_one_instant(clock):
    for read in (time.time, time.monotonic, time.perf_counter, time.time_ns):
        readings = [read() for _ in range(100)]
        assert readings == sorted(set(readings))


def test_a_loop_that_makes_up_for_its_own_delay_stays_on_the_second(clock):
    woke, due = [], time.time()
    for _ in range(5):
        due += 1
        time.sleep(due - time.time())
        woke.append(clock.now_ns())
    assert woke == [1 * S, 2 * S, 3 * S, 4 * S, 5 * S]


def test_the_date_and_the_calendar_follow_lab_time(clock):
    time.sleep(86_400)
    now = datetime.datetime.now(datetime.UTC)
    assert (now.year, now.month, now.day) == (2025, 1, 2)
    assert type(now) is type(datetime.datetime.fromtimestamp(0))
    assert time.gmtime().tm_mday == 2
    assert isinstance(now, datetime.datetime)


def test_a_blinking_led_changes_at_whole_seconds(pins, clock):
    led, changes = LED(17), []
    led.pin._change_state = lambda value: changes.append((clock.now_ns(), value))
    led.blink(1, 2)
    time.sleep(6)
    led.close()
    assert [when for when, _ in changes][:4] == [0, 1 * S, 3 * S, 4 * S]


def test_blinking_and_pulsing_in_the_foreground_take_their_time(pins, clock):
    LED(17).blink(0.1, 0.1, n=5, background=False)
    assert clock.now_ns() == S
    PWMLED(18).pulse(n=2, background=False)
    assert clock.now_ns() == pytest.approx(5 * S, abs=0.1 * S)


def test_a_tune_takes_its_time(pins, clock):
    buzzer = TonalBuzzer(19)
    buzzer.play("A4")
    time.sleep(1)
    buzzer.stop()
    assert clock.now_ns() == S


def test_a_press_wakes_who_waits_for_it_at_its_instant(pins, clock):
    button = Button(2)
    clock.call_later(3 * S, button.pin.drive_low)
    assert button.wait_for_press(timeout=5)
    assert clock.now_ns() == 3 * S


def test_a_wait_that_times_out_ends_at_its_deadline(pins, clock):
    assert not Button(2).wait_for_press(timeout=5)
    assert clock.now_ns() == 5 * S


@pytest.mark.parametrize("hold_time", [0.1, 0.5, 1])
def test_a_button_is_held_after_its_hold_time(pins, clock, hold_time):
    button, held = Button(2, hold_time=hold_time), []
    button.when_held = lambda: held.append(clock.now_ns())
    clock.call_later(2 * S, button.pin.drive_low)
    time.sleep(10)
    assert held == [2 * S + round(hold_time * S)]


def test_closing_a_button_takes_no_time(pins, clock):
    button = Button(2)
    time.sleep(1.05)
    button.close()
    assert clock.now_ns() == 1_050_000_000


def test_a_queue_between_threads_keeps_their_pace(clock):
    got: list[tuple[object, int]] = []
    q: queue.Queue[int] = queue.Queue()

    def produce():
        for i in range(3):
            time.sleep(2)
            q.put(i)

    def consume():
        while True:
            try:
                got.append((q.get(timeout=3), clock.now_ns()))
            except queue.Empty:
                got.append(("empty", clock.now_ns()))
                return

    workers = [threading.Thread(target=f) for f in (produce, consume)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert got == [(0, 2 * S), (1, 4 * S), (2, 6 * S), ("empty", 9 * S)]


def test_a_pool_works_in_parallel(clock):
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda s: (time.sleep(s), s)[1], [3, 1, 2])) == [3, 1, 2]
    assert clock.now_ns() == 3 * S


def test_a_timer_fires_at_its_time(clock):
    fired: list[int] = []
    threading.Timer(60, lambda: fired.append(clock.now_ns())).start()
    time.sleep(61)
    assert fired == [60 * S]


def test_a_join_with_a_timeout_gives_up_at_its_deadline(clock):
    thread = threading.Thread(target=time.sleep, args=(10,))
    thread.start()
    thread.join(4)
    assert thread.is_alive()
    assert clock.now_ns() == 4 * S
    thread.join()
    assert not thread.is_alive()
    assert clock.now_ns() == 10 * S


def test_a_lock_held_across_a_sleep_makes_the_other_wait(clock):
    lock, took = threading.Lock(), []

    def hold():
        with lock:
            time.sleep(2)

    threading.Thread(target=hold).start()
    with lock:
        took.append(clock.now_ns())
    assert took == [2 * S]


def test_a_lock_gives_up_at_its_timeout(clock):
    lock = threading.Lock()
    lock.acquire()
    assert not lock.acquire(timeout=3)
    assert clock.now_ns() == 3 * S


def test_a_condition_of_the_program_may_be_held_across_a_sleep(clock):
    condition, took = threading.Condition(), []

    def hold():
        with condition:
            with condition:
                time.sleep(2)
            condition.notify()
            time.sleep(1)

    threading.Thread(target=hold).start()
    with condition:
        took.append(clock.now_ns())
    assert took == [3 * S]


MADE_EARLY = threading.Lock()


def test_a_lock_made_before_the_clock_makes_the_other_wait_too(clock):
    def hold():
        with MADE_EARLY:
            time.sleep(2)

    threading.Thread(target=hold).start()
    with MADE_EARLY:
        assert clock.now_ns() == 2 * S


def test_pause_lasts_until_the_budget(pins):
    from labkit.sim.time.endings import TimeBudgetSpent

    clock = VirtualClock(budget=60)
    with clock.running(), pytest.raises(TimeBudgetSpent):
        LED(17).blink()
        signal.pause()
    assert clock.now_ns() == 60 * S


def test_asyncio_sleeps_and_times_out_in_lab_time(clock):
    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.gather(asyncio.sleep(100), asyncio.sleep(200))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 50)
        await asyncio.to_thread(time.sleep, 10)
        return loop.time() - start

    assert asyncio.run(main()) == pytest.approx(260, abs=1e-5)


def test_an_edge_reaches_an_event_loop_at_its_instant(pins, clock):
    button = Button(2)
    clock.call_later(33 * S, lambda: clock.deliver(button.pin.drive_low))

    async def main() -> int:
        loop, pressed = asyncio.get_running_loop(), asyncio.Event()
        button.when_pressed = lambda: loop.call_soon_threadsafe(pressed.set)
        await asyncio.wait_for(pressed.wait(), 100)
        return clock.now_ns()

    assert asyncio.run(main()) == 33 * S


def test_a_handler_may_sleep_and_later_edges_wait_for_it(pins, clock):
    button, seen = Button(2), []

    def handle():
        seen.append(clock.now_ns())
        time.sleep(5)

    button.when_pressed = handle
    for at_s, drive in ((1, button.pin.drive_low), (2, button.pin.drive_high), (3, button.pin.drive_low)):
        clock.call_later(at_s * S, lambda drive=drive: clock.deliver(drive))
    time.sleep(20)
    assert seen == [1 * S, 6 * S]


def test_what_is_due_at_one_instant_happens_in_the_documented_order(clock):
    order: list[str] = []

    def sleeper(name: str):
        time.sleep(1)
        order.append(name)

    threading.Thread(target=sleeper, args=("first sleeper",)).start()
    clock.call_later(S, lambda: (order.append("physics"), clock.deliver(lambda: order.append("its effect"))))
    clock.call_later(S, lambda: order.append("later physics"))
    threading.Thread(target=sleeper, args=("second sleeper",)).start()
    time.sleep(1)
    order.append("main")
    assert order == ["physics", "its effect", "later physics", "first sleeper", "second sleeper", "main"]


def test_threads_outside_are_not_slowed(clock):
    assert sys.getswitchinterval() == pytest.approx(0.005)
