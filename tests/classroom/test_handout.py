"""What learners get: no solutions, no outputs, everything else as it was, and nothing overwritten by accident."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labkit.classroom.handout import hand_out, student_version
from labkit.cli import main
from labkit.errors import NothingToHandOut

LESSONS = Path(__file__).parents[2] / "notebooks"


def cell(source, *tags, id):
    made = new_code_cell(source, metadata={"tags": list(tags)} if tags else {}, id=id)
    made.outputs = [new_output("stream", text="left over")]
    made.execution_count = 7
    return made


@pytest.fixture
def lesson():
    return new_notebook(
        cells=[
            new_markdown_cell("# A lesson", id="title"),
            cell("def mine():\n    ...", "exercise", id="exercise-one"),
            cell("check('one', mine)", "check", id="check-one"),
            new_markdown_cell("Stuck? A solution is folded up below.", id="announced"),
            cell("def mine():\n    secret()", "solution", id="solution-one"),
            new_markdown_cell("## Another\n\nwith a heading of its own", id="heading"),
            cell("def other():\n    secret()", "solution", id="solution-two"),
            cell("mine()", id="last"),
        ]
    )


def test_solutions_go_with_the_text_that_announces_them_and_nothing_else_does(lesson):
    handed_out = student_version(lesson)
    assert [each.id for each in handed_out.cells] == ["title", "exercise-one", "check-one", "heading", "last"]
    assert "secret" not in nbformat.writes(handed_out)
    assert "left over" not in nbformat.writes(handed_out)
    assert all(each.execution_count is None for each in handed_out.cells if each.cell_type == "code")
    assert len(lesson.cells) == 8, "the lesson itself stays as it is"
    assert lesson.cells[1].outputs


def test_nbgraders_marks_are_on_exercises_and_checks_only(lesson):
    marks = {each.id: each.metadata.get("nbgrader") for each in student_version(lesson, nbgrader=True).cells}
    assert marks["title"] is marks["last"] is None
    exercise, check = marks["exercise-one"], marks["check-one"]
    assert (exercise["solution"], exercise["grade"], exercise["locked"]) == (True, False, False)
    assert (check["solution"], check["grade"], check["locked"], check["points"]) == (False, True, True, 1)
    assert check["grade_id"] == "check-one"


@pytest.fixture
def course(tmp_path, lesson):
    folder = tmp_path / "lessons"
    folder.mkdir()
    nbformat.write(lesson, folder / "01_one.ipynb")
    (folder / "01_one.checks.py").write_text("# what is expected\n")
    (folder / "01_one.scenario.yaml").write_text("events: []\n")
    (folder / "notes.txt").write_text("the teacher's own\n")
    return folder


def test_checks_and_scenarios_come_along_and_the_teachers_notes_do_not(course, tmp_path, capsys):
    assert main(["student", str(course), "-o", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["01_one.checks.py", "01_one.ipynb", "01_one.scenario.yaml"]
    assert capsys.readouterr().out.endswith("1 lesson, 2 solutions taken out.\n")


def test_nothing_is_replaced_unasked(course, tmp_path):
    out = tmp_path / "out"
    hand_out([course], out)
    (out / "01_one.ipynb").write_text("a learner's work")
    with pytest.raises(NothingToHandOut, match=r"01_one\.ipynb is there already\. With --force it is replaced"):
        hand_out([course], out)
    assert (out / "01_one.ipynb").read_text() == "a learner's work"
    hand_out([course], out, force=True)
    assert "A lesson" in (out / "01_one.ipynb").read_text()


REFUSED = {
    "no such notebook": (["nowhere.ipynb"], "nowhere.ipynb: can't read it: No such file or directory."),
    "a folder without one": (["empty"], "there is no notebook in empty."),
    "into the lessons' own folder": (["lessons", "-o", "lessons"], "lessons holds the lessons themselves"),
    "two of one name": (["lessons", "again"], "have one name, and would be one file."),
    "no notebook at all": (["broken.ipynb"], "this is no notebook that can be read"),
    "where a file is": (["lessons", "-o", "broken.ipynb"], "broken.ipynb: can't write there: File exists."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_handed_out_is_refused_in_one_sentence(case, course, tmp_path, monkeypatch, capsys):
    words, sentence = REFUSED[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "01_one.ipynb").write_bytes((course / "01_one.ipynb").read_bytes())
    (tmp_path / "broken.ipynb").write_text("{")
    assert main(["student", *words, *([] if "-o" in words else ["-o", "out"])]) == 2
    said = capsys.readouterr().err
    assert said.startswith("labkit student: ")
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_every_lesson_of_the_course_can_be_handed_out(tmp_path):
    done = hand_out([LESSONS], tmp_path)
    assert len(done.notebooks) == len(list(LESSONS.glob("*.ipynb")))
    for path in done.notebooks:
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        assert "solution" not in {tag for each in notebook.cells for tag in each.metadata.get("tags", ())}
        assert not [each for each in notebook.cells if "folded" in each.source], path.name
