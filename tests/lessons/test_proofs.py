"""Every lesson in a kernel of its own, in virtual time: solved, run again without its scenario, and as handed out."""

from __future__ import annotations

import copy

import nbformat
import pytest
from lesson import LESSONS

from labkit.proving.prover import Limits
from labkit.proving.workshop import Workshop

pytestmark = pytest.mark.process
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=str)


@pytest.fixture(scope="module")
def workshop():
    opened = Workshop(Limits(lab_s=600, wall_s=60), None, None)
    yield opened
    opened.close()


def problems(proof):
    return [f"{cell.step.title}: {cell.problem}" for cell in proof.cells if cell.problem] + proof.problems


@each_lesson
def test_it_passes_with_its_solutions_and_every_cell_runs_again(lesson, workshop, tmp_path):
    """The second time nobody does anything: no button is pressed, and nothing may fail for it."""
    for file in lesson.path.parent.glob("*.checks.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    scenario = lesson.path.with_suffix(".scenario.yaml")
    if scenario.exists():
        (tmp_path / scenario.name).write_bytes(scenario.read_bytes())
    twice = copy.deepcopy(lesson.notebook)
    twice.cells += copy.deepcopy(twice.cells)
    for number, cell in enumerate(twice.cells):
        cell.id = f"c{number}"
    nbformat.write(twice, tmp_path / lesson.path.name)
    proof = workshop.prove(tmp_path / lesson.path.name, lesson.path.name, starter=False)
    assert problems(proof) == []
    assert proof.faults == []
    checked = [check for cell in proof.cells for check in cell.checks]
    assert [check["check"] for check in checked] == [exercise.check for exercise in lesson.exercises] * 2


@pytest.mark.soak
@each_lesson
def test_as_handed_out_it_runs_to_its_end_and_every_check_fails(lesson, workshop):
    proof = workshop.prove(lesson.path, lesson.path.name, starter=True)
    assert problems(proof) == []
    checked = [check for cell in proof.cells for check in cell.checks]
    assert [check["check"] for check in checked] == [exercise.check for exercise in lesson.exercises]
