"""A lesson as its tests see it: cells by tag and heading, exercises with their checks, and wrong answers to them."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat

__all__ = ["LESSONS", "Exercise", "Lesson", "Wrong", "wrong"]

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WRONG_ANSWERS = Path(__file__).parent / "wrong_answers"


@dataclass(frozen=True)
class Wrong:
    """A wrong answer to a check, and what a learner is told of it.

    Attributes:
        check: The check's name.
        says: A part of the sentence, as it stands there.
        program: The learner's function.
    """

    check: str
    says: str
    program: Callable[..., object]


_collected: list[Wrong] = []


def wrong(check: str, *, says: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Note the function below as a wrong answer to that check."""

    def noted(program: Callable[..., object]) -> Callable[..., object]:
        _collected.append(Wrong(check, says, program))
        return program

    return noted


@dataclass(frozen=True)
class Exercise:
    """What is handed out, what is asked, and an answer: three cells, one after the other but for text between.

    Attributes:
        check: The check's name.
        function: The name of the learner's function.
        starter, solution: Their sources.
    """

    check: str
    function: str
    starter: str
    solution: str


class Lesson:
    """One notebook of the course."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def notebook(self) -> Any:
        return nbformat.read(self.path, as_version=4)

    @property
    def code_cells(self) -> list[Any]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def headings(self) -> list[str]:
        """Its title, and its sections in order."""
        texts = (cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")
        return [heading for text in texts for heading in re.findall(r"^##? (.+)$", text, re.MULTILINE)]

    def tagged(self, tag: str) -> list[Any]:
        return [cell for cell in self.notebook.cells if tag in cell.metadata.get("tags", ())]

    @property
    def exercises(self) -> Iterator[Exercise]:
        cells = (self.tagged(tag) for tag in ("exercise", "check", "solution"))
        for starter, asked, solution in zip(*cells, strict=True):
            check, function = re.fullmatch(r'check\("([^"]+)", (\w+)\)', asked.source).groups()
            yield Exercise(check, function, starter.source, solution.source)

    def program(self, source: str, function: str) -> Callable[..., object]:
        """A function out of a cell, with all that the lesson's cells import and that lesson's own names of devices."""
        names = _module(f"lesson {self.name} {function}").__dict__
        for cell in self.code_cells:
            imports = [node for node in ast.parse(cell.source).body if isinstance(node, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), self.name, "exec"), names)
        _run(source, f"{self.name}.ipynb", names)
        return names[function]

    @cached_property
    def wrong_answers(self) -> list[Wrong]:
        """Those that stand in the file of the lesson's name."""
        _collected.clear()
        file = WRONG_ANSWERS / f"{self.name}.py"
        if file.exists():
            _run(file.read_text(encoding="utf-8"), file.name, _module(f"wrong answers {self.name}").__dict__)
        return list(_collected)


def _run(source: str, file: str, names: dict[str, Any]) -> None:
    """So that sentences about a line find it, and say the same on every machine."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)


def _module(name: str) -> ModuleType:
    """One that virtual time finds, as it finds a notebook's names: so that its `sleep` is the virtual one."""
    sys.modules[name] = ModuleType(name)
    return sys.modules[name]


LESSONS = [Lesson(path) for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]
