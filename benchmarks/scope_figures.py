"""The rounds of `benchmarks/scope.py`: kept, compared, held against the targets, drawn."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from charts import draw
from scope_lab import Measured

__all__ = ["Figures", "Row"]

HEAD = (
    "| | fps | page | age p50 ms | p95 | last quarter / first | kernel % | server % | browser % | kB/s | server MB "
    "| others % |"
)
Number = Callable[[Measured], float]


@dataclass(frozen=True)
class Row:
    """One run of one way, within a round of a part."""

    part: str
    label: str
    round: int
    began: str
    measured: Measured

    def told(self) -> str:
        one = self.measured
        return (
            f"{self.label:24} {one.fps:5.1f} fps of {one.frames:5.1f}  age {one.age_50:6.0f} {one.age_95:6.0f} ms  "
            f"kernel {one.kernel:5.1f} server {one.server:5.1f} browser {one.browser:5.1f} others {one.others:5.1f} %  "
            f"{one.kilobytes:7.1f} kB/s"
        )


class Figures:
    """All rounds so far, in a file of one line each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows: list[Row] = []
        if path.exists():
            for line in path.read_text().splitlines():
                given = json.loads(line)
                self.rows.append(Row(**given | {"measured": Measured(**given["measured"])}))

    def next_round(self, part: str) -> int:
        """The number of a part's next round, from 1."""
        return 1 + max((row.round for row in self.rows if row.part == part), default=0)

    def add(self, rows: Sequence[Row]) -> None:
        """Keep a round."""
        self.rows += rows
        self._path.parent.mkdir(exist_ok=True)
        with self._path.open("a") as file:
            file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)

    def report(self, undisturbed: float | None, images: Path | None, parts: Iterable[str] | None = None) -> None:
        """Print a table for each part and one of the targets; draw growth into a folder."""
        rows = self.rows if undisturbed is None else self._undisturbed(undisturbed)
        told = [name for name in dict.fromkeys(row.part for row in rows) if parts is None or name in set(parts)]
        for name in told:
            _Part(rows, name).print()
        _print_targets(rows)
        if images is not None:
            _draw_growth(rows, images)

    def _undisturbed(self, most: float) -> list[Row]:
        """Without the rounds in which other programs took more than that, of any of their runs."""
        spoiled = {(row.part, row.round) for row in self.rows if row.measured.others > most}
        kept = [row for row in self.rows if (row.part, row.round) not in spoiled]
        print(f"left out: {len(spoiled)} of {len({(row.part, row.round) for row in self.rows})} rounds")
        return kept


class _Part:
    """One part's rounds."""

    def __init__(self, rows: Iterable[Row], name: str) -> None:
        self.name = name
        self.rounds: dict[int, dict[str, Measured]] = {}
        for row in rows:
            if row.part == name:
                self.rounds.setdefault(row.round, {})[row.label] = row.measured

    @property
    def labels(self) -> list[str]:
        found = dict.fromkeys(label for one in self.rounds.values() for label in one)
        order = ("nothing", "ours")
        return sorted(found, key=lambda label: order.index(label) if label in order else 2)

    def median(self, number: Callable[[dict[str, Measured]], float], *needed: str) -> float | None:
        """Of a number of each round that has all that is needed; None where none has."""
        values = [number(one) for one in self.rounds.values() if all(label in one for label in needed)]
        return statistics.median(values) if values else None

    def of(self, label: str, number: Number) -> float | None:
        return self.median(lambda one: number(one[label]), label)

    def print(self) -> None:
        print(f"\n{self.name}, medians of {len(self.rounds)}\n\n{HEAD}\n{'|---' * HEAD.count('| ')}|")
        for label in self.labels:
            cells = [
                self.of(label, lambda one, name=name: getattr(one, name))
                for name in ("fps", "frames", "age_50", "age_95", "growth", "kernel", "server", "browser", "kilobytes",
                             "server_mb", "others")
            ]  # fmt: skip
            fps, frames, age_50, age_95, growth, kernel, server, browser, kilobytes, server_mb, others = cells
            print(
                f"| {label} | {fps:.1f} | {frames:.1f} | {age_50:.0f} | {age_95:.0f} | {growth:.2f} | {kernel:.1f} | "
                f"{server:.1f} | {browser:.0f} | {kilobytes:.1f} | {server_mb:+.1f} | {others:.0f} |"
            )


def _net(one: dict[str, Measured], way: str) -> float:
    """Kernel and server, less what the signals alone take. Where that is nothing, a tenth of a percent."""
    return max(0.1, _machine(one[way]) - _machine(one["nothing"]))


def _machine(one: Measured) -> float:
    return one.kernel + one.server


def _print_targets(rows: Sequence[Row]) -> None:
    """Every target: what is wanted, what is reached."""
    four, eight, edges = (_Part(rows, name) for name in ("channels-4", "channels-8", "edges-100k"))
    busy, slowed = _Part(rows, "busy"), _Part(rows, "slowed")
    asleep, computing = "ours, a cell sleeps", "ours, a cell computes"

    def to(way: str, number: Number) -> float | None:
        return four.median(lambda one: number(one["ours"]) / max(1e-9, number(one[way])), "ours", way)

    def net(way: str) -> float | None:
        return four.median(lambda one: _net(one, "ours") / _net(one, way), "nothing", "ours", way)

    at_most, at_least = "at most", "at least"
    targets: list[tuple[str, float | None, str, float]] = [
        ("4 channels: fps by the page's", four.of("ours", lambda one: one.fps / max(1, one.frames)), at_least, 0.85),
        ("age p95, ms", four.of("ours", lambda one: one.age_95), at_most, 60),
        ("age p95 by push_notebook's", to("push_notebook", lambda one: one.age_95), at_most, 1 / 2),
        ("age p95 by jupyter_bokeh's", to("jupyter_bokeh", lambda one: one.age_95), at_most, 1 / 8),
        ("bytes by push_notebook's", to("push_notebook", lambda one: one.kilobytes), at_most, 1 / 25),
        ("kernel and server, net, by push_notebook's", net("push_notebook"), at_most, 1 / 2),
        ("… by ipympl's", net("ipympl"), at_most, 1 / 5),
        ("… by jupyter_bokeh's", net("jupyter_bokeh"), at_most, 1 / 5),
        ("8 channels: fps", eight.of("ours", lambda one: one.fps), at_least, 30),
        ("100,000 edges/s: fps", edges.of("ours", lambda one: one.fps), at_least, 25),
        ("age p95, ms", edges.of("ours", lambda one: one.age_95), at_most, 120),
        ("a minute, slowed four times: last quarter's age by the first's",
         slowed.of("ours", lambda one: one.growth), at_most, 1.3),
        ("the server's memory, MB", slowed.of("ours", lambda one: one.server_mb), at_most, 5),
        ("a cell sleeps: fps by an idle kernel's",
         busy.median(lambda one: one[asleep].fps / max(1e-9, one["ours"].fps), "ours", asleep), at_least, 0.8),
        ("a cell computes: age p95, ms", busy.of(computing, lambda one: one.age_95), at_most, 150),
    ]  # fmt: skip
    print("\n| target | wanted | measured | |\n|---|---|---|---|")
    for name, value, sense, limit in targets:
        if value is not None:
            is_reached = value <= limit if sense == at_most else value >= limit
            print(f"| {name} | {sense} {limit:.3g} | {value:.3g} | {'reached' if is_reached else 'missed'} |")


def _draw_growth(rows: Sequence[Row], images: Path) -> None:
    """Kernel, server and browser against channels, and against edges a second; age against both."""
    for kind, title in (("channels", "channels of 1 kHz"), ("edges", "edges a second in bursts, 8 lanes")):
        prefix = f"growth-{kind}-"
        names = [name for name in dict.fromkeys(row.part for row in rows) if name.startswith(prefix)]
        found = {float(name.removeprefix(prefix)): _Part(rows, name) for name in names}
        if not found:
            continue
        found = dict(sorted(found.items()))

        def line(number: Callable[[_Part], float | None], found: dict[float, _Part] = found) -> dict[float, float]:
            return {x: value for x, part in found.items() if (value := number(part)) is not None}

        used = {
            "kernel and server, net": line(lambda part: part.median(lambda one: _net(one, "ours"), "ours", "nothing")),
            "browser": line(lambda part: part.of("ours", lambda one: one.browser)),
        }
        draw(images / f"scope-{kind}.svg", f"processor, % of one core, against {title}", title, used)
        ages = {
            "p50": line(lambda part: part.of("ours", lambda one: one.age_50)),
            "p95": line(lambda part: part.of("ours", lambda one: one.age_95)),
        }
        draw(images / f"scope-{kind}-age.svg", f"age of the newest that is seen, ms, against {title}", title, ages)
