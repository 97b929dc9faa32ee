"""The page on recording: its forty-line reader reads what we write."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "recording.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read():
    (source,) = [code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "def read(" in code]
    lines = [line for line in source.splitlines() if line.strip()]
    assert len(lines) <= 40
    names = {}
    exec(source, names)
    return names["read"]


def test_the_reader_of_the_page_finds_every_edge_and_sample(recorded, read):
    channels, edges, samples = read(recorded.path)
    assert [channels[number]["name"] for number in range(4)] == ["ch0", "ch1", "ch2", "pot"]
    pins = [channels[number]["pin"] for number in range(3)]
    assert [(pins[channel], *rest) for channel, *rest in edges] == [tuple(edge) for edge in recorded.edges]
    assert str(samples) == str([(3, each.timestamp_ns, each.seq, each.value) for each in recorded.samples])


def test_it_reads_a_file_that_was_cut_off(recorded, read, tmp_path):
    path = tmp_path / "cut.labrun"
    path.write_bytes(recorded.path.read_bytes()[: recorded.path.stat().st_size * 2 // 3])
    _, edges, _ = read(path)
    assert 0 < len(edges) < len(recorded.edges)
    assert [edge[1] for edge in edges] == [edge.timestamp_ns for edge in recorded.edges[: len(edges)]]
