"""Each check of each lesson: its solution passes; what is handed out, and every wrong answer, is told what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lesson import LESSONS, NOTEBOOKS
from told import row

from labkit.checking.asking import checks

# Each answer is a whole program, and there are hundreds: they are no part of what runs in seconds.
pytestmark = pytest.mark.process

PAGE = (Path(__file__).parents[2] / "docs" / "told.md").read_text(encoding="utf-8")
EXERCISES = [(lesson, exercise) for lesson in LESSONS for exercise in lesson.exercises]
WRONG = [(lesson, wrong) for lesson in LESSONS for wrong in lesson.wrong_answers]
each_exercise = pytest.mark.parametrize(
    ("lesson", "exercise"), EXERCISES, ids=[f"{lesson}-{exercise.check}" for lesson, exercise in EXERCISES]
)


def is_on_the_page(line):
    """Whether docs/told.md has it; what Python says of an error differs from version to version."""
    return "stopped with an error" in line or line in PAGE


def asked(name):
    return checks(NOTEBOOKS)[name]


@each_exercise
def test_the_solution_passes(lesson, exercise):
    result = asked(exercise.check).result(lesson.program(exercise.solution, exercise.function))
    assert result, result.sentence
    assert result.remarks == ()


@each_exercise
def test_what_is_handed_out_is_told_what_is_missing(lesson, exercise):
    check = asked(exercise.check)
    result = check.result(lesson.program(exercise.starter, exercise.function))
    assert not result
    assert result.hint == check.hints[0], "and what to do next"
    assert is_on_the_page(row("*as it is handed out*", result))


@each_exercise
def test_there_are_two_wrong_answers_at_least(lesson, exercise):
    assert sum(wrong.check == exercise.check for wrong in lesson.wrong_answers) >= 2


@pytest.mark.parametrize(
    ("lesson", "wrong"), WRONG, ids=[f"{lesson}-{wrong.check}-{wrong.program.__name__}" for lesson, wrong in WRONG]
)
def test_a_wrong_answer_is_told_what_is_wrong(lesson, wrong):
    result = asked(wrong.check).result(wrong.program)
    assert not result
    assert wrong.says in result.sentence
    assert is_on_the_page(row(wrong.program.__name__.replace("_", " "), result))


def test_the_page_of_what_learners_are_told_has_no_other_answers():
    rows = re.findall(r"^\| (?!the answer|---)", PAGE, re.MULTILINE)
    assert len(rows) == len(EXERCISES) + len(WRONG)
