"""labkit: live controls, live plots and a simulated bench for gpiozero in notebooks.

Devices stay plain gpiozero; `labkit.bench()` gives them a bench to stand on.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from labkit.bench import Bench
from labkit.errors import LabError
from labkit.recorded.plotting import draw_with
from labkit.session import open_bench

if TYPE_CHECKING:
    from labkit.recorded.folder import Runs
    from labkit.recorded.run import RecordedRun

__all__ = ["Bench", "LabError", "bench", "check", "circuit", "open_run", "panel", "runs"]


def bench(kind: str | None = None) -> Bench:
    """Start the session, or return the one that runs: re-running the cell is safe.

    Args:
        kind: None for real pins on a Raspberry Pi and simulated ones elsewhere;
            `"real"` or `"simulated"` to insist.

    Raises:
        UnknownBench: No such kind.
        BadPinFactory: The pins that were asked for can't be had.
    """
    global _opened
    _opened = open_bench(kind, _NotebookViews())
    _announce(_opened)
    return _opened


_opened: Bench | None = None


def panel(device: Any) -> Any:
    """The live panel of a gpiozero device: what the device shows as a cell's last line."""
    return open_bench(None, _NotebookViews()).panel(device)


def open_run(path: str | os.PathLike[str]) -> RecordedRun:
    """A recorded run, whole or cut off. Its data is read when it is asked for.

    Raises:
        BadRunFile: There is no such file, or it is no recording.
    """
    from labkit.recorded.run import open_run

    return open_run(path)


def _draw(history: Any, title: str) -> Any:
    from labkit.scope.plot import Plot

    drawn = Plot(history, title)
    if _opened is not None and not _opened.closed:
        _opened.keep(drawn)
    return drawn


draw_with(_draw)


def runs(folder: str | os.PathLike[str] = "runs") -> Runs:
    """The recorded runs in a folder, newest first: a table in a notebook; `runs()["heating"]` opens one."""
    from labkit.recorded.folder import list_runs

    return list_runs(folder)


def check(name: str, work: Any) -> Any:
    """Try a learner's program on a bench of its own, and say how it went: see `labkit.checking`."""
    from labkit.checking.asking import check

    return check(name, work)


def __getattr__(name: str) -> Any:
    if name != "parts":
        raise AttributeError(f"module 'labkit' has no attribute {name!r}")
    from importlib import import_module

    return import_module("labkit.parts")  # at first use: whoever has no circuit needs none of them


class _Circuits:
    """`labkit.circuit(red=parts.Led(17))` declares a circuit, `labkit.circuit.load(path)` reads one from a file."""

    def __call__(self, *, title: str = "", **parts: Any) -> Any:
        """A circuit of named parts, on this session's bench: drawn, checked, and on simulated pins wired up.

        It takes the place of the circuit before; running the cell again is safe. As a cell's last line it shows its
        picture: operable on simulated pins, with live levels on real ones.

        Raises:
            CircuitError: Something in it is no part, has no proper name, or asks for a part that is not there.
        """
        from labkit.circuits.circuit import Circuit

        return _on_the_bench(Circuit(parts, title))

    def load(self, path: Any) -> Any:
        """The same from a YAML file; `circuit.save(path)` writes one.

        Raises:
            CircuitError: What is wrong, in which line, and what there is.
        """
        from labkit.circuits.circuit import Circuit

        return _on_the_bench(Circuit.load(path))


circuit = _Circuits()


def _on_the_bench(declared: Any) -> Any:
    import warnings

    from labkit.errors import UnsafeCircuit

    open_bench(None, _NotebookViews()).wire(declared)
    for found in declared.lint().errors:
        warnings.warn(UnsafeCircuit(f"Do not power this. {found.where}: {found.what} {found.remedy}"), stacklevel=3)
    return declared


def _check_lines(line: str, lines: str) -> None:
    from labkit.checking.asking import check_lines

    check_lines(line, lines)


class _NotebookViews:
    """Loads each view when it is first looked at: a program without a notebook pays for none."""

    def header(self, bench: Bench) -> Any:
        from labkit.header import header

        return header(bench)

    def panel(self, bench: Bench, device: Any) -> Any:
        from labkit.panels import panel

        return panel(bench, device)

    def panels(self, bench: Bench) -> Any:
        from labkit.panels import panels

        return panels(bench)

    def scope(self, bench: Bench, devices: tuple[Any, ...], window: float, rate: float) -> Any:
        from labkit.scope import scope

        return scope(bench, devices, window, rate)

    def picture(self, bench: Bench, circuit: Any) -> Any:
        from labkit.picture import picture

        return picture(bench, circuit)

    def record(self, bench: Bench, name: Any, devices: tuple[Any, ...], rate: float, folder: Any) -> Any:
        from labkit.recording import record

        return record(bench, name, devices, rate, folder)

    def log(self, bench: Bench) -> Any:
        from labkit.logview import log_view

        return log_view(bench)


def _announce(opened: Bench) -> None:
    from labkit.cells import notebook_shell

    shell = notebook_shell()
    is_notebook = shell is not None and hasattr(shell, "kernel")
    if is_notebook or not opened.board.simulated:
        from labkit.link.beating import serve_heartbeat
        from labkit.link.stopping import serve_stop

        serve_stop(opened)
        serve_heartbeat(opened)
    if not is_notebook:
        print(opened.board.banner, file=sys.stderr)
        return
    from labkit.banner import show_banner
    from labkit.figures import show_bokeh_figures
    from labkit.panels import show_devices_as_panels

    shell.register_magic_function(_check_lines, "cell", "check")
    show_devices_as_panels(shell, panel)
    show_bokeh_figures(shell, opened.keep)
    show_banner(opened.board)
