"""What it costs to prove notebooks, beside nbmake.

    .venv/bin/python benchmarks/notebooks.py               # all; makes an environment with nbmake from PyPI first
    .venv/bin/python benchmarks/notebooks.py --rounds 5

Both in one environment, each with its own plugin only.

Kernel overhead: a dozen notebooks of two cells that wait for nothing, one after another, in turn with nbmake; the
processor's seconds and the wall's for each notebook, without what one notebook alone takes to begin.
The course: `notebooks/` under `labkit test -n 2`, and under `nbmake -n 2` in real time, on simulated pins too, without
scenarios: nobody presses.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNT = 12
CELLS = ["from gpiozero import LED\nred = LED(17)", "red.on()\nassert red.is_lit"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-course", action="store_true", help="only what a kernel costs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        peer = environment(Path(scratch) / "peer")
        overhead(Path(scratch), peer, options.rounds)
        if not options.no_course:
            course(peer)


def environment(folder: Path) -> str:
    """A Python with nbmake, labkit and what the lessons need."""
    print("making an environment with nbmake …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "nbmake", "pytest-xdist", "-e", str(ROOT)], check=True, stderr=subprocess.DEVNULL)
    return str(folder / "bin/python")


def overhead(scratch: Path, peer: str, rounds: int) -> None:
    folders = {count: write(scratch / f"n{count}", count) for count in (1, COUNT)}
    seconds: dict[str, list[tuple[float, float]]] = {"labkit": [], "nbmake": []}
    commands = {name: [*alone(peer, name), f"--{name}"] for name in ("labkit", "nbmake")}
    for _ in range(rounds):
        for name, command in commands.items():
            one, many = (timed([*command, str(folders[count])]) for count in (1, COUNT))
            seconds[name].append(tuple((m - o) / (COUNT - 1) for m, o in zip(many, one, strict=True)))
    print(f"\nper notebook, median of {rounds}:      wall        processor")
    medians = {name: [statistics.median(run[at] for run in runs) for at in (0, 1)] for name, runs in seconds.items()}
    for name, (wall, cpu) in medians.items():
        print(f"  {name:10}                 {1000 * wall:7.0f} ms   {1000 * cpu:7.0f} ms")
    ratios = [ours / theirs for ours, theirs in zip(medians["labkit"], medians["nbmake"], strict=True)]
    print(f"  ratio (target: below 0.5)   {ratios[0]:7.2f}      {ratios[1]:7.2f}")


def alone(python: str, plugin: str) -> list[str]:
    """pytest with one of the two plugins: what the other loads is not its cost."""
    other = {"labkit": "nbmake", "nbmake": "labkit"}[plugin]
    return [python, "-m", "pytest", "-p", f"no:{other}"]


def write(folder: Path, count: int) -> Path:
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    for number in range(count):
        empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells = [empty | {"id": f"c{at}", "source": source} for at, source in enumerate(CELLS)]
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = {"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
        (folder / f"n{number:02}.ipynb").write_text(json.dumps(notebook))
    return folder


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds by the wall and of the processor, of a command and all that it started."""
    environ = os.environ | {"GPIOZERO_PIN_FACTORY": "mock"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*command, "-q", "-p", "no:cacheprovider", "-n", "0"], env=environ, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def course(peer: str) -> None:
    lessons = len(list((ROOT / "notebooks").glob("*.ipynb")))
    common = ["-q", "-p", "no:cacheprovider", "-n", "2", "--rootdir", str(ROOT / "notebooks"), str(ROOT / "notebooks")]
    ours = session([*alone(peer, "labkit"), "--labkit", *common], {})
    theirs = session(
        [*alone(peer, "nbmake"), "--nbmake", "--nbmake-timeout=300", *common], {"GPIOZERO_PIN_FACTORY": "labkit"}
    )
    told = re.search(r"labkit: ([\d.]+) s of lab time(?:, ([\d.]+) s more in checks)?", ours[1])
    lab_s = sum(map(float, told.groups("0")))
    print(f"\nthe course of {lessons} lessons, two at a time:")
    rate = lab_s / ours[0]
    print(f"  labkit   {ours[0]:7.1f} s by the wall, {lab_s:.0f} s of lab time: {rate:.0f} lab seconds a second")
    print(f"  nbmake   {theirs[0]:7.1f} s by the wall, in real time: {theirs[1].strip().splitlines()[-1]}")
    print(f"  ratio    {ours[0] / theirs[0]:7.3f}")


def session(command: list[str], more: dict[str, str]) -> tuple[float, str]:
    kept = {name: value for name, value in os.environ.items() if name != "GPIOZERO_PIN_FACTORY"}
    start = time.perf_counter()
    done = subprocess.run(command, env=kept | more, capture_output=True, text=True, check=False)
    return time.perf_counter() - start, done.stdout


if __name__ == "__main__":
    main()
