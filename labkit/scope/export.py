"""A window of a history as CSV: a row for each edge and sample, by time, in seconds as the figure counts them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from labkit.history import History

__all__ = ["csv_pieces"]

NS_PER_S = 1_000_000_000
ROWS = 1000
HEAD = "time_s,channel,value\n"


def csv_pieces(history: History, begin_ns: int, end_ns: int) -> Iterator[tuple[str, float]]:
    """Pieces of text, each with how much of the window is written by then (0.0 to 1.0).

    Raises:
        LookupError: Part of the window is not kept edge by edge any more.
    """
    names = {lane.number: _quoted(lane.name) for lane in history.lanes}
    yield HEAD, 0.0
    todo = [(begin_ns, end_ns)]
    while todo:
        begin, end = todo.pop()
        points = history.points(begin, end, ROWS)
        if points is None and end - begin > 1:
            middle = (begin + end) // 2
            todo += [(middle, end), (begin, middle)]
            continue
        points = points if points is not None else history.points(begin, end, 1 << 62)
        if points is None:
            raise LookupError(
                f"What was at {(begin - history.zero_ns) / NS_PER_S:.3f} s is not kept edge by edge any more. Choose a "
                "later window; bench.record() keeps everything."
            )
        rows = heapq.merge(
            *(
                zip(each.times_ns.tolist(), (names[number],) * len(each.times_ns), each.values.tolist(), strict=True)
                for number, each in points.items()
            )
        )
        text = "".join(f"{_seconds(time - history.zero_ns)},{name},{value:.9g}\n" for time, name, value in rows)
        yield text, (end - begin_ns) / max(1, end_ns - begin_ns)


def _seconds(time_ns: int) -> str:
    sign = "-" if time_ns < 0 else ""
    whole, rest = divmod(abs(time_ns), NS_PER_S)
    return f"{sign}{whole}.{rest:09d}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\n\r') else name
