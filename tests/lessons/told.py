"""What learners are told, for teachers: `python tests/lessons/told.py > docs/told.md` tries every answer there is."""

from __future__ import annotations

from collections.abc import Iterator

from lesson import LESSONS, NOTEBOOKS, Lesson

from labkit.checking.asking import checks
from labkit.checking.check import Result

HEAD = """# What learners are told

For each check of [the lessons](lessons.md): what is said to the code that is handed out, and to answers that are
wrong in one way or another. The tests try all of them, and compare this page; `python tests/lessons/told.py` writes
it anew. Beside the sentence stands the picture of what the pins did, and a hint for each further try
([Checks](checks.md))."""


def page() -> str:
    """The page, in Markdown."""
    return "\n".join([HEAD, *(line for lesson in LESSONS for line in told(lesson))]) + "\n"


def told(lesson: Lesson) -> Iterator[str]:
    """The lines of one lesson."""
    yield f"\n## {lesson.headings[0]}"
    for exercise in lesson.exercises:
        check = checks(NOTEBOOKS)[exercise.check]
        yield f"\n**{exercise.check}**\n\n| the answer | is told |\n|---|---|"
        yield row("*as it is handed out*", check.result(lesson.program(exercise.starter, exercise.function)))
        for wrong in lesson.wrong_answers:
            if wrong.check == exercise.check:
                yield row(wrong.program.__name__.replace("_", " "), check.result(wrong.program))


def row(answer: str, result: Result) -> str:
    """One answer and its sentence."""
    sentence = result.sentence.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
    return f"| {answer} | {sentence} |"


if __name__ == "__main__":
    print(page(), end="")
