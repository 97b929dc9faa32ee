"""Which notebook cell is running, so that re-running one can take its own pins back."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

__all__ = ["PROGRAM", "Cell", "CellWatch", "notebook_name", "notebook_shell", "variable_of", "variables"]


@dataclass(frozen=True)
class Cell:
    """One execution of one cell.

    Attributes:
        key: The same for every execution of the same cell.
        run: Counts executions in this kernel; no two share one.
        label: What a person knows it by: `"cell [3]"`.
    """

    key: str
    run: int
    label: str


Follower = Callable[[str, Cell, Any], None]
PROGRAM = Cell("program", 0, "this program")


class CellWatch:
    """Follows IPython's executions; outside IPython everything is one long cell.

    A cell is known by the id that the notebook sends with it. Where there is none (a terminal,
    nbclient) the same source text counts as the same cell.
    """

    def __init__(self) -> None:
        self.current = PROGRAM
        self.is_running = False
        """Whether `current` still runs; a program never counts."""
        self._run = 0
        self._followers: tuple[Follower, ...] = ()
        self._shell = notebook_shell()
        if self._shell is not None:
            # This cell's own pre_run_cell has come and gone.
            self._enter(*_running_cell(self._shell))
            self._shell.events.register("pre_run_cell", self._pre_run_cell)
            self._shell.events.register("post_run_cell", self._post_run_cell)

    def follow(self, told: Follower) -> Callable[[], None]:
        """Tell of each execution: `told("began", cell, source)` and `told("ended", cell, error or None)`.

        In the cell's thread. What is returned ends it.
        """
        self._followers = (*self._followers, told)

        def unfollow() -> None:
            self._followers = tuple(other for other in self._followers if other is not told)

        return unfollow

    def close(self) -> None:
        """Follow no further."""
        if self._shell is not None:
            self._shell.events.unregister("pre_run_cell", self._pre_run_cell)
            self._shell.events.unregister("post_run_cell", self._post_run_cell)
            self._shell = None

    def _pre_run_cell(self, info: Any) -> None:
        self._enter(getattr(info, "cell_id", None), info.raw_cell or "")
        for told in self._followers:
            told("began", self.current, info.raw_cell or "")

    def _post_run_cell(self, result: Any) -> None:
        self.is_running = False
        error = result.error_before_exec or result.error_in_exec
        for told in self._followers:
            told("ended", self.current, error)

    def _enter(self, cell_id: str | None, source: str) -> None:
        self._run += 1
        self.is_running = True
        key = f"id:{cell_id}" if cell_id else f"source:{hashlib.sha256(source.encode()).hexdigest()}"
        self.current = Cell(key, self._run, f"cell [{_number(self._shell)}]")


def notebook_shell() -> Any:
    """IPython's running shell, or None in a plain Python program."""
    # Not imported: a program that does not run in IPython should not pay for it.
    ipython = sys.modules.get("IPython")
    # Another thread may be in the middle of importing it.
    known = getattr(ipython, "get_ipython", None)
    return None if known is None else known()


def notebook_name() -> str:
    """What a person knows this process by: its notebook, else its program."""
    shell = notebook_shell()
    # jupyter_server tells a kernel the path of its notebook; VS Code leaves it among the variables.
    path = os.environ.get("JPY_SESSION_NAME") or (shell and shell.user_ns.get("__vsc_ipynb_file__"))
    if path:
        return os.path.basename(path)
    if shell is not None and hasattr(shell, "kernel"):
        return "a notebook"  # whose program is the kernel's launcher
    folder, program = os.path.split(sys.argv[0] if sys.argv else "")
    # `python -m pytest` runs pytest/__main__.py.
    return (os.path.basename(folder) if program == "__main__.py" else program) or "a Python session"


def variables() -> Iterator[tuple[str, Any]]:
    """The user's own variables: a notebook's, or the main program's."""
    shell = notebook_shell()
    names = shell.user_ns if shell is not None else vars(sys.modules["__main__"])
    return ((name, value) for name, value in list(names.items()) if not name.startswith("_"))


def variable_of(value: object) -> str | None:
    """The user's name for value: the first variable bound to it, or None."""
    return next((name for name, bound in variables() if bound is value), None)


def _number(shell: Any) -> int:
    """The running cell's, as its prompt will show it: newer IPythons count on before they run it, older ones after."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "run_cell_async":
        frame = frame.f_back
    result = None if frame is None else frame.f_locals.get("result")
    number: int = getattr(result, "execution_count", None) or shell.execution_count
    return number


def _running_cell(shell: Any) -> tuple[str | None, str]:
    parent: dict[str, Any] = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell_id = parent.get("metadata", {}).get("cellId")
    source = parent.get("content", {}).get("code")
    if source is None:
        history = shell.history_manager.input_hist_raw
        source = history[-1] if history else ""
    return cell_id, source
