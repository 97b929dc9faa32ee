"""`pytest --labkit notebooks/`: each notebook is a test, run in a kernel of its own on simulated pins in virtual time.

Without `--labkit` nothing happens, and next to nothing is loaded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from labkit.proving.prover import Proof
    from labkit.proving.workshop import Workshop

STARTER, SOLVED = "starter", "notebook"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("labkit", "notebooks on simulated pins, in virtual time")
    group.addoption("--labkit", action="store_true", help="collect .ipynb files, each as one test")
    group.addoption(
        "--labkit-starter", action="store_true",
        help="run exercises as they are handed out: each lesson check must fail on them",
    )  # fmt: skip
    group.addoption(
        "--labkit-lab-time", type=float, default=3600.0, metavar="S", help="lab time for each cell (3600 s)"
    )
    group.addoption("--labkit-wall-time", type=float, default=60.0, metavar="S", help="real time for each cell (60 s)")
    group.addoption(
        "--labkit-memory", type=float, default=1024.0, metavar="MB", help="memory for each kernel (1024 MB)"
    )
    group.addoption("--labkit-save", metavar="DIR", help="save the executed notebooks there")
    group.addoption("--labkit-vcd", metavar="DIR", help="save what the pins did there, a VCD file for each notebook")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".ipynb" or not parent.config.getoption("labkit") or ".ipynb_checkpoints" in file_path.parts:
        return None
    return NotebookFile.from_parent(parent, path=file_path)


class NotebookFile(pytest.File):
    """One notebook: one test, or with `--labkit-starter` the test of what is handed out."""

    def collect(self) -> Iterator[pytest.Item]:
        # Read when it is run: one that can't be read must not keep the others from running.
        yield NotebookItem.from_parent(self, name=STARTER if self.config.getoption("labkit_starter") else SOLVED)


class NotebookItem(pytest.Item):
    """One run of one notebook."""

    proof: Proof | None = None

    def runtest(self) -> None:
        self.proof = proof = _workshop(self.config).prove(self.path, self._relative, self.name == STARTER)
        told = {"lab_s": f"{proof.lab_s:g}", "checked_s": f"{proof.checked_s:g}", "cells": str(len(proof.cells))}
        self.user_properties += told.items()
        for title, lines in (
            ("pins", [proof.waves]),
            ("electrical warnings", proof.faults),
            ("remarks", _remarks(proof)),
        ):
            if any(lines):
                self.add_report_section("call", title, "\n".join(lines))
        if not proof.passed:
            raise NotebookFailed(self.path, proof)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **how: Any) -> Any:
        from labkit.errors import LabError

        if isinstance(excinfo.value, NotebookFailed | LabError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args, **how)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self._relative} {'as handed out' if self.name == STARTER else ''}".strip()

    @property
    def _relative(self) -> Path:
        try:
            return self.path.relative_to(self.config.rootpath)
        except ValueError:
            return Path(self.path.name)


class NotebookFailed(Exception):
    """Its message is the report: which notebook, which cell, which line, and what went wrong."""

    def __init__(self, path: Path, proof: Proof) -> None:
        lines = []
        for cell in proof.cells:
            if cell.problem and not cell.step.is_starter:
                lines += [f"{path.name}, {cell.step.title}:", *(f"  {line}" for line in cell.problem.splitlines())]
        lines += [f"{path.name}: {problem}" for problem in proof.problems]
        super().__init__("\n".join(lines))


def _remarks(proof: Proof) -> list[str]:
    return [*proof.remarks, *(f"{cell.step.title}: {cell.remark}" for cell in proof.cells if cell.remark)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """The notebook's report carries what is to be said of each cell; the failing one's is the notebook's own."""
    report: Any = yield
    if isinstance(item, NotebookItem) and call.when == "call" and item.proof is not None:
        report.labkit_cells = [(cell.step.title, cell.seconds) for cell in item.proof.cells if not cell.problem]
    return report


class CellReports:
    """A report of its own for each cell. Not in a worker: one that runs tests for others may report its items only."""

    def __init__(self, config: pytest.Config) -> None:
        self._hook = config.hook

    def pytest_runtest_logreport(self, report: Any) -> None:
        for title, seconds in getattr(report, "labkit_cells", ()):
            path, line, domain = report.location
            cell = pytest.TestReport(
                nodeid=f"{report.nodeid}::{title}", location=(path, line, f"{domain} {title}"), keywords={},
                outcome="passed", longrepr=None, when="call", duration=seconds, labkit_cell=True,
            )  # fmt: skip
            self._hook.pytest_runtest_logreport(report=cell)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("labkit") and not hasattr(config, "workerinput"):
        from labkit.pacing import Stopwatch

        config.stash[_WATCH] = Stopwatch()
        config.pluginmanager.register(CellReports(config))


def pytest_report_teststatus(report: Any, config: pytest.Config) -> tuple[str, str, str] | None:
    """Cells are shown with -v, and counted never: a notebook is one test."""
    if not hasattr(report, "labkit_cell"):
        return None
    return "", "", "passed" if config.get_verbosity() > 0 else ""


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    found = (report for reports in terminalreporter.stats.values() for report in reports)
    told = [dict(report.user_properties) for report in found if getattr(report, "when", "") == "call"]
    lab_s, checked_s = (sum(float(each.get(name, 0.0)) for each in told) for name in ("lab_s", "checked_s"))
    if any("lab_s" in each for each in told):
        wall_s = config.stash[_WATCH].seconds
        in_checks = f", {checked_s:.1f} s more in checks" if checked_s else ""
        ratio = f", {(lab_s + checked_s) / wall_s:.0f} times as fast as real time" if lab_s + checked_s > wall_s else ""
        terminalreporter.write_line(f"labkit: {lab_s:.1f} s of lab time{in_checks}, in {wall_s:.1f} s{ratio}")


def _workshop(config: pytest.Config) -> Workshop:
    """The session's; made for the first notebook."""
    if _WORKSHOP not in config.stash:
        from labkit.proving.prover import Limits
        from labkit.proving.workshop import Workshop

        gc.freeze()  # all that these loaded: pytest collects garbage five times at its end

        limits = Limits(*(config.getoption(f"labkit_{name}") for name in ("lab_time", "wall_time", "memory")))
        save, vcd = (config.getoption(name) for name in ("labkit_save", "labkit_vcd"))
        config.stash[_WORKSHOP] = Workshop(limits, save and Path(save), vcd and Path(vcd))
    workshop: Workshop = config.stash[_WORKSHOP]
    return workshop


def pytest_unconfigure(config: pytest.Config) -> None:
    workshop: Workshop | None = config.stash.get(_WORKSHOP, None)
    if workshop is not None:
        workshop.close()


_WORKSHOP: pytest.StashKey[Any] = pytest.StashKey()
_WATCH: pytest.StashKey[Any] = pytest.StashKey()
