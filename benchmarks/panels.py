"""What panels and the header cost and how quick they are, against plain ipywidgets on a stock server.

    .venv/bin/python benchmarks/panels.py               # everything; some eight minutes
    .venv/bin/python benchmarks/panels.py latency       # click, pin, picture
    .venv/bin/python benchmarks/panels.py busy          # the same while a cell runs
    .venv/bin/python benchmarks/panels.py flood         # a slider moved 500 times
    .venv/bin/python benchmarks/panels.py idle          # CPU of a notebook that is left open; --idle SECONDS
    .venv/bin/python benchmarks/panels.py memory        # kernel and page, from 10 panels to 110

Both sides run in one Chromium at the same time, each with a JupyterLab of its own: ours with the server
extension that installing labkit enables, the peer's without. The peer is what one writes by hand: a ToggleButton
whose callback switches a gpiozero LED on mock pins and shows its value in an HTML widget. Rounds are interleaved.

Clicks are measured at two paces, for they differ: a stock server leaves the second of two small messages
waiting for the acknowledgement of the first (Nagle), which Linux delays by 40 ms where a connection is busy.
"Changed" is when the page has the new level, "painted" the end of the frame after that: with 60 frames a second
both sides wait some 15 ms for it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
from inpage import CLICKS, DRAG, MARK
from workplace import Workplace, chromium, open_workplace

OURS = """import labkit, time
from gpiozero import *
bench = labkit.bench("simulated")
red, dim = LED(17), PWMLED(18)
served = []
bench.tap.subscribe(lambda edge: served.append(edge.pin == "GPIO18"))
display(red, dim, bench);"""
PEER = """import time
import ipywidgets as widgets
from gpiozero import LED, PWMLED, Device
from gpiozero.pins.mock import MockFactory, MockPWMPin
Device.pin_factory = MockFactory(pin_class=MockPWMPin)
red, dim, served = LED(17), PWMLED(18), []
def pair(widget, device):
    shown = widgets.HTML()
    def show():
        shown.value = f"<b class='peer' data-level='{float(device.value):g}'>{device.value}</b>"
    def changed(change):
        device.value = change.new
        served.append(device is dim)
        show()
    widget.observe(changed, "value")
    show()
    return widgets.HBox([widget, shown])
def switch():
    return pair(widgets.ToggleButton(description="red"), red)
display(switch(), pair(widgets.FloatSlider(min=0, max=1, step=0.001, description="dim"), dim));"""
TEN = """import labkit, ipywidgets
from gpiozero import *
bench = labkit.bench("simulated")
ten = [LED(17), PWMLED(18), Button(2), Motor(4, 14), AngularServo(13), TrafficLights(22, 25, 26),
       RGBLED(5, 6, 19), TonalBuzzer(12), DigitalInputDevice(16), Buzzer(27)]
display(bench, *ten);"""
# A panel of its own each: `labkit.panel(device)` would give the one that there is.
MORE = """
from labkit.panels.base import make_panel
leds = [LED(pin) for pin in (7, 8, 9, 10, 11, 20, 21, 23, 24, 15)]
def more(count):
    global column
    column = ipywidgets.VBox([make_panel(leds[number % 10], bench) for number in range(count)])
    display(column)"""
PAIRS = """
def more(count):
    global column
    column = widgets.VBox([switch() for number in range(count)])
    display(column)
more(8)"""
MANY = 100
BUSY = {"asleep": "time.sleep(600)", "in a loop": "while True:\n    sum(range(100))"}

BY_HAND = ".widget-toggle-button", ".peer"
PANEL = ".labkit-panel .widget-button:nth-child(3)", ".labkit-panel .labkit-lamp"
HEADER = ('.labkit-header [data-pin="GPIO5"]',) * 2
PACES = {"in quick succession": 40, "now and then": 700}
PATIENCE_MS = 10_000

Options = argparse.Namespace
Click = tuple[float, float] | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure; everything by default")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of clicks and drags")
    parser.add_argument("--clicks", type=int, default=30, help="clicks a round; now and then: half of them")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of each idle measurement")
    options = parser.parse_args()
    for part in options.parts or PARTS:
        with (
            tempfile.TemporaryDirectory() as scratch,
            chromium() as (browser, chrome),
            open_workplace(browser, Path(scratch, "ours"), with_extension=True) as ours,
            open_workplace(browser, Path(scratch, "peer"), with_extension=False) as peer,
        ):
            print(f"\n{part}: {PARTS[part].__doc__}", flush=True)
            PARTS[part](ours, peer, chrome, options)


def latency(ours: Workplace, peer: Workplace, chrome: psutil.Process, options: Options) -> None:
    """From a click by way of the pin to the picture."""
    ways = _opened(ours, peer)
    for pace, pause in PACES.items():
        count = options.clicks if pause < 500 else options.clicks // 2
        found: dict[str, list[list[Click]]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, (place, what) in ways.items():
                found[name].append(_clicks(place, what, count, pause))
        print(f"  {pace}")
        base = None
        for name, rounds in found.items():
            base = _row(name, rounds, base) if base is None else (_row(name, rounds, base), base)[1]


def busy(ours: Workplace, peer: Workplace, chrome: psutil.Process, options: Options) -> None:
    """From a click by way of the pin to the picture, while a cell runs."""
    ways = _opened(ours, peer)
    for state, source in BUSY.items():
        for place in (ours, peer):
            place.notebook.start(1, source)
            place.page.wait_for_function("document.querySelectorAll('.jp-InputPrompt')[1].textContent.includes('*')")
        print(f"  a cell {state}")
        found: dict[str, list[list[Click]]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, (place, what) in ways.items():
                found[name].append(_clicks(place, what, options.clicks, 100))
        for name, rounds in found.items():
            _row(name, rounds, None)
        for place in (ours, peer):
            place.notebook.interrupt(1)
            place.notebook.run(1, "1")


def flood(ours: Workplace, peer: Workplace, chrome: psutil.Process, options: Options) -> None:
    """A slider dragged over 500 values in two seconds and more."""
    sides = {"plain ipywidgets": (peer, PEER), "labkit": (ours, OURS)}
    for place, source in sides.values():
        place.notebook.run(0, source)
        place.page.evaluate(MARK)
    drags: dict[str, list[list[float]]] = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, (place, _source) in sides.items():
            place.page.bring_to_front()
            drags[name].append(place.page.evaluate(DRAG, 500))
    for name, (place, _source) in sides.items():
        place.notebook.run(2, "print(sum(served))")
        served = int(place.notebook.code_cells.nth(2).locator(".jp-OutputArea-output").last.inner_text())
        right = all(abs(wanted - shown) < 1e-4 for wanted, shown, _ in drags[name])
        lags = [lag for *_, lag in drags[name]]
        print(
            f"  {name:<18} {served / options.rounds:4.0f} of 500 values served · shows the last one after "
            f"{statistics.median(lags):4.0f} ms (at most {max(lags):.0f}) · {'always' if right else 'NOT ALWAYS'} right"
        )


def idle(ours: Workplace, peer: Workplace, chrome: psutil.Process, options: Options) -> None:
    """Percent of one core while nobody does anything; the browser has an empty notebook open besides."""
    print(f"  {'':<46} kernel   server   browser")
    _cpu("an empty notebook", ours, chrome, options.idle)
    ours.notebook.run(0, TEN)
    ours.page.wait_for_selector(".labkit-board")
    _cpu("the same with bench, header and ten panels", ours, chrome, options.idle)


def memory(ours: Workplace, peer: Workplace, chrome: psutil.Process, options: Options) -> None:
    """With ten, and for each of a hundred more: resident in the kernel, JavaScript's heap in the page."""
    for name, place, source in (
        ("plain ipywidgets, a button and a label", peer, PEER + PAIRS),
        ("labkit, an LED's panel", ours, TEN + MORE),
    ):
        place.notebook.run(0, source)
        place.page.wait_for_timeout(3000)
        kernel, page = place.kernel.memory_info().rss, place.heap_bytes()
        place.notebook.run(1, f"more({MANY})")
        place.page.wait_for_timeout(5000)
        more = (place.kernel.memory_info().rss - kernel) / MANY, (place.heap_bytes() - page) / MANY
        print(
            f"  {name:<40} kernel {kernel / 2**20:4.0f} MiB, {more[0] / 2**10:4.0f} KiB each · "
            f"page {page / 2**20:4.0f} MiB, {more[1] / 2**10:4.0f} KiB each",
            flush=True,
        )


PARTS: dict[str, Callable[..., None]] = {
    "latency": latency, "busy": busy, "flood": flood, "idle": idle, "memory": memory,
}  # fmt: skip


def _opened(ours: Workplace, peer: Workplace) -> dict[str, tuple[Workplace, Sequence[str]]]:
    """What is clicked, by name, warmed up."""
    ours.notebook.run(0, OURS)
    peer.notebook.run(0, PEER)
    status = [place.page.evaluate("fetch('/labkit').then(reply => reply.status)") for place in (ours, peer)]
    if status != [200, 404]:
        raise SystemExit(f"the servers are not one with labkit's extension and one without: {status}")
    ways = {"plain ipywidgets": (peer, BY_HAND), "labkit, panel": (ours, PANEL), "labkit, header": (ours, HEADER)}
    for place, what in ways.values():
        _clicks(place, what, 10, 50)
    return ways


def _clicks(place: Workplace, what: Sequence[str], count: int, pause_ms: int) -> list[Click]:
    place.page.bring_to_front()
    return place.page.evaluate(CLICKS, [*what, count, pause_ms, PATIENCE_MS])


def _row(name: str, rounds: list[list[Click]], base: list[float] | None) -> list[float]:
    """Print medians over the rounds of p50 and p95, and their ratios to the peer's."""
    missed = sum(click is None for clicks in rounds for click in clicks)
    served = [[click for click in clicks if click is not None] for clicks in rounds]
    if not all(len(clicks) > 1 for clicks in served):
        print(f"    {name:<18} not served within {PATIENCE_MS / 1000:g} s", flush=True)
        return []
    found = [
        statistics.median(quantile([click[stage] for click in clicks]) for clicks in served)
        for stage in (0, 1)
        for quantile in (statistics.median, _p95)
    ]
    ratios = "".join(f" {value / peer:.2f}" for value, peer in zip(found, base or [], strict=bool(base)))
    print(
        f"    {name:<18} changed {found[0]:5.1f} / {found[1]:5.1f} ms · painted {found[2]:5.1f} / {found[3]:5.1f} ms"
        f"{' · ratios' + ratios if base else ' (p50 / p95)'}{f' · {missed} NOT SERVED' if missed else ''}",
        flush=True,
    )
    return found


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _cpu(name: str, place: Workplace, chrome: psutil.Process, seconds: float) -> None:
    place.page.wait_for_timeout(5000)  # what was just opened settles
    groups = [[place.kernel], [place.server], [chrome, *chrome.children(recursive=True)]]
    before = [_cpu_seconds(group) for group in groups]
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    used = [100 * (_cpu_seconds(group) - was) / took for group, was in zip(groups, before, strict=True)]
    print(f"  {name:<46} {used[0]:5.2f}    {used[1]:5.2f}    {used[2]:6.2f}", flush=True)


def _cpu_seconds(processes: list[Any]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


if __name__ == "__main__":
    main()
