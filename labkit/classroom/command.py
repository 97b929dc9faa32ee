"""`labkit test`, `labkit student`, `labkit new-course`."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

from labkit.errors import NotInstalled

__all__ = ["add_commands"]

TEST_EPILOG = """\
All other options are pytest's: -k blink, -x, --lf, -n auto, --durations 5, --junitxml report.xml, -v for each cell.

exit status: 0 when all passed, 1 when one failed, 2 on Ctrl-C, 4 for a mistake on the command line, 5 when no
notebook was found
"""
OPTIONS = {
    "save": "--labkit-save", "vcd": "--labkit-vcd", "lab_time": "--labkit-lab-time",
    "wall_time": "--labkit-wall-time", "memory": "--labkit-memory",
}  # fmt: skip


def add_commands(commands: Any) -> None:
    """Add them to the command line's parsers."""
    test = commands.add_parser(
        "test",
        help="run notebooks on simulated pins, in virtual time; each is a test",
        usage="%(prog)s [PATH ...] [options] [pytest's options]",
        description="Run notebooks on simulated pins, in virtual time: each is a test, as with pytest --labkit.\n"
        "PATH: notebooks and folders; by default the folder notebooks, or else this one.",
        epilog=TEST_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    test.set_defaults(command=_test, name="test", takes_others=True)
    test.add_argument(
        "--starter", action="store_true", help="run exercises as they are handed out: every check must fail"
    )
    test.add_argument("--save", metavar="DIR", help="save the executed notebooks")
    test.add_argument("--vcd", metavar="DIR", help="save what the pins did, a VCD file for each notebook")
    test.add_argument("--lab-time", metavar="S", help="lab time for each cell (3600 s)")
    test.add_argument("--wall-time", metavar="S", help="real time for each cell (60 s)")
    test.add_argument("--memory", metavar="MB", help="memory for each kernel (1024 MB)")
    student = commands.add_parser(
        "student",
        help="write what learners get: lessons without their solutions",
        description="Write lessons without solutions and outputs, with the checks, scenarios and circuits beside them.",
        allow_abbrev=False,
    )
    student.set_defaults(command=_student, name="student")
    student.add_argument("sources", metavar="PATH", nargs="+", type=Path, help="notebooks, and folders of them")
    student.add_argument("-o", "--output", metavar="DIR", type=Path, required=True)
    student.add_argument(
        "--nbgrader", action="store_true", help="mark exercises and checks for nbgrader, one point each"
    )
    student.add_argument("--force", action="store_true", help="replace files that are there")
    course = commands.add_parser(
        "new-course",
        help="lay out a folder for a course of one's own",
        description="Lay out a folder for a course: a lesson with its check, a workflow that proves it at each push.",
        allow_abbrev=False,
    )
    course.set_defaults(command=_new_course, name="new-course")
    course.add_argument("folder", metavar="DIR", type=Path)


def _test(arguments: argparse.Namespace) -> int:
    if importlib.util.find_spec("pytest") is None:
        raise NotInstalled("it needs pytest, which is not there: pip install 'gpio-labkit[ci]', or python3 setup lab.")
    import pytest

    chosen = [f"{option}={value}" for name, option in OPTIONS.items() if (value := getattr(arguments, name))]
    if arguments.starter:
        chosen.append("--labkit-starter")
    # pytest tells paths from its options' values, and says what it can't find.
    is_given = any(Path(word.split("::")[0]).exists() for word in arguments.others)
    paths = [] if is_given else ["notebooks" if Path("notebooks").is_dir() else "."]
    # It would like to have been there before labkit; what is to be tested here runs in kernels.
    quiet = ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
    return int(pytest.main(["--labkit", *quiet, *chosen, *paths, *arguments.others]))


def _student(arguments: argparse.Namespace) -> int:
    from labkit.classroom.handout import hand_out

    done = hand_out(arguments.sources, arguments.output, nbgrader=arguments.nbgrader, force=arguments.force)
    for path in (*done.notebooks, *done.files):
        print(path)
    lessons, solutions = (_counted(len(done.notebooks), "lesson"), _counted(done.solutions, "solution"))
    print(f"{lessons}, {solutions} taken out.")
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _new_course(arguments: argparse.Namespace) -> int:
    from labkit.classroom.course import new_course

    for path in new_course(arguments.folder):
        print(path)
    print(f"Now read {arguments.folder / 'README.md'}, and prove its lesson: labkit test {arguments.folder}")
    return 0
