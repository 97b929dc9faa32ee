"""Each check of each lesson: its solution passes; what is handed out, and every wrong answer, is told what is wrong."""

from __future__ import annotations

import pytest
from lesson import LESSONS, NOTEBOOKS

from labkit.checking.asking import checks

# Each answer is a whole program, and there are hundreds: they are no part of what runs in seconds.
pytestmark = pytest.mark.process

EXERCISES = [(lesson, exercise) for lesson in LESSONS for exercise in lesson.exercises]
WRONG = [(lesson, wrong) for lesson in LESSONS for wrong in lesson.wrong_answers]
each_exercise = pytest.mark.parametrize(
    ("lesson", "exercise"), EXERCISES, ids=[f"{lesson}-{exercise.check}" for lesson, exercise in EXERCISES]
)


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
