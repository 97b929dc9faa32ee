"""The real nbgrader, offline: it grades submissions by labkit's checks, and takes no word of theirs for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

pytestmark = [pytest.mark.soak, pytest.mark.process]

ROOT = Path(__file__).parents[2]
SCORES = """
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    for each in book.assignment_submissions("light"):
        print(each.student.id, each.score, each.max_score)
"""
ENDLESS = "def my_flashes(red):\n    while True:\n        red.toggle()\n        sleep(0.5)"
LAX = "from labkit.checking import define\n\n\n@define('three flashes')\ndef three_flashes(seen):\n    return []\n"


@pytest.fixture(scope="module")
def run(own_environment, tmp_path_factory):
    """Runs commands of an environment with nbgrader and labkit, in a new course."""
    commands = own_environment("grade", ROOT).parent
    course = tmp_path_factory.mktemp("graded") / "course"
    environ = os.environ | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "HOME": str(course.parent)}

    def run_it(*words):
        folder = course if course.exists() else course.parent
        done = subprocess.run(
            [commands / words[0], *words[1:]], cwd=folder, env=environ, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run_it("labkit", "new-course", "course")
    run_it.course = course
    return run_it


def submit(course, student, *, answer=None, check=None, checks_file=None):
    """Hand in what was released, with some of its cells changed."""
    folder = course / "submitted" / student / "light"
    shutil.copytree(course / "release" / "light", folder)
    notebook = nbformat.read(folder / "01_light.ipynb", 4)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", ())
        if "exercise" in tags and answer:
            cell.source = answer
        if "check" in tags and check:
            cell.source = check
    nbformat.write(notebook, folder / "01_light.ipynb")
    if checks_file:
        (folder / "01_light.checks.py").write_text(checks_file)


def test_submissions_get_what_they_deserve(run):
    course = run.course
    lesson = nbformat.read(course / "notebooks/01_light.ipynb", 4)
    (solution,) = [cell.source for cell in lesson.cells if "solution" in cell.metadata.get("tags", ())]
    run("labkit", "student", "notebooks", "-o", "source/light", "--nbgrader")
    run("nbgrader", "generate_assignment", "light")
    released = nbformat.read(course / "release/light/01_light.ipynb", 4)
    assert "def my_flashes(red):" in nbformat.writes(released), "the beginning of the answer is handed out"
    submit(course, "right", answer=solution)
    submit(course, "untouched")
    submit(course, "endless", answer=ENDLESS)
    submit(course, "own-check", check="pass")
    submit(course, "own-checks-file", checks_file=LAX)
    run("nbgrader", "autograde", "light", "--create")
    scores = sorted(run("python", "-c", SCORES).split("\n")[:-1])
    assert scores == [
        "endless 0.0 1.0", "own-check 0.0 1.0", "own-checks-file 0.0 1.0", "right 1.0 1.0", "untouched 0.0 1.0",
    ]  # fmt: skip
