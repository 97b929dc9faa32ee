"""A folder of runs: the files are the truth, and the index only saves opening them."""

import json
import os

import pytest

import labkit
from labkit.errors import BadRunFile
from labkit.recorded import folder as folder_module


@pytest.fixture
def folder(recorded, tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.labrun").write_bytes(recorded.path.read_bytes())
    return tmp_path


def opened(monkeypatch):
    """Which files a list opened."""
    names = []
    real = folder_module.open_run
    monkeypatch.setattr(folder_module, "open_run", lambda path: names.append(path.name) or real(path))
    return names


def test_a_run_is_listed_with_what_it_holds_and_opened_by_name_or_place(folder):
    runs = labkit.runs(folder)
    assert [info.name for info in runs.infos] == ["a", "b", "c"]
    info = runs.infos[0]
    assert (info.edges, info.samples, info.how, info.ended) == (20_000, 2_000, "stopped", "by the test")
    assert list(info.channels) == ["ch0", "ch1", "ch2", "pot"]
    assert runs["b"].path.name == runs[1].path.name == "b.labrun"
    assert [run.name for run in runs] == ["a", "b", "c"]
    assert [run.name for run in runs[1:]] == ["b", "c"]
    with pytest.raises(BadRunFile, match=r"There is no run 'd' in .*; there are a, b, c\."):
        runs["d"]


def test_a_second_list_opens_nothing(folder, monkeypatch):
    labkit.runs(folder)
    names = opened(monkeypatch)
    assert len(labkit.runs(folder)) == 3
    assert names == []


def test_a_file_that_changed_is_opened_again_and_one_that_is_gone_is_forgotten(folder, monkeypatch):
    labkit.runs(folder)
    names = opened(monkeypatch)
    data = (folder / "b.labrun").read_bytes()
    (folder / "b.labrun").write_bytes(data[:-20])
    (folder / "c.labrun").unlink()
    assert {info.name: info.how for info in labkit.runs(folder).infos} == {"a": "stopped", "b": "cut off"}
    assert names == ["b.labrun"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"a.labrun": 3}', '{"a.labrun": {"stamp": [1], "run": {"x": 1}}}'])
def test_an_index_that_is_none_is_made_anew(folder, damage):
    before = labkit.runs(folder).infos
    index = folder / folder_module.INDEX
    whole = json.loads(index.read_text())
    index.write_text(damage)
    assert labkit.runs(folder).infos == before
    assert json.loads(index.read_text()) == whole
    assert sorted(path.name for path in folder.iterdir()) == [".index.json", "a.labrun", "b.labrun", "c.labrun"]


def test_a_file_that_is_no_run_is_listed_as_such_and_harms_nobody(folder):
    (folder / "x.labrun").write_text("something else")
    runs = labkit.runs(folder)
    assert [info.name for info in runs.infos] == ["a", "b", "c", "x"]
    assert "is no recording of labkit's" in runs.infos[-1].ended
    assert [run.name for run in runs] == ["a", "b", "c"]


def test_no_folder_is_an_empty_list(tmp_path):
    assert len(labkit.runs(tmp_path / "none")) == 0
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written_is_listed_all_the_same(folder):
    folder.chmod(0o500)
    try:
        assert len(labkit.runs(folder)) == 3
    finally:
        folder.chmod(0o700)


def test_the_list_is_a_table(folder):
    html = labkit.runs(folder)._repr_html_()
    assert html.count("<tr>") == 4
    for told in ("name", "when", "length", "ch0, ch1, ch2, pot", "20,000", "2,000", "by the test", "286 ms"):
        assert told in html
