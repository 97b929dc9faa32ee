"""The recorder itself: nothing lost unseen, nobody waits, memory bounded, and every way that it can end."""

import errno
import os
import threading
import time

import pytest

from labkit.clock import ManualClock, RealClock
from labkit.errors import BadRunFile
from labkit.recorder import Recorder
from labkit.runfile import disk as disk_module
from labkit.runfile.appending import RunLog
from labkit.runfile.contents import Channel, Mark
from labkit.runfile.reading import RunFile
from labkit.runfile.records import Kind, json_record
from labkit.tap import Tap
from labkit.trace import Edge

HEAD = json_record(Kind.HEAD, {"version": 1, "start_ns": 0}, 0)


class HeldLog(RunLog):
    """A disk that takes nothing until the test lets it, or fails as the test says."""

    def __init__(self, path):
        super().__init__(path)
        self.held = threading.Event()
        self.held.set()
        self.failure = None
        self.synced = 0

    def append(self, records):
        self.held.wait()
        if self.failure is not None:
            raise self.failure
        super().append(records)

    def sync(self):
        self.synced += 1
        super().sync()


@pytest.fixture
def held(tmp_path):
    log = HeldLog.create(tmp_path, "held")
    log.begin(HEAD)
    recorder = Recorder(log, ManualClock(), lambda: None)
    recorder.add(Channel(0, "a", "digital", "GPIO2"))
    recorder.flush()
    yield log, recorder
    log.held.set()
    recorder.stop("stopped", "the test is over")


def until(happened):
    """Wait for something to happen; ten seconds are far more than it ever takes."""
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)


def edges(count, first=1, pin="GPIO2"):
    return [Edge(pin, number * 1000, number, number % 2) for number in range(first, first + count)]


def keep_giving(recorder, given, count, happened):
    """More edges, until something happens; how many it were in all."""
    total = [given]

    def more():
        give(recorder, edges(count, total[0] + 1))
        total[0] += count
        return happened()

    until(more)
    return total[0]


def give(recorder, some):
    for edge in some:
        recorder.receive_edge(edge)


def test_edges_from_many_threads_are_all_there_by_their_numbers(tmp_path):
    tap, log = Tap(RealClock()), RunLog.create(tmp_path, "many")
    log.begin(HEAD)
    recorder = Recorder(log, tap.clock, lambda: None)
    pins = [f"GPIO{number}" for number in range(4)]
    for number, pin in enumerate(pins):
        recorder.add(Channel(number, pin, "digital", pin))
    tap.subscribe(recorder.receive_edge)

    def publish(first):
        # Two threads on every pin: their numbers interleave as they like.
        for turn in range(5000):
            tap.publish(pins[(first + turn) % 4], tap.clock.now_ns(), turn % 2)

    threads = [threading.Thread(target=publish, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ending = recorder.stop("stopped", "done")
    assert ending.edges == 20_000
    assert ending.missing == dict.fromkeys(pins, 0)
    numbers = {pin: [] for pin in pins}
    for edge in RunFile(log.path).edges():
        numbers[edge.pin].append(edge.seq)
    assert all(sorted(found) == list(range(1, 5001)) for found in numbers.values())


def test_a_missing_number_is_counted_and_not_made_up_for(bare):
    made = bare()
    made.edge("GPIO2")
    made.edge("GPIO2", skip=3)
    made.recorder.flush()
    made.edge("GPIO2", skip=2)
    ending = made.recorder.stop("stopped", "done")
    assert ending.missing == {"ch0": 5, "ch1": 0, "ch2": 0, "pot": 0}
    assert [edge.seq for edge in RunFile(made.path).edges()] == [1, 5, 8]


def test_while_the_disk_is_stuck_nobody_waits_and_nothing_is_lost(held):
    log, recorder = held
    log.held.clear()
    give(recorder, edges(100_000))
    log.held.set()
    ending = recorder.stop("stopped", "done")
    assert (ending.edges, ending.missing) == (100_000, {"a": 0})


def test_what_a_stuck_disk_makes_the_recorder_drop_is_told_at_once_counted_and_marked(held, monkeypatch, caplog):
    log, recorder = held
    monkeypatch.setattr(disk_module, "MOST_WAITING", 20_000)
    log.held.clear()
    given = 0
    given = keep_giving(recorder, given, 1000, lambda: "is losing edges: the disk can't keep up" in caplog.text)
    assert "the disk can't keep up" in recorder.problem
    log.held.set()
    given = keep_giving(recorder, given, 1, lambda: not recorder.problem)
    ending = recorder.stop("stopped", "done")
    assert ending.edges + ending.missing["a"] == given
    assert ending.missing["a"] == ending.details["dropped"] > 0
    run = RunFile(log.path)
    # One mark for each look of the writer's that found some dropped.
    assert {mark.kind for mark in run.marks} == {"dropped"}
    assert sum(mark.details["count"] for mark in run.marks) == ending.details["dropped"]
    found = [edge.seq for edge in run.edges()]
    assert found[-1] - len(found) == ending.missing["a"]


def test_edges_that_come_faster_than_they_are_packed_cost_a_bounded_memory_and_are_counted(held):
    from labkit.recorder import MOST_QUEUED

    _, recorder = held
    with recorder._packing:  # its thread is kept from running
        give(recorder, edges(MOST_QUEUED + 5000))
        assert len(recorder._edges) == MOST_QUEUED
    ending = recorder.stop("stopped", "done")
    assert (ending.edges, ending.missing) == (MOST_QUEUED, {"a": 5000})


def test_a_disk_that_fails_ends_the_recording_and_says_why(held, caplog):
    log, recorder = held
    log.failure = OSError(errno.EIO, os.strerror(errno.EIO))
    give(recorder, edges(10))
    until(lambda: recorder.ending is not None)
    assert recorder.ending.how == "failed"
    assert recorder.problem.endswith("held.labrun can't be written any more: Input/output error.")
    assert recorder.problem in caplog.text
    give(recorder, edges(10, 11))
    assert recorder.stop("stopped", "later") is recorder.ending


def test_the_end_stands_in_the_room_kept_for_it_where_the_disk_takes_no_more(held):
    log, recorder = held
    give(recorder, edges(10))
    recorder.flush()
    log.failure = OSError(errno.EIO, "gone")
    give(recorder, edges(10, 11))
    until(lambda: recorder.ending is not None)
    run = RunFile(log.path)
    assert run.ending.how == "failed"
    assert (run.ending.edges, len(list(run.edges()))) == (10, 10)


def test_a_mistake_of_its_own_ends_the_recording_and_not_the_program(held, caplog):
    _, recorder = held
    recorder.receive_edge("no edge")
    until(lambda: recorder.ending is not None)
    assert recorder.ending.how == "failed"
    assert recorder.problem


def test_the_disk_is_asked_to_make_safe_what_was_written_and_not_what_was_not(held):
    log, recorder = held
    until(lambda: log.synced)
    quiet = log.synced
    give(recorder, edges(5))
    until(lambda: log.synced > quiet)
    assert len(list(RunFile(log.path).edges())) == 5


def test_a_second_without_anything_is_written_down_as_one(held):
    log, recorder = held
    recorder._packer._written_ns -= 2_000_000_000
    until(lambda: list(RunFile(log.path).records(Kind.ALIVE)))
    assert RunFile(log.path).ending.how == "recording"


def test_stopping_twice_gives_the_first_ending_and_marks_come_too_late_then(bare):
    made = bare()
    made.some(3)
    first = made.recorder.stop("stopped", "first")
    assert made.recorder.stop("failed", "second") is first
    made.recorder.mark(Mark(1, "mark", "too late"))
    assert RunFile(made.path).marks == []
    assert made.left == 1


def test_an_edge_that_came_before_the_stop_is_in_the_file_whatever_the_recorder_was_doing(held, monkeypatch):
    log, recorder = held
    emptied, go_on = threading.Event(), threading.Event()
    gather = recorder._gather

    def gather_and_dawdle():
        gather()
        emptied.set()
        assert go_on.wait(10)

    monkeypatch.setattr(recorder, "_gather", gather_and_dawdle)
    assert emptied.wait(10)
    give(recorder, edges(5))  # just after its thread has emptied the queue
    stopping = threading.Thread(target=recorder.stop, args=("stopped", ""))
    stopping.start()
    until(lambda: recorder._wanted is not None)
    go_on.set()
    stopping.join()
    assert len(list(RunFile(log.path).edges())) == 5


def test_an_edge_numbered_before_its_channel_began_is_not_recorded(tmp_path):
    log = RunLog.create(tmp_path, "begun")
    log.begin(HEAD)
    recorder = Recorder(log, ManualClock(), lambda: None)
    recorder.add(Channel(0, "a", "digital", "GPIO2", seq=5))
    give(recorder, edges(8))
    assert recorder.stop("stopped", "").missing == {"a": 0}
    assert [edge.seq for edge in RunFile(log.path).edges()] == [6, 7, 8]


def test_a_clock_that_steps_back_is_recorded_as_it_was(bare):
    made = bare()
    for at in (5_000, 9_000, 2_000, 3_000):
        made.clock._now_ns = at
        made.edge("GPIO2")
    made.recorder.stop("stopped", "")
    file = RunFile(made.path)
    assert [edge.timestamp_ns for edge in file.edges()] == [5_000, 9_000, 2_000, 3_000]
    assert [change.timestamp_ns for change in file.changes()] == [2_000, 3_000, 5_000, 9_000]


def test_names_never_overwrite_each_other(tmp_path):
    logs = [RunLog.create(tmp_path / "runs", "heating") for _ in range(3)]
    assert [log.path.name for log in logs] == ["heating.labrun", "heating-2.labrun", "heating-3.labrun"]
    for log in logs:
        log.close()


def test_places_that_can_not_be_written_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRunFile, match=r"file: a recording can't be written there: it is a file\."):
        RunLog.create(tmp_path / "file", "x")
    with pytest.raises(BadRunFile, match=r"can't be written there: Not a directory\."):
        RunLog.create(tmp_path / "file" / "deeper", "x")
    with pytest.raises(BadRunFile, match=r"can't be written there: "):
        RunLog.create(tmp_path / "dev", "x" * 300)


def test_a_file_that_is_being_written_is_read_meanwhile(bare):
    made = bare()
    made.chunk(30)
    run = RunFile(made.path)
    assert (run.ending.how, list(run.edges())) == ("recording", made.edges)
    made.recorder.stop("stopped", "")
    assert RunFile(made.path).ending.how == "stopped"


def test_a_long_run_has_several_indexes_and_opens_by_them(bare, monkeypatch):
    from labkit.runfile.index import Index

    monkeypatch.setattr(Index, "is_due", property(lambda self: self.records >= 4))
    made = bare()
    for _ in range(12):
        made.chunk(9)
    made.recorder.stop("stopped", "")
    file = RunFile(made.path)
    assert len(file.indexes()) > 3
    assert sum(len(parts.texts) for parts in file.indexes()) == 4
    assert [channel.name for channel in file.channels] == ["ch0", "ch1", "ch2", "pot"]
    assert list(file.edges()) == made.edges
