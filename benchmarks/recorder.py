"""What recording costs, and whether it keeps up.

    .venv/bin/python benchmarks/recorder.py sustained          # 200,000 edges a second for a minute, into a file
    .venv/bin/python benchmarks/recorder.py cost               # an edge, against list.append in the same run
    .venv/bin/python benchmarks/recorder.py limit              # how much more it takes, and what limits it
    .venv/bin/python benchmarks/recorder.py open               # a run of 100 million edges: opened, drawn, zoomed
    .venv/bin/python benchmarks/recorder.py growth docs/images # cost against channels, rate and length, as SVG

Edges come from this process, through the tap, as those of pins do. Zero loss is proven from the file: the numbers of
every pin are read back, and have no gap.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import struct
import sys
import tempfile
import time
import timeit
import zlib
from collections import deque
from pathlib import Path

import numpy as np
from charts import draw

from labkit.clock import RealClock
from labkit.recorded.run import open_run
from labkit.recorder import Recorder
from labkit.runfile.appending import RunLog
from labkit.runfile.columns import pack_edges
from labkit.runfile.contents import Channel, Ending
from labkit.runfile.index import Index
from labkit.runfile.records import Kind, json_record, record
from labkit.tap import Tap
from labkit.trace import Edge

RATE = 200_000


class Session:
    """A tap with a recorder on it."""

    def __init__(self, folder: Path, channels: int = 8) -> None:
        self.clock = RealClock()
        self.tap = Tap(self.clock)
        log = RunLog.create(folder, "benchmark")
        log.begin(head())
        self.path = log.path
        self.recorder = Recorder(log, self.clock, lambda: None)
        self.pins = [f"GPIO{number}" for number in range(channels)]
        for number, pin in enumerate(self.pins):
            self.recorder.add(Channel(number, f"ch{number}", "digital", pin))
        self.tap.subscribe(self.recorder.receive_edge)

    def pace(self, rate: float, seconds: float, look: object = None) -> int:
        """Edges of all pins in turn, as many a second; looks every second. How many were published."""
        publish, now_ns, pins = self.tap.publish, self.clock.now_ns, self.pins
        levels = [0] * len(pins)
        given, began, looked = 0, time.perf_counter(), 0.0
        while (passed := time.perf_counter() - began) < seconds:
            due = int(passed * rate)
            while given < due:
                place = given % len(pins)
                levels[place] = level = 1 - levels[place]
                publish(pins[place], now_ns(), level)
                given += 1
            if look is not None and passed - looked >= 1:
                looked = passed
                look()  # type: ignore[operator]
            time.sleep(0.0005)
        return given


def head() -> bytes:
    return json_record(Kind.HEAD, {"version": 1, "start_ns": 0, "name": "benchmark"}, 0)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def lost_by_numbers(path: Path) -> int:
    """Read the file back: how many numbers are missing, over all pins."""
    run = open_run(path)
    return sum(run[name].lost for name in run.channels)


def sustained(folder: Path, seconds: float, rate: float) -> int:
    session, memory = Session(folder), []
    gc.collect()
    cpu = time.process_time()
    given = session.pace(rate, seconds, lambda: memory.append(resident_mb()))
    cpu = time.process_time() - cpu
    ending = session.recorder.stop("stopped", "by the benchmark")
    lost = lost_by_numbers(session.path)
    size = session.path.stat().st_size
    third = len(memory) // 3
    first, last = statistics.median(memory[1 : third + 1]), statistics.median(memory[-third:])
    print(f"{seconds:g} s at {rate:,.0f} edges/s through the tap, 8 pins")
    print(f"  published            {given:12,d}   {given / seconds:,.0f} a second")
    print(f"  in the file          {ending.edges:12,d}   {size / ending.edges:.2f} bytes each, {size / 1e6:.1f} MB")
    print(f"  lost, by numbers     {lost:12,d}   dropped {ending.details['dropped']:,}")
    print(f"  memory, first third  {first:12.1f} MB  last third {last:.1f} MB ({last - first:+.1f})")
    print(f"  processor            {100 * cpu / seconds:12.0f} %   of one core, edges and all")
    print(f"  slowest sync         {ending.details['longest_sync_ns'] / 1e6:12.0f} ms")
    return int(lost > 0 or ending.edges != given or last - first > 5)


def cost(folder: Path) -> int:
    """ABAB: rounds of each kind in turn, medians of their ratios."""
    edges, kept = 50_000, []
    session, bare = Session(folder), Tap(RealClock())
    queue: deque[Edge] = deque(maxlen=1 << 18)
    one_tap = Tap(RealClock())
    one_tap.subscribe(queue.append)
    entries: list[tuple[str, int, int, int]] = []

    def append() -> None:
        entries.append(("GPIO17", now_ns(), 1, 1))

    now_ns = session.clock.now_ns
    ways = {
        "list.append of a tuple with the time": append,
        "the tap, nobody subscribed": lambda: bare.publish("GPIO0", now_ns(), 1),
        "the tap and a bounded deque": lambda: one_tap.publish("GPIO0", now_ns(), 1),
        "the tap and a recorder, packing and writing beside it": lambda: session.tap.publish("GPIO0", now_ns(), 1),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(15):
        for name, way in ways.items():
            times[name].append(timeit.timeit(way, number=edges) / edges * 1e9)
            entries.clear()
            kept.append(len(queue))
    session.recorder.stop("stopped", "")
    reference = times["list.append of a tuple with the time"]
    print(f"{'an edge costs':56} {'ns':>7} {'ratio':>7}")
    for name, measured in times.items():
        ratio = statistics.median(b / a for a, b in zip(reference, measured, strict=True))
        print(f"{name:56} {statistics.median(measured):7.0f} {ratio:7.2f}")
    return 0


def limit(folder: Path) -> int:
    """How fast each stage is by itself, and how fast edges may come before some are lost."""
    count = 65_536
    pins = [f"GPIO{number}" for number in range(8)]
    edges = [Edge(pins[n % 8], n * 5_000 + n * n % 997, 1 + n // 8, n // 8 % 2) for n in range(count)]
    channels = bytes(n % 8 for n in range(count))
    packed = pack_edges(edges, channels)
    index = Index()
    stages = {
        "pack: columns (holds the interpreter)": lambda: pack_edges(edges, channels),
        "pack: index (holds the interpreter)": lambda: index.add_edges(
            0, packed.times, channels, packed.levels, packed.floats, in_order=True
        ),
        "pack: zlib (beside the others)": lambda: zlib.compress(packed.payload, 1),
        "read: one by one": lambda: sum(1 for _ in iterate(packed.payload, count)),
        "read: as arrays": lambda: arrays(packed.payload, count),
    }
    print(f"{'stage, by itself':44} {'ns an edge':>10} {'M edges/s':>10}")
    for name, stage in stages.items():
        seconds = min(timeit.repeat(stage, number=1, repeat=7)) / count
        print(f"{name:44} {seconds * 1e9:10.0f} {1e-6 / seconds:10.2f}")
    print(f"{'asked for a second':>20} {'published':>12} {'lost':>10} {'processor %':>12}")
    for rate in (200_000, 400_000, 600_000, 800_000, 1_000_000, 1_500_000):
        session = Session(folder)
        cpu = time.process_time()
        given = session.pace(rate, 4)
        cpu = time.process_time() - cpu
        ending = session.recorder.stop("stopped", "")
        print(f"{rate:20,d} {given / 4:12,.0f} {given - ending.edges:10,d} {100 * cpu / 4:12.0f}")
    return 0


def iterate(payload: bytes, count: int) -> object:
    from labkit.runfile.columns import rows_of, split_edges

    return rows_of(split_edges(payload, count))


def arrays(payload: bytes, count: int) -> object:
    from labkit.recorded.arrays import edge_arrays
    from labkit.runfile.columns import split_edges

    return edge_arrays(split_edges(payload, count))


def make_run(folder: Path, count: int) -> Path:
    """A run of so many edges of eight pins at random instants, 200,000 a second, made without recording for minutes."""
    rng, log, index = np.random.default_rng(0), RunLog.create(folder, f"run-{count}"), Index()
    log.begin(head())
    levels, numbers, now_ns = np.zeros(8, np.int64), np.ones(8, np.int64), 0
    for number in range(8):
        index.add_text(log.size)
        log.append(Channel(number, f"ch{number}", "digital", f"GPIO{number}").record(0))
    for begin in range(0, count, 65_536):
        size = min(65_536, count - begin)
        steps = rng.exponential(5000, size).astype(np.int64) + 1
        times = now_ns + np.cumsum(steps)
        now_ns, steps[0] = int(times[-1]), times[0]
        channels = rng.integers(0, 8, size).astype(np.uint8)
        codes = np.empty(size, np.uint8)
        listed = []
        for channel in np.unique(channels):
            places = np.flatnonzero(channels == channel)
            listed.append((int(places[0]), int(numbers[channel])))
            codes[places] = (levels[channel] + 1 + np.arange(len(places))) & 1
            levels[channel] = codes[places[-1]]
            numbers[channel] += len(places)
        listed.sort()
        payload = b"".join((
            struct.pack("<II", len(listed), 0), steps.view(np.uint8).reshape(-1, 8).T.tobytes(), channels.tobytes(),
            codes.tobytes(), struct.pack(f"<{len(listed)}I", *(place for place, _ in listed)),
            struct.pack(f"<{len(listed)}q", *(number for _, number in listed)),
        ))  # fmt: skip
        made = record(Kind.EDGES, payload, first_ns=int(times[0]), last_ns=now_ns, count=size, compress=True)
        index.add_edges(log.size, times.tolist(), channels.tobytes(), codes.tobytes(), [], in_order=True)
        log.append(made)
        if index.is_due:
            index, full = Index(previous=log.size), index
            log.append(full.record(now_ns))
    at = log.size
    log.append(index.record(now_ns))
    log.append(Ending("stopped", "", now_ns, count, 0, {}, {"index": at}).record())
    log.close()
    return log.path


def opening(folder: Path, count: int) -> int:
    path = make_run(folder, count)
    began = time.perf_counter()
    run = open_run(path)
    opened = time.perf_counter() - began
    print(f"a run of {count:,} edges, {path.stat().st_size / 1e6:.0f} MB, {run.seconds:.0f} s long, 1,500 columns wide")
    print(f"  {'opened':28} {opened * 1e3:8.0f} ms")
    history = run.history
    begin_ns, end_ns = history.span_ns
    for name, width in (
        ("the whole run, first time", 1.0), ("the whole run", 1.0), ("a tenth", 0.1), ("a hundredth", 0.01),
        ("a second", 1e9 / end_ns), ("a millisecond", 1e6 / end_ns),
    ):  # fmt: skip
        start_ns = begin_ns + round((end_ns - begin_ns) * (1 - width) / 3)
        began = time.perf_counter()
        columns = history.columns(start_ns, start_ns + round((end_ns - begin_ns) * width) + 1, 1500)
        took = time.perf_counter() - began
        edges = sum(int(each.counts.sum()) for each in columns.values())
        print(f"  {name:28} {took * 1e3:8.0f} ms   {edges:12,d} edges")
    began = time.perf_counter()
    points = history.points(end_ns // 2, end_ns // 2 + 1_000_000, 100_000)
    took = time.perf_counter() - began
    assert points is not None
    edges = sum(len(each.times_ns) for each in points.values())
    print(f"  {'its edges, one by one':28} {took * 1e3:8.0f} ms   {edges:12,d} edges")
    print(f"  memory {resident_mb():.0f} MB")
    return int(opened > 1)


def growth(folder: Path, images: Path) -> int:
    by_channels = {channels: processor(folder, channels, 100_000) for channels in (1, 2, 4, 8, 16, 26, 54)}
    draw(
        images / "recorder-channels.svg", "processor, % of one core, at 100,000 edges/s over all channels", "channels",
        {"packing and writing": by_channels},
    )  # fmt: skip
    by_rate = {rate: processor(folder, 8, rate) for rate in (10_000, 50_000, 100_000, 200_000, 300_000, 400_000)}
    proportion = {0: 0.0, 400_000: by_rate[100_000] * 4}
    draw(
        images / "recorder-rate.svg", "processor, % of one core, 8 channels (dashed: in proportion to 100,000/s)",
        "edges a second", {"packing and writing": {0: 0.0, **by_rate}}, reference=proportion,
    )  # fmt: skip
    # What is loaded once and for all is no growth.
    first = open_run(make_run(folder, 1000))
    first.history.columns(*first.history.span_ns, 1500)
    opened: dict[float, float] = {}
    whole: dict[float, float] = {}
    second: dict[float, float] = {}
    for count in (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000):
        path = make_run(folder, count)
        began = time.perf_counter()
        run = open_run(path)
        history = run.history
        opened[count] = 1e3 * (time.perf_counter() - began)
        begin_ns, end_ns = history.span_ns
        began = time.perf_counter()
        history.columns(begin_ns, end_ns + 1, 1500)
        whole[count] = 1e3 * (time.perf_counter() - began)
        began = time.perf_counter()
        history.columns(end_ns // 2, end_ns // 2 + 100_000_000, 1500)
        second[count] = 1e3 * (time.perf_counter() - began)
        path.unlink()
    draw(
        images / "recorder-length.svg", "milliseconds to open a run, and to draw a window of it", "edges in the run",
        {"open": opened, "draw all of it": whole, "draw 0.1 s": second}, x_log=True,
    )  # fmt: skip
    for name, line in (
        ("channels", by_channels),
        ("rate", by_rate),
        ("open ms", opened),
        ("all ms", whole),
        ("0.1 s ms", second),
    ):
        print(f"{name:10} " + "  ".join(f"{x:,.0f}: {y:.1f}" for x, y in line.items()))
    return 0


def processor(folder: Path, channels: int, rate: float) -> float:
    """Per cent of a core that a recording adds to the publishing itself; median of three, in turn with none."""
    added = []
    for _ in range(3):
        session = Session(folder, channels)
        own = time.thread_time()
        everything = time.process_time()
        session.pace(rate, 2)
        session.recorder.flush()
        added.append(100 * (time.process_time() - everything - (time.thread_time() - own)) / 2)
        session.recorder.stop("stopped", "")
        session.path.unlink()
    return statistics.median(added)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("sustained", "cost", "limit", "open", "growth"))
    parser.add_argument("images", nargs="?", type=Path, default=Path("docs/images"), help="growth: where to draw")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--edges", type=int, default=100_000_000, help="open: how many")
    parser.add_argument("--folder", type=Path, help="where to record: the disk to be measured; a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        match options.what:
            case "sustained":
                return sustained(folder, options.seconds, options.rate)
            case "cost":
                return cost(folder)
            case "limit":
                return limit(folder)
            case "open":
                return opening(folder, options.edges)
    return growth(folder, options.images)


if __name__ == "__main__":
    sys.exit(main())
