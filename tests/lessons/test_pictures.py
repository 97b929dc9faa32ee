"""What each lesson is wired as: nothing that the lint finds fault with, and the parts that its text names."""

from __future__ import annotations

import re

import pytest
from lesson import LESSONS
from pictures import circuit_of

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=str)


@each_lesson
def test_its_circuit_is_sound(lesson):
    assert [found for found in circuit_of(lesson).lint() if found.severity != "note"] == []


@each_lesson
def test_the_parts_that_its_text_names_are_those_of_the_picture(lesson):
    text = re.search(r"\*\*Parts\.\*\* (.+)", lesson.notebook.cells[0].source)[1]
    for need in circuit_of(lesson).needs():
        value = re.search(r"\d+ k?Ω|µF", need)
        if value and "resistor" in need:
            assert value.group() in text, need
