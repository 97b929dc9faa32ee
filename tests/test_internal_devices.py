"""gpiozero's internal devices read the bench, and the machine again when the bench is gone."""

import datetime as real_time
import io
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime, time

import gpiozero.internal_devices as internal
import pytest
from gpiozero import CPUTemperature, DiskUsage, LoadAverage, PingServer, TimeOfDay

from labkit.clock import ManualClock
from labkit.devices import BenchFactory
from labkit.sim.parts.host import Host

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")  # upstream


@pytest.fixture
def pins() -> Iterator[BenchFactory]:
    with BenchFactory(clock=ManualClock()) as factory:
        yield factory


@pytest.fixture
def host(pins: BenchFactory) -> Host:
    part = pins.board.parts["host"]
    assert isinstance(part, Host)
    return part


def test_the_cpus_temperature_is_what_the_bench_says(pins: BenchFactory, host: Host) -> None:
    with CPUTemperature(threshold=60, pin_factory=pins) as cpu:
        host.cpu_temperature = 59.5
        assert (cpu.temperature, cpu.is_active) == (59.5, False)
        host.set("cpu_temperature", 61.25)
        assert (cpu.temperature, cpu.is_active) == (61.25, True)


def test_a_sensor_file_of_ones_own_is_read_as_it_is(pins: BenchFactory, tmp_path: object) -> None:
    file = f"{tmp_path}/temp"
    with open(file, "w", encoding="ascii") as sensor:
        sensor.write("12345\n")
    with CPUTemperature(file, pin_factory=pins) as cpu:
        assert cpu.temperature == 12.345


def test_load_averages(pins: BenchFactory, host: Host) -> None:
    host.load = (0.5, 0.75, 1.25)
    loads = []
    for minutes in (1, 5, 15):
        with LoadAverage(minutes=minutes, pin_factory=pins) as load:
            loads.append(load.load_average)
    assert loads == [0.5, 0.75, 1.25]
    host.load = 2.0
    assert host.load == (2.0, 2.0, 2.0)


def test_disk_usage(pins: BenchFactory, host: Host) -> None:
    with DiskUsage(threshold=90, pin_factory=pins) as disk:
        host.disk_used = 0.25
        assert (disk.usage, disk.is_active) == (25.0, False)
        host.disk_used = 0.95
        assert (disk.usage, disk.is_active) == (95.0, True)
    with pytest.raises(OSError, match="no such disk"):
        DiskUsage("/no such disk", pin_factory=pins)


def test_a_host_that_does_not_answer(pins: BenchFactory, host: Host) -> None:
    with PingServer("example.org", pin_factory=pins) as server:
        assert server.value == 1
        host.unreachable.add("example.org")
        assert server.value == 0


@pytest.mark.parametrize("utc", [True, False])
def test_the_time_of_day_goes_on_with_lab_time(pins: BenchFactory, host: Host, utc: bool) -> None:
    with TimeOfDay(time(7), time(8), utc=utc, pin_factory=pins) as morning:
        host.time = datetime(2025, 6, 1, 6, 59, 0)
        assert not morning.is_active
        pins.board.clock.sleep(61)
        assert morning.is_active
        pins.board.clock.sleep(3600)
        assert not morning.is_active


def test_until_it_is_set_the_time_is_the_machines(pins: BenchFactory, host: Host) -> None:
    assert host.time is None
    with TimeOfDay(time(0), time(23, 59, 59, 999_999), pin_factory=pins) as always:
        assert always.is_active


def test_a_device_announces_the_change(pins: BenchFactory, host: Host) -> None:
    seen = []
    with CPUTemperature(threshold=60, pin_factory=pins) as cpu:
        cpu.when_activated = lambda: seen.append("hot")
        host.cpu_temperature = 80.0
        cpu._fire_events(pins.ticks(), cpu.is_active)  # what its polling thread does
    assert seen == ["hot"]


def test_nothing_is_left_behind() -> None:
    BenchFactory(clock=ManualClock()).close()
    assert (internal.io, internal.os, internal.subprocess) == (io, os, subprocess)
    assert internal.datetime is real_time.datetime


def test_with_two_benches_the_newer_answers_and_then_the_older_again() -> None:
    older, newer = BenchFactory(clock=ManualClock()), BenchFactory(clock=ManualClock())
    older.board.parts["host"].set("cpu_temperature", 10.0)
    newer.board.parts["host"].set("cpu_temperature", 20.0)
    with CPUTemperature(pin_factory=older) as cpu:
        assert cpu.temperature == 20.0
        newer.close()
        assert cpu.temperature == 10.0
    older.close()
