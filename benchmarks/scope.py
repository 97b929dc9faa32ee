"""The scope against what one would pick instead: pictures a second, age of what is seen, processors, bytes.

    python3 benchmarks/scope.py --quick                   # every part once, briefly: a quarter of an hour
    python3 benchmarks/scope.py channels-4 edges-100k     # some parts, three rounds each
    python3 benchmarks/scope.py --rounds 1 channels-4     # one round more: rounds add up in build/scope.jsonl
    python3 benchmarks/scope.py report docs/images        # tables and targets of all rounds so far, growth as SVG

A real JupyterLab and a real Chromium. The ways of a part take turns within a round, the next round the other way
round; medians over the rounds are told, and as ratios the medians of each round's own. The peers have a server without
labkit's extension, as their users do, and an environment of their own (`build/peers`, made at the first run from
`peers.txt`). CPU is in percent of one core, that of kernel and server together net of a run that takes the same
signals and shows nothing. `others` is what the rest of the machine did meanwhile: more than some 20 % spoils a round.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from scope_figures import Figures, Row
from scope_lab import Lab, Wanted, go_to_peers, open_lab

ROOT = Path(__file__).resolve().parent.parent
PEERS = ("push_notebook", "jupyter_bokeh", "ipympl", "plotly_resampler")
WAYS = ("nothing", "ours", *PEERS)
QUICK_S = 3.0
BUSY = {"": "", ", a cell sleeps": "import time; time.sleep(600)", ", a cell computes": "while True: sum(range(100))"}
Part = list[tuple[str, Wanted]]


def parts() -> dict[str, Part]:
    """What is run, by name: labels, and what is wanted."""
    made: dict[str, Part] = {}
    for count in (1, 4, 8):
        made[f"channels-{count}"] = [(way, Wanted(way, count)) for way in WAYS]
    for rate in (50_000, 100_000):
        made[f"edges-{rate // 1000}k"] = [(way, Wanted(way, rate=rate)) for way in WAYS]
    made["busy"] = [(f"ours{name}", Wanted("ours", 4, cell=cell)) for name, cell in BUSY.items()]
    made["slowed"] = [("ours", Wanted("ours", 4, seconds=60, slowed=4))]
    for way in WAYS[1:]:
        made[f"minute-{way}"] = [(way, Wanted(way, 4, seconds=60))]
    for count in (1, 2, 4, 8, 16):
        made[f"growth-channels-{count}"] = [(way, Wanted(way, count, seconds=5)) for way in ("nothing", "ours")]
    for rate in (1_000, 10_000, 50_000, 100_000, 200_000):
        made[f"growth-edges-{rate}"] = [(way, Wanted(way, rate=rate, seconds=5)) for way in ("nothing", "ours")]
    return made


def main() -> None:
    known = parts()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(known)}; or: report [FOLDER FOR PLOTS]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, help="only these")
    parser.add_argument("--quick", action="store_true", help=f"one round of {QUICK_S:g} s each")
    parser.add_argument("--figures", type=Path, default=ROOT / "build" / "scope.jsonl", help="where rounds add up")
    parser.add_argument("--undisturbed", type=float, help="report: only rounds in which others took at most that")
    options = parser.parse_args()
    figures = Figures(options.figures)
    if options.parts[:1] == ["report"]:
        figures.report(options.undisturbed, Path(options.parts[1]) if len(options.parts) > 1 else None)
        return
    chosen = options.parts or list(known)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise SystemExit(f"There is no part {unknown[0]!r}; there are {', '.join(known)}, and report.")
    go_to_peers()
    with open_lab() as lab:
        for name in chosen:
            part = [each for each in known[name] if not options.ways or each[1].way in options.ways]
            for _ in range(1 if options.quick else options.rounds):
                one_round(lab, figures, name, part, is_quick=options.quick)
    figures.report(None, None, chosen)


def one_round(lab: Lab, figures: Figures, name: str, part: Part, *, is_quick: bool) -> None:
    """Each way once; told and kept when the round is done."""
    number = figures.next_round(name)
    rows = []
    for label, wanted in part if number % 2 else part[::-1]:
        seconds = min(wanted.seconds, QUICK_S) if is_quick else wanted.seconds
        began = time.strftime("%H:%M:%S")
        rows.append(Row(name, label, number, began, lab.measure(replace(wanted, seconds=seconds))))
        print(f"{began} {name:18} {rows[-1].told()}", flush=True)
    figures.add(rows)


if __name__ == "__main__":
    sys.exit(main())
