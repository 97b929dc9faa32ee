"""What traces tell, and traces that should have been: what judging compares with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from labkit.trace import Edge, Trace

__all__ = [
    "both_on",
    "changes",
    "end_of",
    "first_at",
    "like",
    "regular",
    "same_level",
    "sampled",
    "states_of",
    "stepped",
]

NS_PER_S = 1_000_000_000


def changes(trace: Trace, start: float, stop: float | None) -> list[tuple[float, float]]:
    """Each later change within a window, with the level after it."""
    found = ((edge.timestamp_ns / NS_PER_S, edge.level) for edge in trace)
    return [(now, level) for now, level in found if now > start and (stop is None or now < stop)]


def both_on(one: Trace, other: Trace, start: float, stop: float | None) -> list[tuple[float, float | None]]:
    """From when to when both were on; None where nothing changed any more."""
    instants = sorted({start, *(now for trace in (one, other) for now, _ in changes(trace, start, stop))})
    ends: list[float | None] = [*instants[1:], stop]
    return [(now, end) for now, end in zip(instants, ends, strict=True) if one.at(now) and other.at(now) and end != now]


def first_at(trace: Trace, level: float, since: float) -> float | None:
    if same_level(trace.at(since), level):
        return since
    return next((now for now, value in changes(trace, since, None) if same_level(value, level)), None)


def states_of(
    traces: Mapping[str, Trace], start: float, passing: float = 0.0
) -> list[tuple[frozenset[str], float, float | None]]:
    """Which were on together, from when, to when: without what passes between edges of one instant, or as soon."""
    instants = sorted({start, *(now for trace in traces.values() for now, _ in changes(trace, start, None))})
    ends = [*instants[1:], None]
    found: list[tuple[frozenset[str], float, float | None]] = []
    for now, end in zip(instants, ends, strict=True):
        lit = frozenset(name for name, trace in traces.items() if trace.at(now))
        if end is not None and end - now < passing:
            continue
        if found and found[-1][0] != lit:
            found[-1] = (found[-1][0], found[-1][1], now)
        if not found or found[-1][0] != lit:
            found.append((lit, now, None))
    return found


def end_of(stop: float | None, *traces: Trace) -> float:
    if stop is not None:
        return stop
    return max((trace.edges[-1].timestamp_ns / NS_PER_S for trace in traces if trace.edges), default=0.0)


def regular(pin: str, start: float, period: float, times: int, on: float) -> Trace:
    edges = []
    for number in range(times):
        began = start + number * period
        edges += [(began, 1.0), (began + on, 0.0)]
    return _trace(pin, edges)


def like(pin: str, source: Trace, inverted: bool) -> Trace:
    def level(value: float) -> float:
        return 1 - value if inverted else value

    return Trace(
        pin,
        tuple(Edge(pin, edge.timestamp_ns, edge.seq, level(edge.level)) for edge in source),
        level(source.initial),
    )


def sampled(name: str, level: Callable[[float], float], start: float, stop: float, steps: int = 200) -> Trace:
    """What a pin does that follows a function of time; before start and after stop it is off."""
    times = [start + number * (stop - start) / steps for number in range(steps)]
    return _trace(name, [*((now, level(now)) for now in times), (stop, 0.0)])


def stepped(
    names: Sequence[str], states: Sequence[tuple[frozenset[str], float | None]], start: float
) -> tuple[Trace, ...]:
    """What pins do that go through these states, from start on; up to the first one that has no set length."""
    instants, now = [], start
    for on, seconds in states:
        instants.append((now, on))
        if seconds is None:
            break
        now += seconds
    return tuple(_trace(name, [(now, float(name in on)) for now, on in instants]) for name in names)


def _trace(pin: str, changes: Sequence[tuple[float, float]]) -> Trace:
    edges = (Edge(pin, round(now * NS_PER_S), number, level) for number, (now, level) in enumerate(changes, 1))
    return Trace(pin, tuple(edges))


def same_level(actual: float, wanted: float) -> bool:
    """Any duty cycle counts as on, where on or off is all that is asked for."""
    return bool(actual) == bool(wanted) if wanted in (0, 1) else abs(actual - wanted) <= 0.005
