"""Every lesson runs from top to bottom on simulated pins, and holds no outputs in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def test_there_are_lessons():
    assert LESSONS


def test_a_lesson_runs_from_top_to_bottom_and_again(lesson, tmp_path, monkeypatch):
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    client = NotebookClient(lesson, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    with client.setup_kernel():
        for _ in range(2):
            for index, cell in enumerate(lesson.cells):
                if cell.cell_type == "code":
                    client.execute_cell(cell, index)
    outputs = [output for cell in code_cells(lesson) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    banner = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    assert "Simulated pins" in banner


def test_a_lesson_is_kept_without_outputs(lesson):
    assert [cell for cell in code_cells(lesson) if cell.outputs or cell.execution_count] == []


def test_a_lesson_has_a_goal_a_wiring_table_and_help(lesson):
    text = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    assert "**Goal.**" in text
    assert re.search(r"^\| part", text, re.MULTILINE)
    assert "If it does not work" in text
