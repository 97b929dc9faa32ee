"""Every lesson has the frame of docs/lessons.md: sections, tags, times; its file holds what was written, no more."""

from __future__ import annotations

import ast
import json
import re

import pytest
from lesson import LESSONS, NOTEBOOKS

from labkit.checking.asking import checks

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=str)
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TAGS = {"exercise", "check", "solution", "scenario", "skip-test"}


def test_the_lessons_are_numbered_without_a_gap():
    assert [int(lesson.name[:2]) for lesson in LESSONS] == list(range(1, len(LESSONS) + 1))


@each_lesson
def test_its_sections_come_in_order(lesson):
    title, *sections = lesson.headings
    assert re.match(rf"{int(lesson.name[:2])} · ", title)
    assert sections[0] == "Wiring"
    assert sections[-2:] == ["If it does not work", "Further"]
    numbers = [int(number) for section in sections for number in re.findall(r"^Exercise (\d) · ", section)]
    assert numbers in ([1, 2], [1, 2, 3])
    assert sum(section.startswith("Experiment · ") for section in sections) == 1
    own = [section for section in sections[1:-2] if not re.match(r"Exercise|Experiment", section)]
    assert len(own) >= 2, "it explains something"


@each_lesson
def test_it_says_its_goal_its_time_and_its_parts_first(lesson):
    first = lesson.notebook.cells[0].source
    assert "**Goal.** " in first
    minutes = int(re.search(r"\*\*Time\.\*\* (\d+) minutes", first)[1])
    assert 20 <= minutes <= 45
    assert "**Parts.** " in first


@each_lesson
def test_it_opens_the_bench_and_draws_the_circuit_before_anything_else(lesson):
    bench, circuit = (cell.source for cell in lesson.code_cells[:2])
    assert bench == "import labkit\nfrom labkit import check, parts\n\nbench = labkit.bench()"
    assert re.fullmatch(r"circuit = labkit\.circuit\(.+\)\ncircuit", circuit, re.DOTALL)


@each_lesson
def test_each_exercise_is_followed_by_its_check_and_a_folded_solution(lesson):
    tags = [tag for cell in lesson.notebook.cells for tag in cell.metadata.get("tags", ()) if tag != "scenario"]
    assert tags == ["exercise", "check", "solution"] * len(list(lesson.exercises))
    for cell in lesson.tagged("solution"):
        assert cell.metadata.jupyter == {"source_hidden": True}
    for exercise in lesson.exercises:
        assert exercise.check in checks(NOTEBOOKS), "defined in the file beside the notebook"
        for source in (exercise.starter, exercise.solution):
            made = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
            assert exercise.function in made


@each_lesson
def test_ids_say_what_the_cells_of_an_exercise_are(lesson):
    name = lesson.name.split("_", 1)[1].replace("_", "-")
    for tag in ("exercise", "check", "solution"):
        assert all(re.fullmatch(rf"{name}-{tag}-[a-z0-9-]+", cell.id) for cell in lesson.tagged(tag))
    ids = [cell.id for cell in lesson.notebook.cells]
    assert len(set(ids)) == len(ids)


@each_lesson
def test_an_experiment_records(lesson):
    start = next(place for place, cell in enumerate(lesson.notebook.cells) if "## Experiment · " in cell.source)
    code = "\n".join(cell.source for cell in lesson.notebook.cells[start:] if cell.cell_type == "code")
    assert "bench.record(" in code


@each_lesson
def test_it_is_kept_without_outputs_and_with_clean_metadata(lesson):
    assert [cell for cell in lesson.code_cells if cell.outputs or cell.execution_count] == []
    assert lesson.notebook.metadata == METADATA
    for cell in lesson.notebook.cells:
        assert set(cell.metadata) <= {"tags", "jupyter"}
        assert set(cell.metadata.get("tags", ())) <= TAGS
    assert (lesson.notebook.nbformat, lesson.notebook.nbformat_minor) == (4, 5)
    kept = lesson.path.read_text(encoding="utf-8")
    assert kept == json.dumps(json.loads(kept), indent=1, ensure_ascii=False) + "\n", "as JupyterLab writes it"
