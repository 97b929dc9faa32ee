"""Exports, read back by programs that are not ours."""

import csv
import json
import math

import pandas as pd
import pytest

from labkit.cli import main
from labkit.errors import BadTraceFile

from .conftest import PINS, ZERO_NS, read_vcd


def expected(recorded, pin, initial=0):
    own = [(edge.timestamp_ns - ZERO_NS, edge.level) for edge in recorded.edges if edge.pin == pin]
    return [(0, initial), *own]


def test_a_vcd_has_every_edge_at_its_nanosecond(recorded, tmp_path):
    kinds, changes, end = read_vcd(recorded.run.export(tmp_path / "run.vcd"))
    assert kinds == {"ch0": "wire", "ch1": "wire", "ch2": "real", "pot": "real"}
    for number, pin in enumerate(PINS):
        # The first is the format's own dump of initial values.
        assert changes[f"ch{number}"][1:] == expected(recorded, pin, float(number == 1))
    sampled = [(s.timestamp_ns - ZERO_NS, s.value) for s in recorded.samples if not math.isnan(s.value)]
    assert changes["pot"][1:] == sampled
    assert end == recorded.last_ns - ZERO_NS


def test_a_csv_and_json_lines_have_the_same(recorded, tmp_path):
    with recorded.run.export(tmp_path / "run.csv").open(newline="") as file:
        rows = [(row["pin"], int(row["timestamp_ns"]), float(row["level"])) for row in csv.DictReader(file)]
    lines = [json.loads(line) for line in recorded.run.export(tmp_path / "run.jsonl").read_text().splitlines()]
    assert rows == [(line["pin"], line["timestamp_ns"], line["level"]) for line in lines]
    assert [(at, level) for pin, at, level in rows if pin == "ch1"] == expected(recorded, "GPIO17", 1)
    table = pd.read_csv(tmp_path / "run.csv")
    assert table[table.pin == "ch2"].level.tolist() == [level for _, level in expected(recorded, "GPIO18")]
    assert (table.timestamp_ns.diff().dropna() >= 0).all()


def test_parquet_is_the_table_that_pandas_gets_from_the_run(recorded, tmp_path):
    table = pd.read_parquet(recorded.run.export(tmp_path / "run.parquet"))
    pd.testing.assert_frame_equal(
        table.astype({"channel": str}), recorded.run.to_pandas().reset_index(drop=True).astype({"channel": str})
    )


def test_a_window_is_exported_alone_and_begins_with_the_level_there(recorded, tmp_path):
    _, changes, end = read_vcd(recorded.run[0.1:0.2].export(tmp_path / "part.vcd"))
    first, *rest = changes["ch0"][1:]
    assert first == (100_000_000, recorded.run[0.1:]["ch0"].initial)
    assert rest == [change for change in expected(recorded, "GPIO2")[1:] if 100_000_000 <= change[0] < 200_000_000]
    assert end == 200_000_000


def test_progress_is_told_and_only_the_finished_file_is_left(recorded, tmp_path):
    shares = []
    recorded.run.export(tmp_path / "run.csv", told=shares.append)
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]


def test_an_export_that_fails_leaves_what_was_there(recorded, tmp_path):
    path = tmp_path / "run.vcd"
    path.write_text("old")

    def interrupt(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recorded.run.export(path, told=interrupt)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("run.vcd", "old")]


def test_places_and_kinds_that_are_none_are_refused(recorded, tmp_path):
    with pytest.raises(BadTraceFile, match=r"a run is exported to a file ending in \.vcd, \.csv, \.jsonl, \.parquet"):
        recorded.run.export(tmp_path / "run.xlsx")
    for suffix in ("vcd", "csv", "parquet"):
        with pytest.raises(BadTraceFile, match="can't write there: No such file"):
            recorded.run.export(tmp_path / "nowhere" / f"run.{suffix}")


def test_parquet_without_pyarrow_says_what_to_do(recorded, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install pyarrow; or write a \.csv"):
        recorded.run.export(tmp_path / "run.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def here(recorded, tmp_path, monkeypatch):
    """A folder with a folder of runs, as a notebook has beside it."""
    (tmp_path / "runs").mkdir()
    for name in ("one", "two"):
        (tmp_path / "runs" / f"{name}.labrun").write_bytes(recorded.path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_exports_runs_by_name_or_by_file(here, capsys):
    assert main(["export", "one", "runs/two.labrun", "--to", "csv"]) == 0
    assert capsys.readouterr().out.split() == ["runs/one.csv", "runs/two.csv"]
    assert (here / "runs" / "one.csv").read_bytes() == (here / "runs" / "two.csv").read_bytes()


def test_the_command_cuts_a_window_and_writes_elsewhere(here, recorded, capsys):
    out = here / "out"
    out.mkdir()
    assert main(["export", "one", "--to", "vcd", "--from", "100 ms", "--until", "0.2", "--output", "out"]) == 0
    assert (out / "one.vcd").read_bytes() == recorded.run[0.1:0.2].export(here / "same.vcd").read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "none", "--to", "vcd"], "labkit export: none.labrun: can't read the recording: No such file"),
        (["export", "other.labrun", "--to", "vcd"], "labkit export: other.labrun is no recording of labkit's"),
        (["export", "one", "--to", "csv"], "labkit export: runs/one.csv is there already: --force replaces it"),
        (["export", "one", "--to", "vcd", "--output", "x"], "can't write there: No such file or directory"),
    ],
)
def test_the_commands_errors_are_a_sentence(here, capsys, words, sentence):
    (here / "other.labrun").write_text("no")
    (here / "runs" / "one.csv").write_text("old")
    assert main(words) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert (here / "runs" / "one.csv").read_text() == "old"


def test_the_command_replaces_what_is_there_when_forced(here, capsys):
    (here / "runs" / "one.csv").write_text("old")
    assert main(["export", "one", "--to", "csv", "--force"]) == 0
    assert (here / "runs" / "one.csv").read_text().startswith("timestamp_ns,pin,level\n")


def test_on_a_terminal_the_command_tells_how_far_it_is(here, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["export", "one", "--to", "csv"]) == 0
    out, err = capsys.readouterr()
    assert out == "runs/one.csv\n"
    shares = [int(words.split()[1]) for words in err.split("\r") if words.startswith("one.csv")]
    assert shares == sorted(set(shares))
    assert 50 < shares[-1] <= 100
    assert "\r\033[K" in err  # and wiped out when it is done


def test_a_kind_that_is_none_is_refused_before_anything_is_read(here, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", "one", "--to", "xlsx"])
    assert ended.value.code == 2
    assert "invalid choice: 'xlsx'" in capsys.readouterr().err


def test_runs_are_listed(here, capsys):
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 runs in runs/"
    assert [line.split()[0] for line in lines[1:]] == ["one", "two"]
