"""How soon STOP switches everything off, from the click in the page, and what the guard costs.

    .venv/bin/python benchmarks/stop.py              # both; two to three minutes
    .venv/bin/python benchmarks/stop.py click        # click -> outputs off: idle, and while a cell sleeps or loops
    .venv/bin/python benchmarks/stop.py guard        # memory and idle CPU of the guard
    .venv/bin/python benchmarks/stop.py kill         # SIGKILL of the kernel -> outputs off, by the guard

The limit is 100 ms on an idle machine. A click is timed by the page's clock, the outputs by the kernel's, which are
the same machine's. "Off" is the last write to an output, seven of them on ten pins; "said" is when the page shows it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
from workplace import Workplace, chromium, open_workplace

LIMIT_MS = 100
OUTPUTS = """import json, labkit, threading, time
from gpiozero import *
bench = labkit.bench("simulated")
red, buzzer, dim = LED(17), Buzzer(27), PWMLED(18)
motor, servo, colour, lights = Motor(5, 6), Servo(13), RGBLED(20, 21, 26), LED(16)
written = []
bench.tap.subscribe(lambda edge: written.append((time.time() * 1000, edge.pin, edge.level)))
def all_on():
    red.on(); buzzer.on(); motor.forward(); servo.max(); lights.on()
    dim.value, colour.value = 0.5, (1, 1, 1)
def keep_on():
    while not bench.closed:
        if not bench.is_stopped and not lights.is_lit:
            try:
                all_on()
            except labkit.Stopped:
                pass
        time.sleep(0.02)
threading.Thread(target=keep_on, daemon=True).start()
display(bench);"""
STATES = {"idle": "", "a cell sleeps": "time.sleep(600)", "a cell loops": "while True:\n    sum(range(100))"}
# Once everything is on, press STOP and, when the page shows it, Resume: the click and the word, in ms since 1970.
CLICKS = """async (count) => {
  const now = () => performance.timeOrigin + performance.now();
  const bar = document.querySelector('#jp-top-panel .labkit-stop-bar');
  const lamp = document.querySelector('.labkit-header [data-pin="GPIO16"]');
  const until = (claim, within) => new Promise((resolve, reject) => {
    const end = setTimeout(() => { observer.disconnect(); reject(new Error(`never: ${claim}`)); }, 20000);
    const look = () => { if (!claim()) return; clearTimeout(end); observer.disconnect(); resolve(now()); };
    const observer = new MutationObserver(look);
    observer.observe(within, { subtree: true, childList: true, attributes: true });
    look(); });
  const rest = () => new Promise((resolve) => setTimeout(resolve, 200 + 200 * Math.random()));
  const found = [];
  for (let round = 0; round < count; round++) {
    await until(() => lamp.dataset.level === '1', lamp);
    await rest();
    const began = now();
    bar.querySelector('.labkit-stop').click();
    found.push([began, await until(() => bar.dataset.stopped === 'true', bar)]);
    await rest();
    bar.querySelector('.labkit-resume').click();
    await until(() => bar.dataset.stopped === 'false', bar); }
  return found }"""
# A process that drives outputs whose levels are files, so that others see them.
KERNEL = """import sys
from pathlib import Path
from gpiozero import LED, Motor
from labkit.bench import Bench
from labkit.boards import Board
from labkit.safety.filelines import FileFactory
bench = Bench(FileFactory(Path(sys.argv[1])), Board("files", simulated=False, why=""), views=None)
red, motor = LED(17), Motor(5, 6)
red.on(), motor.forward()
print("ready", flush=True)
sys.stdin.read()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure; everything by default")
    parser.add_argument("--clicks", type=int, default=30, help="clicks in each state")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the guard's idle measurement")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the beginning" + (" (NOT IDLE)" if load > 0.7 else ""))
    for part in options.parts or PARTS:
        print(f"\n{part}: {PARTS[part].__doc__}", flush=True)
        PARTS[part](options)


def click(options: argparse.Namespace) -> None:
    """STOP at the top of the page, from the click."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        chromium() as (browser, _chrome),
        open_workplace(browser, Path(scratch, "ours"), with_extension=True) as ours,
    ):
        ours.notebook.run(0, OUTPUTS)
        ours.page.wait_for_function("[...window.__labkitLink.links.values()].some((link) => link.way === 'socket')")
        for state, source in STATES.items():
            if source:
                ours.notebook.start(1, source)
                ours.page.wait_for_function("document.querySelectorAll('.jp-InputPrompt')[1].textContent.includes('*')")
            clicks = ours.page.evaluate(CLICKS, options.clicks)
            if source:
                ours.notebook.interrupt(1)
            _click_row(state, clicks, _written(ours))


def guard(options: argparse.Namespace) -> None:
    """The guard beside a process with three outputs in use, while nothing happens."""
    with tempfile.TemporaryDirectory() as scratch:
        kernel, found = _guarded(Path(scratch))
        pss = sum(int(each) for each in re.findall(r"^Pss: +(\d+) kB", _smaps(found.pid), re.MULTILINE))
        before, began = sum(found.cpu_times()[:2]), time.monotonic()
        time.sleep(options.seconds)
        used = sum(found.cpu_times()[:2]) - before
        share = 100 * used / (time.monotonic() - began)
        switches = found.num_ctx_switches()
        print(f"  PSS {pss / 1024:.1f} MiB, RSS {found.memory_info().rss / 2**20:.1f} MiB · {share:.2f} % of a core")
        print(f"  {switches.voluntary + switches.involuntary} context switches in its life so far")
        kernel.communicate()


def kill(options: argparse.Namespace) -> None:
    """SIGKILL of the process, until the last of its outputs is off."""
    found = []
    for _ in range(min(options.clicks, 10)):
        with tempfile.TemporaryDirectory() as scratch:
            kernel, _guard = _guarded(Path(scratch))
            lines = [Path(scratch, "lines", f"GPIO{pin}") for pin in (17, 5)]
            assert [line.read_text() for line in lines] == ["1", "1"]
            began = time.monotonic()
            kernel.send_signal(signal.SIGKILL)
            while any(line.read_text() != "0" for line in lines):
                if time.monotonic() - began > 20:
                    raise SystemExit("the guard did not switch them off")
                time.sleep(0.0005)
            found.append(1000 * (time.monotonic() - began))
            kernel.communicate()
    print(f"  off after {_quantiles(found)} ms (p50 / p95)")


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {"click": click, "guard": guard, "kill": kill}


def _written(ours: Workplace) -> list[tuple[float, str, float]]:
    ours.notebook.run(2, "print(json.dumps(written)); written.clear()")
    found: list[tuple[float, str, float]] = json.loads(
        ours.notebook.code_cells.nth(2).locator(".jp-OutputArea-output").last.inner_text()
    )
    return found


def _click_row(state: str, clicks: Sequence[Any], written: Sequence[tuple[float, str, float]]) -> None:
    off = []
    for began, said in clicks:
        last = [at for at, _pin, level in written if began <= at <= said + 150 and level == 0]
        if len(last) < 7:
            raise SystemExit(f"{state}: only {len(last)} outputs were switched off by one click")
        off.append(max(last) - began)
    said = [said - began for began, said in clicks]
    verdict = "within" if statistics.quantiles(off, n=20, method="inclusive")[-1] <= LIMIT_MS else "BEYOND"
    print(f"  {state:<14} off {_quantiles(off)} ms · said {_quantiles(said)} ms (p50 / p95) · {verdict} {LIMIT_MS} ms")


def _quantiles(values: Sequence[float]) -> str:
    return f"{statistics.median(values):5.1f} / {statistics.quantiles(values, n=20, method='inclusive')[-1]:5.1f}"


def _guarded(scratch: Path) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A process that drives outputs, and its guard."""
    (scratch / "lines").mkdir()
    (scratch / "run").mkdir(mode=0o700)
    kernel = subprocess.Popen(
        [sys.executable, "-c", KERNEL, str(scratch / "lines")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"XDG_RUNTIME_DIR": str(scratch / "run")},
    )  # fmt: skip
    assert kernel.stdout is not None
    assert kernel.stdout.readline() == "ready\n"
    log = (scratch / "run" / "labkit" / "guard.log").read_text()
    return kernel, psutil.Process(int(re.findall(r"guard (\d+) watches", log)[-1]))


def _smaps(pid: int) -> str:
    return Path(f"/proc/{pid}/smaps_rollup").read_text()


if __name__ == "__main__":
    main()
