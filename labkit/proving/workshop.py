"""Where the notebooks of one pytest session are proven: its event loop, its kernels, and where results are saved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat

from labkit.proving.kernels import Kernels
from labkit.proving.plan import plan_of, read_notebook
from labkit.proving.prover import Limits, Proof, prove

__all__ = ["Workshop"]


class Workshop:
    """Proves one notebook after another. For one thread.

    Args:
        limits: What a cell may use.
        save: Where executed notebooks go, under their own folders' names; None for nowhere.
        vcd: The same for what the pins did.
    """

    def __init__(self, limits: Limits, save: Path | None, vcd: Path | None) -> None:
        self._limits = limits
        self._save = save
        self._vcd = vcd
        self._loop = asyncio.new_event_loop()
        self._kernels = Kernels()

    def prove(self, path: Path, name: Path, starter: bool) -> Proof:
        """Run a notebook, and save what is to be saved; the file itself stays as it is.

        Args:
            path: The notebook's file.
            name: What to save it as, below the folders.
            starter: Exercises are run as they are handed out.

        Raises:
            BadNotebook: It can't be read, or can't be run as it is.
        """
        notebook = read_notebook(path)
        plan = plan_of(notebook, path, starter)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        vcd = "" if self._vcd is None else str(_place(self._vcd, name.with_suffix(".vcd")))
        proof = self._loop.run_until_complete(
            prove(notebook, plan, path, self._kernels, self._limits, vcd, starter)
        )  # fmt: skip
        if self._save is not None:
            _place(self._save, name).write_text(nbformat.writes(notebook), encoding="utf-8")
        return proof

    def close(self) -> None:
        """End the kernel that was started ahead."""
        self._loop.run_until_complete(self._kernels.close())
        self._loop.close()


def _place(folder: Path, name: Path) -> Path:
    place = (folder / name).resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
