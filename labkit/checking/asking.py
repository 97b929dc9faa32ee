"""Asking for lesson checks: where they are defined, what is tried, and where its results go.

A teacher defines a check, in a file `NAME.checks.py` beside the notebook or in a cell:

    @define("first blink", pins={"red": 17}, seconds=10)
    def first_blink(seen):
        yield blinks(seen["red"], period=1.0, times=5)

A learner asks for it: `check("first blink", my_blink)`, or `%%check first blink` above a few lines.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import linecache
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from labkit.cells import notebook_shell
from labkit.checking.check import Check, Judge, Result
from labkit.checking.view import show
from labkit.errors import CheckFailed, LabError

__all__ = ["UnknownCheck", "check", "check_lines", "checks", "define", "results"]

FILES = ("checks.py", "*.checks.py")
RESULTS = "LABKIT_CHECK_RESULTS"
LINES = "<your lines>"
GRADED = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING")  # set by nbgrader while it runs a notebook


class UnknownCheck(LabError, LookupError):
    """There is no check of that name."""


_checks: dict[str, Check] = {}
_tries: dict[str, int] = {}
_results: list[Result] = []
_loaded: dict[Path, int] = {}


def define(name: str, *, hints: Iterable[str] = (), optional: Iterable[str] = (), parts: Any = (), **how: Any) -> Any:
    """Make the function below a check of that name; see `Check` for what can be given.

    Defining it again, as re-running a cell does, replaces it.
    """

    def made(judge: Judge) -> Check:
        _checks[name] = Check(
            name, judge, hints=tuple(hints), optional=frozenset(optional), parts=tuple(parts), **how
        )  # fmt: skip
        return _checks[name]

    return made


def checks(folder: str | Path = ".") -> Mapping[str, Check]:
    """The checks there are, by name: those of this session, and those of `checks.py` and `*.checks.py` in the folder.

    A file is run again when it has changed.
    """
    return _run_files(folder)


def _run_files(folder: str | Path, naming: str = "") -> Mapping[str, Check]:
    """Run the files that name a check and have not been run as they are."""
    for file in sorted(found for pattern in FILES for found in Path(folder).resolve().glob(pattern)):
        changed = file.stat().st_mtime_ns
        if _loaded.get(file) != changed and naming in file.read_text(encoding="utf-8", errors="replace"):
            _run_file(file)
            _loaded[file] = changed
    return _checks


def _run_file(file: Path) -> None:
    name = f"labkit_checks_{abs(hash(file))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    # Known to Python, so that virtual time finds the `sleep` that its solutions use.
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def check(name: str, work: Callable[..., object] | str) -> Result:
    """Try a learner's program out on a bench of its own, and say how it went; in a notebook with a picture.

    Args:
        name: Of the check.
        work: The learner's function, or lines of code.

    Raises:
        UnknownCheck: There is no check of that name; the message says which there are.
        TypeError: The program is no function and no code.
        SyntaxError: The lines are no Python.
        ScenarioError: The check's own scenario can't be carried out.
        CheckFailed: It does not hold, and nbgrader validates or grades: there, points hang on exceptions.
    """
    # A course has many files, a check is in one; only a name that is put together is in none.
    found = _run_files(".", naming=name).get(name) or checks().get(name)
    if found is None:
        near = difflib.get_close_matches(name, _checks, 1)
        there = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(map(repr, _checks)) or 'none yet'}."
        raise UnknownCheck(f"There is no check {name!r}. {there}")
    _tries[name] = _tries.get(name, 0) + 1
    result = found.result(_program(work), _tries[name])
    if result.passed:
        _tries[name] = 0
    _results.append(result)
    _collect(result)
    show(result)
    if not result.passed and any(os.environ.get(name) for name in GRADED):
        raise CheckFailed(f"{name}: {result.sentence}")
    return result


def results() -> list[dict[str, Any]]:
    """What the checks of this session said, oldest first, as plain values."""
    return [result.to_dict() for result in _results]


def check_lines(line: str, lines: str) -> None:
    """`%%check NAME` above the lines of a cell."""
    check(line.strip().strip("\"'"), lines)


def _program(work: Any) -> Callable[..., object]:
    if isinstance(work, str):
        # So that errors and names of devices find the source again; the newest lines only.
        linecache.cache[LINES] = (len(work), None, work.splitlines(keepends=True), LINES)
        return _Lines(compile(work, LINES, "exec"))
    if not callable(work):
        raise TypeError(
            f"check() takes your function, not what it gives back: write its name without brackets, "
            f"as in check('…', my_blink). This is {type(work).__name__}: {work!r}."
        )
    function: Callable[..., object] = work
    return function


class _Lines:
    """A few lines as a program: with the notebook's names, and without leaving any behind."""

    def __init__(self, code: Any) -> None:
        self.__code__ = code

    def __call__(self) -> None:
        shell = notebook_shell()
        names = dict(shell.user_ns) if shell is not None else {}
        exec(self.__code__, names | {"__name__": "__main__"})  # noqa: S102 - the learner's own lines


def _collect(result: Result) -> None:
    file = os.environ.get(RESULTS)
    if file:
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(result.to_dict()) + "\n")
