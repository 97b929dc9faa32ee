"""A file that was cut off at any byte, or damaged at any, opens, and holds all that was whole in it."""

import pytest

from labkit.errors import BadRunFile
from labkit.recorded.run import open_run
from labkit.runfile.reading import RunFile
from labkit.runfile.records import HEADER, Kind


@pytest.fixture
def recorded(bare):
    made = bare()
    for _ in range(4):
        made.chunk(30)
    made.recorder.stop("stopped", "by the test")
    return made


def cut(recorded, tmp_path, size):
    path = tmp_path / "cut.labrun"
    path.write_bytes(recorded.path.read_bytes()[:size])
    return path


def test_a_whole_file_tells_how_it_ended_and_holds_everything(recorded):
    file = RunFile(recorded.path)
    assert list(file.edges()) == recorded.edges
    assert list(file.samples()) == recorded.samples
    assert (file.ending.how, file.ending.text) == ("stopped", "by the test")
    assert (file.ending.edges, file.ending.samples) == (120, 60)
    assert file.damages == []


def test_cut_at_every_byte_of_its_last_two_chunks_it_holds_every_whole_record(recorded, tmp_path):
    whole = RunFile(recorded.path)
    records = list(whole.records(Kind.EDGES, Kind.SAMPLES))
    size = recorded.path.stat().st_size
    for length in range(records[-4].offset, size):
        file = RunFile(cut(recorded, tmp_path, length))
        kept = [record for record in records if record.end <= length]
        edges = sum(record.count for record in kept if record.kind == Kind.EDGES)
        samples = sum(record.count for record in kept if record.kind == Kind.SAMPLES)
        assert list(file.edges()) == recorded.edges[:edges]
        assert list(file.samples()) == recorded.samples[:samples]
        assert file.ending.how == "cut off"
        assert (file.ending.edges, file.ending.samples) == (edges, samples)
        assert file.ending.at_ns >= max(record.last_ns for record in kept)
        file.close()


def test_cut_at_any_byte_before_it_opens_or_says_that_nothing_was_recorded_yet(recorded, tmp_path):
    head = next(RunFile(recorded.path).records(Kind.HEAD)).end
    for length in range(0, RunFile(recorded.path).size, 7):
        path = cut(recorded, tmp_path, length)
        if length < head:
            with pytest.raises(BadRunFile, match=r"cut\.labrun is (empty|no recording)"):
                RunFile(path)
        else:
            edges = list(RunFile(path).edges())
            assert edges == recorded.edges[: len(edges)]


def test_what_is_left_of_a_cut_file_is_read_drawn_and_measured(recorded, tmp_path):
    last = list(RunFile(recorded.path).records(Kind.SAMPLES))[-1]
    run = open_run(cut(recorded, tmp_path, last.offset + 9))
    assert (run.how, len(run["ch0"]), len(run["pot"])) == ("cut off", 40, 45)
    assert run["ch0"].statistics().edges == 40
    assert int(run.history.columns(0, run.windows.last_ns, 10)[0].counts.sum()) == 40
    assert "its last 9 bytes are half a record" in run.ended
    assert run.problems == [f"It did not end as it should: {run.ended}."]


def test_a_damaged_byte_costs_one_record_and_is_reported(recorded, tmp_path):
    whole = recorded.path.read_bytes()
    edge_records = list(RunFile(recorded.path).records(Kind.EDGES))
    hurt = edge_records[1]
    for at in range(hurt.offset, hurt.end):
        path = tmp_path / "hurt.labrun"
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        run = open_run(path)
        assert list(run.file.edges()) == recorded.edges[:30] + recorded.edges[60:]
        assert any("are damaged" in problem for problem in run.problems), at
        assert run["ch1"].lost == 10


def test_a_damaged_index_is_done_without(recorded, tmp_path):
    whole = recorded.path.read_bytes()
    index = next(RunFile(recorded.path).records(Kind.INDEX))
    path = tmp_path / "hurt.labrun"
    for at in range(index.offset, index.end):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        run = open_run(path)
        assert (run.how, len(run["ch0"]), run.channels) == ("stopped", 40, ["ch0", "ch1", "ch2", "pot"])


def test_a_file_of_something_else_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "x.labrun"
    for content in (b"time,level\n1,2\n", b"\x89PNG\r\n\x1a\n" + bytes(100), b"\x89LKR" + bytes(200)):
        path.write_bytes(content)
        with pytest.raises(BadRunFile, match=r"x\.labrun is no recording of labkit's, or its beginning is damaged\."):
            RunFile(path)
    with pytest.raises(BadRunFile, match="can't read the recording: No such file"):
        RunFile(tmp_path / "none.labrun")
    with pytest.raises(BadRunFile, match="can't read the recording: Is a directory"):
        RunFile(tmp_path)


def test_a_later_versions_file_says_what_to_do(bare, tmp_path):
    from labkit.runfile.records import json_record

    path = tmp_path / "later.labrun"
    path.write_bytes(json_record(Kind.HEAD, {"version": 2, "versions": {"labkit": "9.1"}}, 0))
    with pytest.raises(
        BadRunFile, match=r"a later labkit \(9\.1\), in a format that this one can't read: update labkit"
    ):
        RunFile(path)


def test_a_record_that_claims_to_be_huge_fills_no_memory(recorded, tmp_path):
    import zlib

    from labkit.runfile.records import record

    bomb = record(Kind.EDGES, bytes(1 << 26), first_ns=0, last_ns=0, count=3, compress=True)
    assert len(bomb) < 300_000
    path = tmp_path / "bomb.labrun"
    path.write_bytes(recorded.path.read_bytes() + bomb)
    file = RunFile(path)
    assert list(file.edges()) == recorded.edges
    assert len(file.damages) == 1
    assert zlib.decompress(bomb[HEADER.size :])  # it is one


def test_records_of_a_kind_that_is_not_known_are_passed_over(recorded, tmp_path):
    from labkit.runfile.records import record

    path = tmp_path / "new.labrun"
    path.write_bytes(recorded.path.read_bytes() + record(b"?", b"of tomorrow", first_ns=0, last_ns=0))
    file = RunFile(path)
    assert list(file.edges()) == recorded.edges
    assert file.ending.how == "stopped"
