"""`labkit new-course`: what it lays out is proven by its own commands."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from labkit.cli import main

pytestmark = [pytest.mark.process, pytest.mark.soak]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("courses") / "pins"
    assert main(["new-course", str(folder)]) == 0
    return folder


def labkit(course, *words):
    return subprocess.run([sys.executable, "-m", "labkit.cli", *words], cwd=course, capture_output=True, text=True)


def test_its_lesson_passes_and_its_check_fails_on_what_is_handed_out(course):
    done = labkit(course, "test", "-p", "no:cacheprovider")
    assert (done.returncode, "1 passed" in done.stdout, "warning" in done.stdout) == (0, True, False), done.stdout
    done = labkit(course, "test", "--starter", "notebooks", "-k", "light", "-p", "no:cacheprovider")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_a_wrong_solution_ends_with_the_checks_sentence(course, tmp_path):
    lesson = (course / "notebooks/01_light.ipynb").read_text()
    (tmp_path / "01_light.ipynb").write_text(lesson.replace("range(3)", "range(2)"))
    (tmp_path / "01_light.checks.py").write_bytes((course / "notebooks/01_light.checks.py").read_bytes())
    done = labkit(tmp_path, "test", ".", "-p", "no:cacheprovider", "--save", "saved", "--vcd", "vcd")
    assert done.returncode == 1
    assert "check 'three flashes': red came on twice, not 3 times" in done.stdout
    assert (tmp_path / "saved/01_light.ipynb").exists()
    assert (tmp_path / "vcd/01_light.vcd").exists()


def test_its_workflow_runs_the_commands_that_were_just_tried(course):
    steps = yaml.safe_load((course / ".github/workflows/notebooks.yml").read_text())["jobs"]["prove"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert runs[0] == "pip install -r requirements.txt"
    assert [re.sub(r" (-n|--save|--vcd|--junitxml).*", "", run) for run in runs[1:]] == [
        "labkit test notebooks", "labkit test --starter notebooks",
    ]  # fmt: skip
    hooks = yaml.safe_load((course / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert hooks[1]["entry"] == "labkit test notebooks"


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / ".git").mkdir()
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["new-course", str(tmp_path)]) == 2
    assert "has something in it already (thesis.txt)" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "thesis.txt"]


def test_what_pytest_cannot_find_is_said_by_pytest(tmp_path):
    done = labkit(tmp_path, "test", "nowhere.ipynb")
    assert done.returncode == 4
    assert "file or directory not found: nowhere.ipynb" in done.stderr
