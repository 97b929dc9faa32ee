"""A small real disk that fills: the recording ends with a clear error, what was written stays, the rest goes on."""

import os
import random
import subprocess
import time

import pytest
from gpiozero import LED

import labkit
from labkit.errors import BadRunFile, DiskFull, RecordingFailed

ROOM = 1 << 20


@pytest.fixture
def small_disk(tmp_path):
    path = tmp_path / "small"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "labkit-test", path], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield path
    # Lazily: what is still open there goes with it.
    subprocess.run(["umount", "-l", path], check=True)


def fill(path, leave):
    """Take all room but so many bytes."""
    free = os.statvfs(path)
    (path / "ballast").write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - leave)))


def record_until_full(lab, run, red):
    """Edges at random instants, which do not compress; more of them after the disk is full."""
    rng, at_ns, given = random.Random(1), lab.clock.now_ns(), 0
    end = time.monotonic() + 60
    while run.is_recording:
        assert time.monotonic() < end, "the disk never filled"
        for _ in range(500):
            at_ns += rng.randrange(1 << 40)
            lab.tap.publish("GPIO17", at_ns, given % 2)
            given += 1
        time.sleep(0.001)
    red.toggle()
    return given


def test_a_disk_that_fills_ends_the_recording_and_nothing_else(bench, small_disk, caplog):
    with LED(17) as red:
        run = bench.record("full", red, folder=small_disk)
        given = record_until_full(bench, run, red)
        assert red.value == 1  # the experiment went on
        assert run.problem == f"The disk is full: {run.path} ends here, with all that was written."
        assert run.problem in caplog.text
        with pytest.raises(DiskFull, match="The disk is full"):
            run.stop()
    kept = labkit.open_run(run.path)
    assert kept.how == "disk full"
    assert kept.ended == run.problem
    numbers = [edge.seq for edge in kept.file.edges()]
    assert 10_000 < len(numbers) < given
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert kept.problems[0] == f"It did not end as it should: {run.problem}"
    assert [info.how for info in labkit.runs(small_disk).infos] == ["disk full"]


def test_the_block_of_a_recording_says_that_the_disk_was_full_when_it_ends(bench, small_disk):
    done = []
    with LED(17) as red, pytest.raises(RecordingFailed), bench.record("full", red, folder=small_disk) as run:
        record_until_full(bench, run, red)
        done.append("the block ran to its end")
    assert done


def test_where_there_is_no_room_to_begin_nothing_is_left(bench, small_disk):
    fill(small_disk, 0)
    with LED(17) as red, pytest.raises(BadRunFile, match=r"can't be written there: (the disk is full|No space left)"):
        bench.record("none", red, folder=small_disk)
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


@pytest.mark.parametrize("leave", [4096, 8192, 12_288])
def test_with_room_for_hardly_anything_the_file_is_whole_and_says_so(bench, small_disk, leave):
    fill(small_disk, leave)
    with LED(17) as red:
        run = bench.record("tight", red, folder=small_disk)
        record_until_full(bench, run, red)
    kept = labkit.open_run(run.path)
    assert kept.how == "disk full"
    assert kept.file.damages == []


def test_a_full_disk_fails_an_export_and_keeps_what_was_there(bench, small_disk, tmp_path):
    with LED(17) as red, bench.record("source", red, folder=tmp_path) as run:
        for turn in range(5000):
            bench.tap.publish("GPIO17", bench.clock.now_ns(), turn % 2)
    fill(small_disk, 8192)
    for suffix in ("vcd", "csv", "parquet"):
        with pytest.raises(labkit.LabError, match=r"can't write there: .*[Nn]o space left"):
            run.export(small_disk / f"run.{suffix}")
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]
