"""What a moving picture costs the page: labkit's canvas against BokehJS, drawing the same columns of the same scope.

    .venv/bin/python benchmarks/scope_drawing.py [--rounds 3] [--seconds 4]

No kernel and no server: real tracks give the columns, labkit's own front end lays out the figure, and the page draws
ten seconds of signals that move by, as often as it can: on the canvas, or through the data sources of Bokeh, which is
the way that BokehJS offers. The ways take turns. Processor: of all of Chromium's processes.
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from workplace import chromium

from labkit.frontend import STATIC
from labkit.history import Lane
from labkit.scope.colours import PALETTE
from labkit.scope.desk import bokeh_file
from labkit.scope.encoding import encode_columns
from labkit.scope.track import Track

NS_PER_S = 1_000_000_000
WINDOW_S, COLUMNS, MADE = 10, 1000, 2000
ORIGIN = "http://labkit.test/"
FPS_WANTED = 0.85
PAGE = Path(__file__).with_name("scope_drawing.html")


def signals(kind: str, count: int) -> tuple[list[Lane], bytes]:
    """Columns of so many lanes: noisy waves of 1 kHz, or bursts of 100,000 edges a second over all of them."""
    rng, seconds = np.random.default_rng(0), WINDOW_S * MADE / COLUMNS
    lanes = [Lane(number, f"ch{number}", kind == "edges", "V") for number in range(count)]
    drawn = []
    for lane in lanes:
        track = Track(lane.is_digital, 0, 0.0)
        if lane.is_digital:
            # Half of the time there are bursts, else nothing.
            times = np.cumsum(rng.exponential(1e9 * count / 200_000, round(seconds * 200_000 / count))).astype(np.int64)
            times = times[(times // 250_000_000) % 2 == 0]
            values = np.arange(len(times)) % 2 == 0
        else:
            times = np.arange(0, seconds * NS_PER_S, 1_000_000, dtype=np.int64)
            values = np.sin(times / NS_PER_S * (2 + lane.number)) + rng.normal(0, 0.05, len(times))
        track.append(times, values.astype(np.float64))
        end_ns = round(seconds * NS_PER_S)
        drawn.append(track.columns(0, end_ns, MADE, end_ns))
    return lanes, encode_columns(lanes, drawn)


def told(lanes: list[Lane]) -> list[dict[str, Any]]:
    return [
        {"name": lane.name, "digital": lane.is_digital, "unit": lane.unit, "colour": colour, "rate": 1000.0}
        | {"span": None if lane.is_digital else [-2.0, 2.0]}
        for lane, colour in zip(lanes, PALETTE, strict=False)
    ]


def serve(route: Any) -> None:
    name = route.request.url.removeprefix(ORIGIN)
    if not name:
        text = (
            PAGE.read_text().replace("COLUMN_NS", str(WINDOW_S * NS_PER_S // COLUMNS)).replace("COLUMNS", str(COLUMNS))
        )
        route.fulfill(content_type="text/html", body=text.replace("WINDOW", str(WINDOW_S)).replace("MADE", str(MADE)))
        return
    file = bokeh_file() if name == "bokeh.min.js" else STATIC / name
    route.fulfill(content_type="text/javascript", path=file)


def look(page: Any, root: Any, way: str, seconds: float) -> tuple[float, float, float]:
    """Pictures a second, their share of what the page could show, and milliseconds of processor for each."""
    page.evaluate("way => window.begin(way)", way)
    page.wait_for_timeout(500)
    page.evaluate("way => window.begin(way)", way)
    busy = spent(root)
    page.wait_for_timeout(1000 * seconds)
    painted, frames = page.evaluate("window.count()")
    return painted / seconds, painted / max(1, frames), 1000 * (spent(root) - busy) / max(1, painted)


def spent(root: Any) -> float:
    """Seconds of processor that Chromium took, with all of its processes."""
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def cases() -> Iterator[tuple[str, str, int, int]]:
    for slowed in (1, 4):
        words = f", page slowed {slowed} times" if slowed > 1 else ""
        for count in (1, 4, 8):
            yield f"{count} of 1 kHz{words}", "waves", count, slowed
        yield f"8 lanes, 100,000 edges/s{words}", "edges", 8, slowed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    asked = parser.parse_args()
    is_met = True
    with chromium() as (browser, root):
        page = browser.new_context(viewport={"width": 1000, "height": 1100}).new_page()
        page.route(f"{ORIGIN}**", serve)
        page.goto(ORIGIN)
        page.wait_for_function("window.isReady")
        session = page.context.new_cdp_session(page)
        print(f"BokehJS {version('bokeh')}, Chromium {browser.version}; load {os.getloadavg()[0]:.1f}")
        print(f"{'':46} {'canvas':>22} {'BokehJS':>22}   ms, ratio")
        for words, kind, count, slowed in cases():
            lanes, buffer = signals(kind, count)
            page.evaluate(
                "([lanes, text]) => window.show(lanes, text)", [told(lanes), base64.b64encode(buffer).decode()]
            )
            session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
            found: dict[str, list[tuple[float, float, float]]] = {"canvas": [], "bokeh": []}
            for _ in range(asked.rounds):
                for way, figures in found.items():
                    figures.append(look(page, root, way, asked.seconds))
            session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            fps, share, ms = {}, {}, {}
            for way, figures in found.items():
                fps[way], share[way], ms[way] = (statistics.median(each) for each in zip(*figures, strict=True))
            ratio = ms["bokeh"] / ms["canvas"]
            row = "  ".join(f"{fps[way]:6.1f} fps {ms[way]:6.2f} ms" for way in found)
            print(f"{words:46} {row:>46}   {ratio:5.1f}")
            is_met &= slowed > 1 or share["canvas"] >= FPS_WANTED
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
