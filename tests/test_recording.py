"""`bench.record(...)` on simulated pins, in virtual time: exact, complete, and well ended whatever happens."""

import math
import threading
import time

import pytest
from gpiozero import LED, MCP3008, PWMLED, RGBLED, Button, DistanceSensor, MotionSensor, RotaryEncoder

import labkit
from labkit.errors import BadRate, BadRunFile, RecordingFailed

S = 1_000_000_000


@pytest.fixture
def lab(bench, tmp_path, monkeypatch):
    """The bench, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return bench


def test_every_edge_of_ten_minutes_is_there_at_its_nanosecond(lab):
    with lab.virtual_time(), LED(17) as red, lab.record("blinks", red) as run:
        red.blink(0.3, 0.7)
        time.sleep(600)
    edges = list(run["GPIO17"])
    assert [edge.timestamp_ns for edge in edges[:4]] == [0, 300_000_000, S, 1_300_000_000]
    # The last period begins with the instant at which the recording ends.
    assert len(edges) in (1200, 1201)
    assert run.seconds == 600
    assert set(run["GPIO17"].periods[:598].round(9)) == {1.0}
    assert run.missing == {}
    assert run.problems == []
    assert (run.how, run.path.name) == ("stopped", "blinks.labrun")


def test_what_was_recorded_is_opened_later_by_its_file_or_from_the_list(lab):
    with lab.virtual_time(), LED(17) as red, lab.record("once", red):
        red.on()
        time.sleep(1)
    run = labkit.open_run("runs/once.labrun")
    assert run["GPIO17"].rising.tolist() == [0.0]
    assert labkit.runs()["once"].channels == ["LED on GPIO17"]
    assert run.metadata["board"] == {"name": "Raspberry Pi 4B", "revision": "c03114", "simulated": True}
    assert run.metadata["pin_factory"] == "labkit.devices.BenchFactory"
    assert run.metadata["devices"] == [
        {"name": "LED on GPIO17", "class": "LED", "pins": ["GPIO17"], "cell": "this program"}
    ]
    assert {"name": "led17", "part": "Led", "pins": {"pin": "GPIO17"}} in run.metadata["wiring"]
    assert {"python", "system", "labkit", "gpiozero"} <= run.metadata["versions"].keys()
    assert abs(run.started.timestamp() - time.time()) < 600


def test_duty_cycles_are_levels_in_between_to_the_last_bit(lab):
    with lab.virtual_time(), PWMLED(18) as dim, lab.record("dim", dim) as run:
        for level in (1 / 3, 0.1, 1, 0):
            time.sleep(1)
            dim.value = level
        time.sleep(1)
    assert [edge.level for edge in run["GPIO18"]] == [1 / 3, 0.1, 1, 0]
    assert run["GPIO18"].at(1.5) == 1 / 3
    assert run["GPIO18"].duty(1, 3) == pytest.approx((1 / 3 + 0.1) / 2)


def test_values_are_sampled_at_their_rate_and_stand_beside_the_edges(lab):
    with lab.virtual_time(), MCP3008(0) as pot, LED(17) as red:
        with lab.record("both", red, pot, rate=1000) as run:
            for turn in range(10):
                lab.part("pot0").set("position", turn / 10)
                red.toggle()
                time.sleep(0.1)
        assert run.channels == ["LED on GPIO17", "MCP3008"]
    samples = list(run["MCP3008"])
    assert [sample.timestamp_ns for sample in samples] == [number * 1_000_000 for number in range(1000)]
    assert [sample.seq for sample in samples] == list(range(1000))
    assert not any(sample.is_late for sample in samples)
    assert [round(run["MCP3008"].at(turn / 10 + 0.05), 2) for turn in range(10)] == [turn / 10 for turn in range(10)]
    figures = run["MCP3008"].statistics()
    assert (figures.samples, figures.missing, figures.late) == (1000, 0, 0)


def test_no_device_named_means_all_that_the_bench_has_and_gets(lab):
    with lab.virtual_time():
        red = LED(17)
        with lab.record("all") as run:
            time.sleep(1)
            green, go = LED(27), Button(2)
            green.on()
            lab.viewing.refresh()  # as the view thread does a moment later
            time.sleep(1)
            lab.parts[2].press(0.5)
            time.sleep(1)
            red.on()
            time.sleep(1)
    assert set(run.channels) == {"LED on GPIO17", "LED on GPIO27", "Button on GPIO2"}
    assert run["GPIO17"].rising.tolist() == [3.0]
    assert run["GPIO27"].rising.tolist() == [1.0]
    assert run["GPIO2"].falling.tolist() == [2.0]
    assert green.value == 1
    assert not go.is_pressed


def test_a_bus_of_a_sensor_is_no_channel_of_everything(lab):
    with lab.virtual_time(), MCP3008(0, clock_pin=5, mosi_pin=6, miso_pin=13, select_pin=19) as pot:  # noqa: SIM117
        with lab.record("all", rate=10) as run:
            time.sleep(1)
            assert pot.value is not None
    assert run.channels == ["MCP3008"]
    assert len(run["MCP3008"]) == 10


def test_pieces_and_smoothed_values_have_names_of_their_own(lab):
    with lab.virtual_time(), RGBLED(9, 10, 11) as lamp, DistanceSensor(echo=24, trigger=25) as far:
        with lab.record("names", lamp, far, rate=10) as run:
            time.sleep(0.5)
        assert lamp.value == (0, 0, 0)
        assert far.value > 0
    assert run.channels == [
        "RGBLED GPIO9", "RGBLED GPIO10", "RGBLED GPIO11", "DistanceSensor GPIO24", "DistanceSensor on GPIO24",
    ]  # fmt: skip
    assert run["GPIO24"].statistics().rising > 3
    assert len(run["DistanceSensor on GPIO24"]) == 5


def test_encoders_and_motion_sensors_are_recorded_with_what_they_count(lab):
    with lab.virtual_time(), RotaryEncoder(20, 21, max_steps=10) as knob, MotionSensor(4) as pir:
        with lab.record("counted", knob, pir, rate=10) as run:
            lab.part(20).rotate(5)
            time.sleep(1)
        assert knob.steps == 5
        assert pir.value == 0
    assert run["RotaryEncoder on GPIO20, GPIO21"].values[-1] == pytest.approx(0.5)
    assert len([name for name in run.channels if name.startswith("MotionSensor")]) == 2


def test_any_object_with_a_value_can_be_recorded(lab):
    class Scale:
        value = 0.0

    scale = Scale()
    with lab.virtual_time(), lab.record("weighed", scale, rate=4) as run:
        for gram in range(4):
            scale.value = gram
            time.sleep(0.5)
    assert run[run.channels[0]].values.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_marks_stand_at_their_instants(lab):
    with lab.virtual_time(), LED(17) as red, lab.record("marked", red) as run:
        time.sleep(1.5)
        run.mark("heater on")
        time.sleep(1)
    assert [(mark.at_ns, mark.kind, mark.text) for mark in run.marks if mark.kind == "mark"] == [
        (1_500_000_000, "mark", "heater on")
    ]
    with pytest.raises(RecordingFailed, match="has ended"):
        run.mark("too late")


def test_a_channel_that_closes_is_marked_and_the_rest_goes_on(lab):
    with lab.virtual_time():
        red, green, pot = LED(17), LED(27), MCP3008(0)
        with lab.record("closing", red, green, pot, rate=10) as run:
            time.sleep(1)
            red.close()
            pot.close()
            time.sleep(1)
            green.on()
            again = LED(17, initial_value=True)
            time.sleep(1)
    told = [(mark.at_ns / S, mark.kind, mark.text) for mark in run.marks]
    assert told == [
        (1.0, "closed", "LED on GPIO17 was closed"),
        (1.0, "closed", "MCP3008 was closed"),
        (2.0, "opened", "LED on GPIO17 was opened again"),
    ] or told == [
        (1.0, "closed", "LED on GPIO17 was closed"),
        (1.1, "closed", "MCP3008 was closed"),
        (2.0, "opened", "LED on GPIO17 was opened again"),
    ]
    assert run["GPIO27"].rising.tolist() == [2.0]
    assert run["GPIO17"].rising.tolist() == [2.0]
    assert len(run["MCP3008"]) == 10
    assert again.value == 1
    assert run.problems == []


def test_while_it_goes_on_it_is_read_like_any_other(lab):
    with lab.virtual_time(), LED(17) as red:
        run = lab.record("live", red)
        red.on()
        time.sleep(1)
        assert run.is_recording
        assert run["GPIO17"].rising.tolist() == [0.0]
        assert run.how == "recording"
        red.off()
        time.sleep(1)
        assert run["GPIO17"].falling.tolist() == [1.0]
        assert labkit.open_run(run.path).how == "recording"
        assert run.stop() is run
        red.on()
        assert len(run["GPIO17"]) == 2
        assert not run.is_recording


def test_stopping_twice_and_closing_the_bench_change_nothing(lab):
    red = LED(17)
    run = lab.record("stopped", red)
    run.stop()
    first = run.file.ending
    run.stop()
    lab.close()
    assert run.file.ending == first
    assert first.text == "stopped by this program"


def test_a_bench_that_is_closed_ends_its_recordings_well(lab):
    red = LED(17)
    run = lab.record("open", red)
    red.on()
    lab.close()
    assert run.how == "stopped"
    assert labkit.open_run(run.path).ended == "the bench was closed"
    assert labkit.open_run(run.path)["GPIO17"].statistics().rising == 1


def test_an_error_in_the_block_ends_it_and_is_not_hidden(lab):
    with pytest.raises(ZeroDivisionError), LED(17) as red, lab.record("broken", red) as run:
        run.mark(str(1 / 0))
    assert labkit.open_run("runs/broken.labrun").ended == "stopped by ZeroDivisionError"


def test_names_never_overwrite_each_other(lab):
    with LED(17) as red:
        names = [lab.record("same", red).stop().path.name for _ in range(3)]
    assert names == ["same.labrun", "same-2.labrun", "same-3.labrun"]


def test_without_a_name_it_is_called_after_the_time(lab):
    with LED(17) as red:
        run = lab.record(red).stop()
    assert run.name.startswith("run-20")
    assert run.channels == ["LED on GPIO17"]


def test_several_recordings_of_one_pin_do_not_disturb_each_other(lab):
    with lab.virtual_time(), LED(17) as red, lab.record("outer", red) as outer:
        time.sleep(1)
        red.on()
        with lab.record("inner", red) as inner:
            time.sleep(1)
            red.off()
            time.sleep(1)
        red.on()
        time.sleep(1)
    assert outer["GPIO17"].rising.tolist() == [1.0, 3.0]
    assert inner["GPIO17"].rising.tolist() == []
    assert inner["GPIO17"].falling.tolist() == [1.0]
    assert inner["GPIO17"].initial == 1


def test_it_goes_on_from_real_time_into_virtual_time_and_back(lab):
    with LED(17) as red, lab.record("through", red) as run:
        red.on()
        with lab.virtual_time():
            time.sleep(100)
            red.off()
            time.sleep(100)
        red.on()
    rising, falling = run["GPIO17"].rising, run["GPIO17"].falling
    assert falling[0] - rising[0] == pytest.approx(100, abs=5)
    assert rising[1] - falling[0] == pytest.approx(100, abs=5)
    assert run.missing == {}


def test_nothing_is_left_behind(lab):
    def left():
        return (
            len(lab.tap._subscribers), len(lab._viewing._listeners), len(lab._viewing._hand_watchers),
            len(lab._viewing._kept), len(lab.cells._followers), len(lab.sampling._samplers),
            sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("labkit-rec")),
        )  # fmt: skip

    with lab.virtual_time(), LED(17), MCP3008(0):
        lab.record("warm", rate=100).stop()
        time.sleep(1)
        before = left()
        for _ in range(15):
            with lab.record("again", rate=100):
                time.sleep(0.1)
        time.sleep(1)
        assert left() == before


def test_bad_input_is_refused_and_makes_no_file(lab, tmp_path):
    red = LED(17)
    closed = LED(27)
    closed.close()
    for wrong, error, sentence in (
        ((red, object()), TypeError, "has no value to sample"),
        ((red, closed), ValueError, "is closed: there is nothing to record of it"),
        ((red, 17), TypeError, "has no value to sample"),
    ):
        with pytest.raises(error, match=sentence):
            lab.record("bad", *wrong)
    for rate in (0, -1, 1e9, math.nan, "fast"):
        with pytest.raises(BadRate, match="is no rate to sample at"):
            lab.record("bad", red, rate=rate)
    for name in ("a/b", "../a", "", ".hidden", "x" * 300):
        with pytest.raises(BadRunFile, match="can't be the name of a run"):
            lab.record(name, red)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRunFile, match="it is a file"):
        lab.record("bad", red, folder="file")
    assert not (tmp_path / "runs").exists()
    assert lab.tap._subscribers == lab.tap._subscribers[:1]
    red.close()


def test_a_closed_bench_records_nothing(lab):
    lab.close()
    with pytest.raises(labkit.LabError, match="This bench was closed"):
        lab.record("x")


@pytest.mark.parametrize("days", [3, -3])
def test_a_machines_clock_that_was_set_is_told_and_the_start_counted_back(lab, monkeypatch, days):
    from labkit.runfile import packing

    real = time.time_ns
    with LED(17) as red:
        run = lab.record("set", red)
        with monkeypatch.context() as clock:
            clock.setattr(packing.time, "time_ns", lambda: real() + days * 86_400 * S)
            run.stop()
    assert run.started.timestamp() - time.time() == pytest.approx(days * 86_400, abs=60)
    assert run.problems == [f"The machine's clock was set by {days * 86_400:+.1f} s while it was recorded."]
