"""A notebook that shows something in one way, and the page that looks at it: what benchmarks/scope.py measures with."""

from __future__ import annotations

import contextlib
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Lab", "Measured", "Wanted", "go_to_peers", "open_lab"]

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "build" / "peers"
SETTLE_MS = 2500
VIEWPORT = {"width": 1300, "height": 1000}
# How the page finds out what it has painted; see scope_page.js.
PROBES = {"push_notebook": "bokeh", "jupyter_bokeh": "bokeh", "ipympl": "matplotlib", "plotly_resampler": "plotly"}


@dataclass(frozen=True)
class Wanted:
    """What is to be shown, and under what circumstances.

    Attributes:
        way: A function of scope_kernel.py.
        count: Channels of 1 kHz.
        rate: Or edges a second, in bursts on eight pins.
        seconds: How long to look.
        slowed: How many times slower than it is the page's processor is made.
        cell: What a cell runs meanwhile.
    """

    way: str
    count: int = 0
    rate: int = 0
    seconds: float = 8.0
    slowed: int = 1
    cell: str = ""


@dataclass
class Measured:
    """What came of it. Ages in milliseconds, processors in percent of one core.

    Attributes:
        fps: Pictures a second with something newer than the one before.
        frames: How many the page could have shown: its requestAnimationFrame.
        age_50, age_95: Of the newest entry that is painted, over all frames; infinite where none ever is.
        growth: Median age of the last quarter by that of the first.
        kernel, server, browser: Processors.
        others: The machine's other programs: how far the run was disturbed.
        kilobytes: A second, over the page's websockets.
        server_mb: By how much the server's memory grew.
    """

    fps: float
    frames: float
    age_50: float
    age_95: float
    growth: float
    kernel: float
    server: float
    browser: float
    others: float
    kilobytes: float
    server_mb: float


def go_to_peers() -> None:
    """Go on in the environment that has the peers, made at the first run: it takes minutes."""
    if Path(sys.prefix) == PEERS:
        return
    python = PEERS / "bin" / "python"
    if not (PEERS / "done").exists():
        print(f"making {PEERS} (a few minutes, once)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--editable", HERE.parent, "--requirement", HERE / "peers.txt"], check=True)
        # Dash brings an extension as sources, and JupyterLab asks in every page whether to build itself anew.
        for sources in (PEERS / "share" / "jupyter" / "lab" / "extensions").glob("*.tgz"):
            sources.unlink()
        (PEERS / "done").touch()
    os.execv(python, [str(python), *sys.argv])


@contextmanager
def open_lab() -> Iterator[Lab]:
    """A Chromium, one JupyterLab with labkit's extension, and one as the peers' users have it."""
    from workplace import chromium, open_workplace

    with tempfile.TemporaryDirectory() as name, chromium() as (browser, process):
        folder = Path(name)
        with (
            open_workplace(browser, folder / "ours", True) as ours,
            open_workplace(browser, folder / "stock", False) as stock,
        ):
            for place in (ours, stock):
                place.page.set_viewport_size(VIEWPORT)
                place.page.add_init_script(path=HERE / "scope_page.js")
                _leave(place)
            yield Lab(ours, stock, process)


class Lab:
    """Shows one thing at a time."""

    def __init__(self, ours: Any, stock: Any, browser: Any) -> None:
        self._ours, self._stock, self._browser = ours, stock, browser

    def measure(self, wanted: Wanted) -> Measured:
        """Open a notebook, show it, look at it, and close the notebook and its kernel."""
        place = self._ours if wanted.way == "ours" else self._stock
        probe = PROBES.get(wanted.way, "none")
        if wanted.way == "ours":
            probe = "edges" if wanted.rate else "values"
        notebook = _enter(place)
        try:
            notebook.run(0, f"import sys\nsys.path.insert(0, {str(HERE)!r})\nimport scope_kernel as s\nprint(s.OFFSET)")
            said = notebook.code_cells.nth(0).locator(".jp-OutputArea-output").last.inner_text()
            place.page.evaluate("([way, offset]) => __probe.begin(way, offset)", [probe, float(said.split()[-1])])
            notebook.run(1, f"s.{wanted.way}({wanted.count}, {wanted.rate})")
            if notebook.errors():
                raise SystemExit(f"{wanted}: the cell failed:\n{notebook.errors()[0]}")
            if wanted.slowed > 1:
                session = place.page.context.new_cdp_session(place.page)
                session.send("Emulation.setCPUThrottlingRate", {"rate": wanted.slowed})
            if wanted.cell:
                notebook.start(2, wanted.cell)
            place.page.wait_for_timeout(SETTLE_MS)
            measured = self._look(place, wanted.seconds)
            if wanted.slowed > 1:
                session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
                session.detach()
            return measured
        finally:
            _leave(place)

    def _look(self, place: Any, seconds: float) -> Measured:
        page, kernel, memory = place.page, place.kernel, place.server.memory_info().rss
        page.evaluate("__probe.start()")
        before, began = self._used(place, kernel), time.perf_counter()
        page.wait_for_timeout(1000 * seconds)
        after, took = self._used(place, kernel), time.perf_counter() - began
        paints, frames, size, ages = page.evaluate("__probe.stop()")
        ordered = sorted(1000 * age for age in ages) or [math.inf]
        quarter = max(1, len(ages) // 4)
        first, last = (statistics.median(part or [1.0]) for part in (ages[:quarter], ages[-quarter:]))
        kernel_used, server, browser, others = (
            100 * (late - early) / took for early, late in zip(before, after, strict=True)
        )
        return Measured(
            paints / took, frames / took, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)],
            last / first if first else 0.0, kernel_used, server, browser, others, size / took / 1000,
            (place.server.memory_info().rss - memory) / 1e6,
        )  # fmt: skip

    def _used(self, place: Any, kernel: Any) -> tuple[float, float, float, float]:
        """Processor seconds so far: of the kernel, the server, the browser, and the rest of the machine."""
        import psutil

        ours = [_seconds(kernel), _seconds(place.server)]
        ours.append(sum(_seconds(each) for each in (self._browser, *self._browser.children(recursive=True))))
        machine = psutil.cpu_times()
        busy = sum(machine) - machine.idle - machine.iowait - machine.guest - machine.guest_nice
        return ours[0], ours[1], ours[2], busy - sum(ours) - _seconds(psutil.Process())


def _seconds(process: Any) -> float:
    import psutil

    with contextlib.suppress(psutil.Error):
        return float(sum(process.cpu_times()[:2]))
    return 0.0


def _enter(place: Any) -> Any:
    """The notebook of empty cells, in a kernel of its own."""
    page, origin = place.page, place.page.url.split("/api")[0]
    page.goto(f"{origin}/lab/workspaces/benchmark/tree/benchmark.ipynb")
    notebook = place.notebook
    notebook.code_cells.first.wait_for()
    notebook.wait_until_ready()
    return notebook


def _leave(place: Any) -> None:
    """No notebook, no kernel, and a page that does nothing."""
    desk, page = place.desk, place.page
    for session in desk.api("GET", "sessions"):
        desk.api("DELETE", f"sessions/{session['id']}")
    desk.write("benchmark.ipynb", *[""] * 4)
    origin = page.evaluate(
        "location.origin + JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl"
    )
    page.goto(f"{origin}api")
