"""One thread that reads values at a rate: exact deadlines, and no reading that was not made."""

import math
import threading
import time
from collections import namedtuple

import pytest
from gpiozero import LED, MCP3008, Button

from labkit.clock import ManualClock, RealClock
from labkit.errors import BadRate
from labkit.labtime import LabTime
from labkit.sampling import FASTEST_HZ, Sampler, Sampling, Source, check_rate, sources_of
from labkit.sim.clock import VirtualClock
from labkit.sim.time.endings import Deadlock

S = 1_000_000_000


@pytest.fixture
def clock():
    return ManualClock()


def constant(value=0.5, name="pot"):
    return Source((name,), lambda: value)


def instants(samples):
    return [sample.timestamp_ns for sample in samples]


def test_deadlines_do_not_drift_at_a_rate_that_is_no_whole_number_of_nanoseconds(clock):
    samples = []
    Sampling(clock).add([constant()], 3, samples.append)
    clock.run_for(1000)
    assert len(samples) == 3001
    assert instants(samples) == [round(number * S / 3) for number in range(3001)]
    assert [sample.seq for sample in samples] == list(range(3001))


def test_a_sample_shows_what_holds_after_everything_else_at_its_instant(clock):
    level, samples = [0], []
    Sampling(clock).add([Source(("x",), lambda: level[0])], 10, samples.append)
    for tenth in range(1, 4):
        clock.call_later(tenth * S // 10, lambda tenth=tenth: level.__setitem__(0, tenth))
    clock.run_for(0.3)
    assert [sample.value for sample in samples] == [0, 1, 2, 3]


def test_samplers_of_several_rates_share_the_thread_and_end_alone(clock):
    fast, slow = [], []
    sampling = Sampling(clock)
    first = sampling.add([constant()], 100, fast.append)
    sampling.add([constant()], 10, slow.append)
    clock.run_for(0.5)
    first.close()
    clock.run_for(0.5)
    assert (len(fast), len(slow)) == (51, 11)


def test_a_reading_that_takes_too_long_is_late_and_what_it_cost_is_missing_by_number():
    now_ns, slow = [0], [0, 0, 26_000_000, 0, 0, 0]
    samples = []

    def read():
        now_ns[0] += slow[len(samples)]
        return 1.0

    sampler = Sampler([Source(("x",), read)], 100, 0, samples.append, lambda source, trouble: None)
    for _ in range(5):
        now_ns[0] = max(now_ns[0], sampler.due_ns)
        sampler.read(lambda: now_ns[0])
    # Reading 2 began at 20 ms and ended at 46 ms: 3 was never made, and 4 came 6 ms after its time.
    assert [sample.seq for sample in samples] == [0, 1, 2, 4, 5]
    assert [sample.is_late for sample in samples] == [False, False, False, True, False]
    assert instants(samples) == [0, 10_000_000, 20_000_000, 46_000_000, 50_000_000]
    assert (sampler.missed, sampler.late, sampler.longest_ns) == (1, 1, 26_000_000)


def test_a_device_without_a_value_just_now_is_not_given_one(clock):
    samples = []
    Sampling(clock).add([Source(("far",), lambda: None)], 10, samples.append)
    clock.run_for(0.1)
    assert all(math.isnan(sample.value) for sample in samples)
    assert len(samples) == 2


def test_a_device_that_fails_is_told_of_once_and_the_others_go_on(clock):
    samples, troubles = [], []

    def broken():
        raise OSError("bus error")

    sources = [Source(("bad",), broken), constant(name="good")]
    Sampling(clock).add(
        sources, 10, samples.append, lambda source, trouble: troubles.append((source.channels, trouble))
    )
    clock.run_for(1)
    assert troubles == [(("bad",), "OSError: bus error")]
    assert [sample.value for sample in samples if sample.channel == "good"] == [0.5] * 11


def test_a_device_that_is_closed_is_read_no_more(clock):
    samples, troubles, closed = [], [], []
    closing = Source(("a",), lambda: 1.0, lambda: bool(closed))
    sampler = Sampling(clock).add(
        [closing, constant(name="b")], 10, samples.append, lambda *told: troubles.append(told)
    )
    clock.run_for(0.25)
    closed.append(1)
    clock.run_for(0.25)
    assert troubles == [(closing, "")]
    assert [sample.channel for sample in samples] == ["a", "b"] * 3 + ["b"] * 3
    assert sampler.due_ns is not None


def test_a_tuple_is_a_channel_for_each_of_its_pieces(clock):
    class Lamp:
        value = namedtuple("Colour", "red green")(0.25, 1)

    class Pair:
        value = (1, None)

    assert sources_of("lamp", Lamp()).channels == ("lamp.red", "lamp.green")
    source = sources_of("pair", Pair())
    assert source.channels == ("pair[0]", "pair[1]")
    samples = []
    Sampling(clock).add([source], 10, samples.append)
    clock.run_for(0.01)
    assert samples[0][0] == "pair[0]"
    assert samples[0].value == 1
    assert math.isnan(samples[1].value)


def test_what_has_no_value_or_none_that_is_a_number_is_refused_by_name():
    class Text:
        value = "warm"

    with pytest.raises(TypeError, match=r"nothing \(object\) has no value to sample"):
        sources_of("nothing", object())
    with pytest.raises(TypeError, match=r"word \(Text\) has the value 'warm', which is no number"):
        sources_of("word", Text())


@pytest.mark.parametrize("rate", [0, -1, 1e9, math.inf, math.nan, "fast", None, True])
def test_rates_that_are_none_are_refused(rate):
    with pytest.raises(BadRate, match="is no rate to sample at"):
        check_rate(rate)


@pytest.mark.parametrize("rate", [0.001, 1, 2.5, FASTEST_HZ])
def test_rates_in_between_are_taken(rate):
    assert check_rate(rate) == rate


def test_in_real_time_every_deadline_is_read_or_missing_by_number():
    samples, enough = [], threading.Event()

    def receive(sample):
        samples.append(sample)
        if sample.seq >= 100:
            enough.set()

    clock = RealClock()
    sampling = Sampling(clock)
    sampler = sampling.add([constant()], 1000, receive)
    assert enough.wait(30)
    sampling.close()
    numbers = [sample.seq for sample in samples]
    assert numbers == sorted(set(numbers))
    assert samples[-1].seq + 1 - len(samples) == sampler.missed
    assert all(sample.timestamp_ns >= sampler.deadline_ns(sample.seq) for sample in samples)


def test_a_sampler_that_is_added_while_the_thread_sleeps_begins_at_once():
    first = threading.Event()
    sampling = Sampling(RealClock())
    sampling.add([constant()], 0.0001, lambda sample: None)
    sampling.add([constant()], 1000, lambda sample: first.set())
    assert first.wait(10)
    sampling.close()


def test_in_virtual_time_samples_are_exact(bench):
    samples = []
    with bench.virtual_time(), MCP3008(0) as pot:
        began = bench.clock.now_ns()
        bench.sampling.add([sources_of("pot", pot)], 1000, samples.append)
        time.sleep(10)
        lab_ns = bench.clock.now_ns() - began
    assert lab_ns == 10 * S
    # The last deadline is that of the instant at which the program woke, and ended the block.
    assert [at - began for at in instants(samples)][:10_000] == [number * S // 1000 for number in range(10_000)]


def test_in_virtual_time_a_sample_sees_what_the_program_did_at_that_instant(bench):
    samples = []
    with bench.virtual_time(), LED(17) as red:
        bench.sampling.add([sources_of("red", red)], 2, samples.append)
        for _ in range(3):
            time.sleep(0.5)
            red.toggle()
        time.sleep(0.1)
    assert [sample.value for sample in samples] == [0, 1, 0, 1]


def test_a_user_callback_that_sleeps_makes_no_sample_late_in_virtual_time(bench):
    samples = []
    with bench.virtual_time(), Button(2) as go:
        go.when_pressed = lambda: time.sleep(1)
        bench.sampling.add([sources_of("go", go)], 10, samples.append)
        bench.parts[2].press(0.2)
        time.sleep(2)
    assert not any(sample.is_late for sample in samples)
    assert [sample.seq for sample in samples][:20] == list(range(20))


def test_sampling_hides_no_deadlock(bench):
    with Button(2) as go, pytest.raises(Deadlock, match=r"go\.wait_for_press\(\)"):  # noqa: SIM117
        with bench.virtual_time():
            bench.sampling.add([sources_of("go", go)], 10, lambda sample: None)
            go.wait_for_press()


def test_sampling_a_bus_of_pins_hides_no_deadlock_either(bench):
    with Button(2) as go, pytest.raises(Deadlock):  # noqa: SIM117
        with bench.virtual_time(), MCP3008(0, clock_pin=5, mosi_pin=6, miso_pin=13, select_pin=19) as pot:
            bench.sampling.add([sources_of("pot", pot)], 10, lambda sample: None)
            go.wait_for_press()


def test_sampling_goes_on_through_virtual_time_and_back():
    samples, virtual, real = [], [], threading.Event()
    lab_time = LabTime(RealClock())

    def receive(sample):
        samples.append(sample)
        if virtual and len(samples) > virtual[0] + 3:
            real.set()

    sampling = Sampling(lab_time)
    sampling.add([constant()], 100, receive)
    clock = VirtualClock()
    with clock.running():
        lab_time.change(clock)
        before = len(samples)
        time.sleep(5)
        assert 499 <= len(samples) - before <= 502
        lab_time.change(RealClock())
    virtual.append(len(samples))
    assert real.wait(10)
    sampling.close()
    numbers = [sample.seq for sample in samples]
    assert numbers == sorted(set(numbers))
