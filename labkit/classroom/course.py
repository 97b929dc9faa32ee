"""A folder to begin a course in: one lesson with its check, and all that proves, hands out and grades it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from labkit.errors import FolderInUse, LabError

__all__ = ["new_course"]

# What begins with a dot is stored without it, so that no tool takes the template for a project.
PLACES = {
    "README.md": "README.md",
    "requirements.txt": "requirements.txt",
    "gitignore": ".gitignore",
    "notebooks.yml": ".github/workflows/notebooks.yml",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "nbgrader_config.py": "nbgrader_config.py",
    "01_light.ipynb": "notebooks/01_light.ipynb",
    "01_light.checks.py": "notebooks/01_light.checks.py",
}


def new_course(folder: Path) -> list[Path]:
    """Lay out a course.

    Args:
        folder: It is made where it is not there; it must be empty, but for a repository's own `.git`.

    Returns:
        The files, in the order a teacher reads them.

    Raises:
        FolderInUse: Something is in the folder already.
        LabError: It can't be written.
    """
    template = files("labkit.classroom") / "template"
    written = []
    try:
        there = sorted(path.name for path in folder.iterdir() if path.name != ".git") if folder.exists() else []
        if there:
            raise FolderInUse(f"{folder} has something in it already ({there[0]}): choose an empty or a new folder.")
        for name, place in PLACES.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((template / name).read_bytes())
            written.append(target)
    except FolderInUse:
        raise
    except OSError as error:
        raise LabError(f"{folder}: can't lay out a course there: {error.strerror}.") from None
    return written
