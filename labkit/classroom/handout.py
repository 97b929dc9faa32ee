"""What learners get of a lesson: the same notebook without its solutions, and with nbgrader's marks on request."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from labkit.errors import LabError, NothingToHandOut
from labkit.proving.plan import read_notebook

__all__ = ["Handout", "hand_out", "student_version"]

BESIDE = (".checks.py", ".scenario.yaml", ".scenario.yml", ".circuit.yaml", ".circuit.yml")
SHARED = ("checks.py", "requirements.txt")
HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)


@dataclass
class Handout:
    """What was written.

    Attributes:
        notebooks: The student versions, in order.
        files: What came along: checks, scenarios, circuits.
        solutions: How many solutions were taken out.
    """

    notebooks: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    solutions: int = 0


def student_version(notebook: Any, nbgrader: bool = False) -> Any:
    """A copy without solutions, outputs and execution counts.

    A text cell right above a solution that has no heading only announces it, and goes with it.

    Args:
        notebook: As nbformat has it; not changed.
        nbgrader: Mark exercises as cells to be answered, and checks as cells to be graded, one point each.
    """
    copy = nbformat.from_dict(notebook)
    kept: list[Any] = []
    for cell in copy.cells:
        if "solution" in _tags(cell):
            if kept and kept[-1].cell_type == "markdown" and not HEADING.search(kept[-1].source):
                kept.pop()
            continue
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if nbgrader:
            _mark(cell, len(kept))
        kept.append(cell)
    copy.cells = kept
    return copy


def _tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", ()))


def _mark(cell: Any, number: int) -> None:
    tags = _tags(cell)
    if cell.cell_type != "code" or not tags & {"exercise", "check"}:
        return
    is_check = "check" in tags
    marks = {
        "grade": is_check, "solution": not is_check, "locked": is_check, "task": False, "schema_version": 3,
        "grade_id": cell.get("id") or f"cell-{number}", "cell_type": "code",
    }  # fmt: skip
    cell.metadata["nbgrader"] = marks | ({"points": 1} if is_check else {})


def hand_out(sources: list[Path], folder: Path, *, nbgrader: bool = False, force: bool = False) -> Handout:
    """Write student versions, with the files that lie beside the lessons.

    Args:
        sources: Notebooks, and folders of them.
        folder: Where to; made where it is not there.
        nbgrader: See `student_version`.
        force: Replace what is there.

    Raises:
        NothingToHandOut: There is no notebook; two have the same name; a file is there already; the folder is the
            lessons' own.
        BadNotebook: One can't be read.
    """
    notebooks = _notebooks(sources)
    _refuse_same_names(notebooks)
    if any(path.resolve().parent == folder.resolve() for path in notebooks):
        raise NothingToHandOut(f"{folder} holds the lessons themselves, with their solutions: choose another folder.")
    wanted = {path: folder / path.name for path in (*notebooks, *_companions(notebooks))}
    there = [target for target in wanted.values() if target.exists()]
    if there and not force:
        raise NothingToHandOut(f"{there[0]} is there already. With --force it is replaced, and {len(there) - 1} more.")
    lessons = {path: read_notebook(path) for path in notebooks}
    done = Handout(solutions=sum("solution" in _tags(cell) for lesson in lessons.values() for cell in lesson.cells))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, target in wanted.items():
            if path in lessons:
                _write(target, nbformat.writes(student_version(lessons[path], nbgrader)) + "\n")
                done.notebooks.append(target)
            else:
                shutil.copyfile(path, target)
                done.files.append(target)
    except OSError as error:
        raise LabError(f"{folder}: can't write there: {error.strerror}.") from None
    return done


def _notebooks(sources: list[Path]) -> list[Path]:
    found: list[Path] = []
    for source in sources:
        if source.is_dir():
            found += sorted(source.glob("*.ipynb"))
        else:
            found.append(source)
    if not found:
        raise NothingToHandOut(f"there is no notebook in {', '.join(map(str, sources))}.")
    return found


def _refuse_same_names(notebooks: list[Path]) -> None:
    seen: dict[str, Path] = {}
    for path in notebooks:
        if path.name in seen:
            raise NothingToHandOut(f"{seen[path.name]} and {path} have one name, and would be one file.")
        seen[path.name] = path


def _companions(notebooks: list[Path]) -> list[Path]:
    beside = [path.with_name(path.stem + suffix) for path in notebooks for suffix in BESIDE]
    shared = [path.with_name(name) for path in notebooks for name in SHARED]
    return list(dict.fromkeys(path for path in (*beside, *shared) if path.exists()))


def _write(target: Path, text: str) -> None:
    """All of it or nothing: a lesson that was handed out half would be taken for the lesson."""
    draft = target.with_name(f".{target.name}.part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, target)
