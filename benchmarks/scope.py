"""The scope against what one would pick instead: pictures a second, age of what is seen, processor time, bytes.

    python3 benchmarks/scope.py                                    # against push_notebook, 4 channels of 1 kHz
    python3 benchmarks/scope.py --against jupyter_bokeh ipympl plotly_resampler
    python3 benchmarks/scope.py --channels 1 4 8 --against         # growth, ours alone
    python3 benchmarks/scope.py --bursts 50000 100000              # edges a second on eight pins
    python3 benchmarks/scope.py --slow                             # a minute with the browser slowed four times
    python3 benchmarks/scope.py --busy                             # while a cell sleeps, and while one computes

A real JupyterLab and a real Chromium. The ways take turns, three rounds; medians are compared, each with the run
beside it. The peers have a server without labkit's extension, as they would. They come into an environment of their
own (`build/peers`, made at the first run); Chromium is the system's. CPU is in percent of one core, and of the kernel
and the server together net of a run that only samples.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "build" / "peers"
PACKAGES = ("jupyter_bokeh", "ipympl", "plotly", "plotly-resampler", "anywidget", "playwright", "psutil", "nbformat")
PROBES = {
    "ours": "ours", "ours_edges": "edges", "push_notebook": "bokeh", "jupyter_bokeh": "bokeh", "ipympl": "matplotlib",
    "plotly_resampler": "plotly", "nothing": "none",
}  # fmt: skip
BUSY = {"asleep": "time.sleep(600)", "in a loop": "while True:\n    sum(range(100))"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", nargs="*", default=["push_notebook"], choices=[*PROBES])
    parser.add_argument("--channels", nargs="+", type=int, default=[4])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--bursts", nargs="+", type=int, help="edges a second")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    if Path(sys.prefix) != PEERS:
        provide()
        os.execv(PEERS / "bin" / "python", [str(PEERS / "bin" / "python"), __file__, *sys.argv[1:]])
    with Desk() as desk:
        if options.bursts:
            bursts(desk, options)
        elif options.slow:
            slow(desk)
        elif options.busy:
            busy(desk, options)
        else:
            for count in options.channels:
                compare(desk, options, count)


def provide() -> None:
    """An environment with labkit and its peers."""
    if not (PEERS / "done").exists():
        print(f"making {PEERS} (a few minutes, once)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        pip = [PEERS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--editable", HERE.parent, *PACKAGES], check=True)
        (PEERS / "done").touch()


@dataclass
class Result:
    """One run. Ages in milliseconds, CPU in percent of a core."""

    fps: float
    frames: float
    age_50: float
    age_95: float
    kernel: float
    server: float
    browser: float
    kilobytes: float
    growth: float
    server_mb: float

    @classmethod
    def median(cls, results: list[Result]) -> Result:
        return cls(*(statistics.median(each) for each in zip(*(vars(one).values() for one in results), strict=True)))

    @property
    def machine(self) -> float:
        """Kernel and server."""
        return self.kernel + self.server


HEAD = f"{'':26}{'fps':>6}{'page':>6}{'age p50':>9}{'p95 ms':>8}{'kernel':>8}{'server':>8}{'browser':>9}{'kB/s':>9}"


def tell(name: str, one: Result) -> None:
    print(
        f"{name:26}{one.fps:6.1f}{one.frames:6.1f}{one.age_50:9.0f}{one.age_95:8.0f}{one.kernel:7.1f}%{one.server:7.1f}%"
        f"{one.browser:8.1f}%{one.kilobytes:9.1f}",
        flush=True,
    )


def compare(desk: Desk, options: argparse.Namespace, count: int) -> None:
    """Ours, a run that only samples, and the others, in turn."""
    ways = ["nothing", "ours", *options.against]
    found: dict[str, list[Result]] = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way in ways:
            found[way].append(desk.run(way, count, options.seconds))
    medians = {way: Result.median(results) for way, results in found.items()}
    print(f"\n{count} channels of 1 kHz, a window of 10 s, medians of {options.rounds}\n{HEAD}")
    for way in ways:
        tell(way, medians[way])
    ours, idle = medians["ours"], medians["nothing"].machine
    print(f"fps: {ours.fps / ours.frames:.2f} of the page's own")
    for way in options.against:
        other = medians[way]
        net = (ours.machine - idle) / max(0.1, other.machine - idle)
        print(
            f"to {way}: age p95 1/{other.age_95 / ours.age_95:.1f}, kB/s 1/{other.kilobytes / ours.kilobytes:.0f}, "
            f"kernel and server, net: {net:.2f}"
        )


def bursts(desk: Desk, options: argparse.Namespace) -> None:
    print(f"\nbursts of edges on eight pins, medians of {options.rounds}\n{HEAD}")
    for rate in options.bursts:
        results = [desk.run("ours_edges", rate, options.seconds) for _ in range(options.rounds)]
        tell(f"{rate:,} edges/s", Result.median(results))


def slow(desk: Desk) -> None:
    result = desk.run("ours", 4, 60, throttle=4)
    print(f"\nfour channels, a minute, the browser slowed four times\n{HEAD}")
    tell("ours", result)
    print(
        f"age in the last quarter: {result.growth:.2f} of the first's; the server's memory: {result.server_mb:+.1f} MB"
    )


def busy(desk: Desk, options: argparse.Namespace) -> None:
    found: dict[str, list[Result]] = {name: [] for name in ("idle", *BUSY)}
    for _ in range(options.rounds):
        for name, results in found.items():
            results.append(desk.run("ours", 4, options.seconds, cell=BUSY.get(name, "")))
    print(f"\nfour channels while a cell runs, medians of {options.rounds}\n{HEAD}")
    medians = {name: Result.median(results) for name, results in found.items()}
    for name, result in medians.items():
        tell(name, result)
    print(f"asleep: {medians['asleep'].fps / medians['idle'].fps:.2f} of the idle cell's pictures")


class Desk:
    """JupyterLab, with and without the extension, and a Chromium."""

    def __enter__(self) -> Desk:
        from playwright.sync_api import sync_playwright

        self._ends = contextlib.ExitStack()
        self.folder = Path(self._ends.enter_context(tempfile.TemporaryDirectory()))
        self._servers = {is_ours: self._ends.enter_context(server(self.folder, is_ours)) for is_ours in (True, False)}
        playwright = self._ends.enter_context(sync_playwright())
        chromium = shutil.which("chromium") or "/usr/bin/chromium"
        self._browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        self._ends.callback(self._browser.close)
        return self

    def __exit__(self, *_: Any) -> None:
        self._ends.close()

    def run(self, way: str, argument: int, seconds: float, throttle: int = 1, cell: str = "") -> Result:
        """Open a notebook that shows something in that way, and look at it."""
        port, process = self._servers[way.startswith("ours")]
        cells = [
            f"import sys, time\nsys.path.insert(0, {str(HERE)!r})\nimport scope_kernel as s\nprint(s.OFFSET)",
            f"s.{way}({argument})",
            cell,
        ]
        page = self._open(port, cells)
        try:
            page.evaluate(f"__probe.look = __probe.ways.{PROBES[way]}")
            self._run_cell(page, 0)
            page.evaluate("__offset = Number(__cells()[0].model.outputs.get(0).toJSON().text)")
            self._run_cell(page, 1)
            if throttle > 1:
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": throttle})
            if cell:
                page.evaluate("void __run(2)")
            page.wait_for_timeout(3000)
            return self._measure(page, process, seconds)
        finally:
            kernels = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/kernels?token=t"))
            page.context.close()
            for kernel in kernels:
                url = f"http://127.0.0.1:{port}/api/kernels/{kernel['id']}?token=t"
                urllib.request.urlopen(urllib.request.Request(url, method="DELETE"))

    def _open(self, port: int, cells: list[str]) -> Any:
        import nbformat

        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / "scope.ipynb")
        page = self._browser.new_context(viewport={"width": 1300, "height": 1000}).new_page()
        page.add_init_script(path=HERE / "scope_page.js")
        page.goto(f"http://127.0.0.1:{port}/doc/workspaces/w{time.monotonic_ns()}/tree/scope.ipynb?token=t")
        page.wait_for_function(READY)
        return page

    def _run_cell(self, page: Any, index: int) -> None:
        page.evaluate(f"__run({index})")

    def _measure(self, page: Any, server: Any, seconds: float) -> Result:
        kernel = next(child for child in server.children(recursive=True) if "ipykernel" in " ".join(child.cmdline()))
        page.evaluate("Object.assign(__probe, { paints: 0, frames: 0, bytes: 0, ages: [], isOn: true })")
        memory, before, began = server.memory_info().rss, used(kernel, server), time.perf_counter()
        page.wait_for_timeout(1000 * seconds)
        after, took = used(kernel, server), time.perf_counter() - began
        probe = page.evaluate("__probe.isOn = false, [__probe.paints, __probe.frames, __probe.bytes, __probe.ages]")
        paints, frames, size, ages = probe
        ordered = sorted(1000 * age for _, age in ages) or [0.0]
        quarter = max(1, len(ages) // 4)
        first, last = (statistics.median([age for _, age in part] or [1]) for part in (ages[:quarter], ages[-quarter:]))
        cpu = [100 * (late - early) / took for early, late in zip(before, after, strict=True)]
        return Result(
            paints / took, frames / took, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], *cpu,
            size / took / 1000, last / first if first else 0.0, (server.memory_info().rss - memory) / 1e6,
        )  # fmt: skip


READY = """() => {
    const panel = window.jupyterapp && [...jupyterapp.shell.widgets('main')].find(each => each.sessionContext);
    if (panel?.sessionContext.session?.kernel?.status !== 'idle') return false;
    window.__cells = () => panel.content.widgets;
    window.__run = async index => {
        panel.content.activeCellIndex = index;
        panel.content.deselectAll();
        await jupyterapp.commands.execute('notebook:run-cell');
    };
    jupyterapp.shell.activateById(panel.id);
    return true }"""


def used(kernel: Any, server: Any) -> list[float]:
    """Processor seconds of the kernel, the server, and the browser."""
    import psutil

    browser = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chrom" in child.name():
                browser += sum(child.cpu_times()[:2])
    return [sum(kernel.cpu_times()[:2]), sum(server.cpu_times()[:2]), browser]


@contextlib.contextmanager
def server(folder: Path, is_ours: bool) -> Iterator[tuple[int, Any]]:
    """A JupyterLab; without labkit's extension unless it is ours."""
    import psutil

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = {
        "ServerApp.port": port, "ServerApp.ip": "127.0.0.1", "ServerApp.open_browser": False,
        "ServerApp.root_dir": folder, "ServerApp.allow_root": True, "IdentityProvider.token": "t",
        "LabApp.expose_app_in_browser": True, "LabApp.news_url": "",
    }  # fmt: skip
    home = folder / f"home-{port}"
    home.mkdir()
    config = home / "jupyter_server_config.json"
    config.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"labkit.extension": is_ours}}}))
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_DATA_DIR": str(home), "HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
        env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=t")
                break
            time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
