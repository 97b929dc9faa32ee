"""Traces as files, read back by programs that are not ours where there are such."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import pytest
from vcd.reader import TokenKind, tokenize

from labkit.errors import BadTraceFile
from labkit.tracefiles import open_trace, read_changes, signals

CHANGES = [("GPIO17", 0, 1), ("GPIO2", 0, 1), ("GPIO17", 1_500_000_000, 0), ("GPIO2", 1_500_000_000, 0)]
PULSES = [("GPIO18", 10, 1), ("GPIO18", 20, 0.25), ("GPIO18", 30, 1 / 3), ("GPIO18", 40, 0)]


def written(path: Path, changes, names=None, end_ns=2_000_000_000) -> Path:
    writer = open_trace(path)
    for change in changes:
        writer.change(*change)
    writer.close(names or {}, end_ns)
    return path


def read_vcd(path: Path):
    """By pyvcd: (timescale, {name: type}, {name: [(time, value)]}), the initial values at time None."""
    names, kinds, values, now, timescale = {}, {}, {}, None, ""
    with path.open("rb") as file:
        for token in tokenize(file):
            match token.kind:
                case TokenKind.TIMESCALE:
                    timescale = str(token.timescale)
                case TokenKind.VAR:
                    names[token.var.id_code] = token.var.reference
                    kinds[token.var.reference] = str(token.var.type_)
                case TokenKind.CHANGE_TIME:
                    now = token.time_change
                case TokenKind.CHANGE_SCALAR:
                    values.setdefault(names[token.scalar_change.id_code], []).append((now, token.scalar_change.value))
                case TokenKind.CHANGE_REAL:
                    values.setdefault(names[token.real_change.id_code], []).append((now, token.real_change.value))
    return timescale, kinds, values, now


def test_a_vcd_is_what_an_independent_reader_expects(tmp_path):
    timescale, kinds, values, end = read_vcd(written(tmp_path / "t.vcd", CHANGES))
    assert timescale == "1 ns"
    assert kinds == {"GPIO17": "wire", "GPIO2": "wire"}
    assert values["GPIO17"] == [(0, "0"), (0, "1"), (1_500_000_000, "0")]
    assert end == 2_000_000_000


def test_a_vcd_shows_duty_cycles_as_reals_from_the_first_change_on(tmp_path):
    _, kinds, values, _ = read_vcd(written(tmp_path / "t.vcd", CHANGES + PULSES))
    assert kinds["GPIO18"] == "real"
    assert kinds["GPIO17"] == "wire"
    assert values["GPIO18"] == [(0, 0.0), (10, 1.0), (20, 0.25), (30, 1 / 3), (40, 0.0)]


def test_a_vcd_calls_signals_as_the_program_calls_its_devices(tmp_path):
    names = {"GPIO17": "leds[0]", "GPIO2": "leds[0]"}
    _, kinds, _, _ = read_vcd(written(tmp_path / "t.vcd", CHANGES, names))
    assert sorted(kinds) == ["leds_0", "leds_0_GPIO17"]


def test_a_vcd_has_room_for_more_signals_than_there_are_letters(tmp_path):
    changes = [(f"GPIO{index}", index, 1) for index in range(200)]
    _, kinds, values, _ = read_vcd(written(tmp_path / "t.vcd", changes))
    assert len(kinds) == 200
    assert values["GPIO199"] == [(0, "0"), (199, "1")]


def test_an_empty_vcd_is_one_too(tmp_path):
    assert read_vcd(written(tmp_path / "t.vcd", []))[1] == {}


def test_only_the_finished_file_is_left(tmp_path):
    written(tmp_path / "t.vcd", CHANGES)
    assert [path.name for path in tmp_path.iterdir()] == ["t.vcd"]


def test_an_old_vcd_stays_until_the_new_one_is_complete(tmp_path):
    path = written(tmp_path / "t.vcd", CHANGES)
    before = path.read_bytes()
    writer = open_trace(path)
    writer.change("GPIO2", 0, 1)
    assert path.read_bytes() == before
    writer.close({}, 1)
    assert path.read_bytes() != before


def test_csv_and_json_lines_are_read_by_the_standard_library(tmp_path):
    with written(tmp_path / "t.csv", CHANGES + PULSES).open() as file:
        rows = [(row["pin"], int(row["timestamp_ns"]), float(row["level"])) for row in csv.DictReader(file)]
    lines = written(tmp_path / "t.jsonl", CHANGES + PULSES).read_text().splitlines()
    objects = [(one["pin"], one["timestamp_ns"], one["level"]) for one in map(json.loads, lines)]
    assert rows == objects == CHANGES + PULSES


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_what_was_written_is_read_back(tmp_path, suffix):
    path = written(tmp_path / f"t.{suffix}", CHANGES + PULSES)
    assert signals(path) == ["GPIO17", "GPIO2", "GPIO18"]
    assert list(read_changes(path, "GPIO18")) == [(time_ns, level) for _, time_ns, level in PULSES]
    assert list(read_changes(path, "GPIO3")) == []


@pytest.mark.parametrize("suffix", ["vcd", "csv", "jsonl"])
def test_memory_does_not_grow_with_the_number_of_changes(tmp_path, suffix):
    def most_used(count):
        writer = open_trace(tmp_path / f"t.{suffix}")
        tracemalloc.start()
        for index in range(count):
            writer.change("GPIO17", index * 1000, index % 2)
        writer.close({}, count * 1000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    most_used(10)
    assert most_used(60_000) < most_used(6_000) + 20_000


def test_a_place_that_can_not_be_written_is_refused_and_nothing_is_left(tmp_path):
    (tmp_path / "folder.vcd").mkdir()
    with pytest.raises(BadTraceFile, match=r"folder\.vcd: can't write there: Is a directory"):
        open_trace(tmp_path / "folder.vcd")
    with pytest.raises(BadTraceFile, match=r"ending in \.vcd, \.csv or \.jsonl"):
        open_trace(tmp_path / "trace")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.vcd"]
