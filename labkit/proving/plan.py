"""What of a notebook is run, in which order: with solutions in the place of exercises, or as it is handed out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from labkit.errors import LabError

__all__ = ["BadNotebook", "Plan", "Step", "plan_of", "read_notebook"]

NATIVE = ("python", "python3", "ipython", "")
TAGS_SKIPPED = frozenset({"skip-test", "nbmake-skip"})


class BadNotebook(LabError, ValueError):
    """A notebook that can't be run as it is."""


@dataclass(frozen=True)
class Step:
    """One code cell to run.

    Attributes:
        index: Of the cell in the notebook, where its outputs go.
        number: Counts code cells from 1, as people do.
        heading: The nearest one above; empty where there is none.
        source: What is run: of an exercise, its solution's, where solutions stand in.
        is_starter: An exercise as it is handed out: it may fail.
        may_raise: Tagged `raises-exception`.
    """

    index: int
    number: int
    heading: str
    source: str
    is_starter: bool = False
    may_raise: bool = False

    @property
    def title(self) -> str:
        """`cell 3 (Now you)`."""
        return f"cell {self.number}" + (f" ({self.heading})" if self.heading else "")


@dataclass(frozen=True)
class Plan:
    """A notebook's steps, its scenario, and what to remark about it.

    Attributes:
        steps: In order.
        scenario: YAML; empty where there is none.
        scenario_place: Where it stands, for messages.
        remarks: What a maintainer should know although nothing failed.
    """

    steps: tuple[Step, ...]
    scenario: str = ""
    scenario_place: str = ""
    remarks: tuple[str, ...] = ()


def read_notebook(path: Path) -> Any:
    """The notebook, brought to today's format; cells as nbformat has them.

    Raises:
        BadNotebook: It can't be read, is no notebook, or is not for Python.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadNotebook(f"{path}: can't read it: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadNotebook(f"{path}: this is no notebook: it is no text in UTF-8.") from None
    try:
        notebook = nbformat.reads(text, as_version=4)
    except Exception as error:  # noqa: BLE001 - nbformat raises whatever it stumbles over
        said = " ".join(str(error).split())[:160]
        raise BadNotebook(f"{path}: this is no notebook that can be read ({said}).") from None
    spec = notebook.metadata.get("kernelspec", {})
    language = str(spec.get("language") or notebook.metadata.get("language_info", {}).get("name") or "").lower()
    if language not in NATIVE:
        raise BadNotebook(f"{path}: it is written for {language!r}; only Python notebooks can be proven.")
    return notebook


def plan_of(notebook: Any, path: Path, starter: bool = False) -> Plan:
    """What to run.

    Args:
        notebook: From `read_notebook`.
        path: Its file; a scenario may lie beside it.
        starter: Run exercises as they are handed out, and no solutions.

    Raises:
        BadNotebook: A solution has no exercise above it.
    """
    steps: list[Step] = []
    heading, number = "", 0
    exercises: list[int] = []  # places in `steps` that still wait for their solution
    scenario, place = _beside(path)
    for index, cell in enumerate(notebook.cells):
        tags = set(cell.metadata.get("tags", ()))
        if cell.cell_type == "markdown":
            heading = _heading(cell.source) or heading
        if "scenario" in tags and cell.cell_type != "code":
            scenario, place = _unfenced(cell.source), f"{path.name}, cell {index + 1} (scenario)"
        if cell.cell_type != "code":
            continue
        number += 1
        if not cell.source.strip() or tags & TAGS_SKIPPED:
            continue
        if "solution" in tags:
            if not exercises:
                raise BadNotebook(f"{path}, cell {number}: this solution has no exercise above it.")
            at = exercises.pop(0)
            if not starter:
                steps[at] = _with_source(steps[at], cell.source)
            continue
        if "exercise" in tags:
            exercises.append(len(steps))
        may_raise = "raises-exception" in tags
        steps.append(Step(index, number, heading, cell.source, starter and "exercise" in tags, may_raise))
    return Plan(tuple(steps), scenario, place, tuple(_remarks(notebook)))


def _with_source(step: Step, source: str) -> Step:
    return Step(step.index, step.number, step.heading, source, False, step.may_raise)


def _beside(path: Path) -> tuple[str, str]:
    for suffix in (".scenario.yaml", ".scenario.yml"):
        file = path.with_name(path.stem + suffix)
        if file.exists():
            return file.read_text(encoding="utf-8"), str(file)
    return "", ""


def _heading(markdown: str) -> str:
    found = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", markdown, re.MULTILINE)
    return found[-1] if found else ""


def _unfenced(source: str) -> str:
    found = re.search(r"^```[a-z]*\n(.*?)^```", source, re.MULTILINE | re.DOTALL)
    return found[1] if found else source


def _remarks(notebook: Any) -> list[str]:
    name = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if name != "python3":
        return [f"it asks for the kernel {name!r}; it was run with this environment's Python"]
    return []
