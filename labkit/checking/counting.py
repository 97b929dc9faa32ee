"""What can be said of how often a pin changed: flickering, turning, counting."""

from __future__ import annotations

from labkit.checking.judging import Verdict
from labkit.checking.words import span, times_in_words
from labkit.trace import Trace

__all__ = ["counts"]

VERBS = {"both": "changed", "rising": "came on", "falling": "went off"}


def counts(
    trace: Trace, times: int | tuple[int, int], *, edge: str = "both", start: float = 0.0, stop: float | None = None
) -> Verdict:
    """The pin changes so often from start to just before stop; stop None for all that was recorded.

    Args:
        trace: Of one pin.
        times: How often; or from how often to how often, both included.
        edge: Which changes count: "rising", "falling" or "both".
        start, stop: The window to look at, in seconds of lab time.

    Raises:
        ValueError: The edge is none of these.
    """
    if edge not in VERBS:
        raise ValueError(f"an edge is 'rising', 'falling' or 'both', not {edge!r}")
    edges = (trace.rising if edge != "falling" else []) + (trace.falling if edge != "rising" else [])
    found = sorted(now for now in edges if now >= start and (stop is None or now < stop))
    low, high = (times, times) if isinstance(times, int) else times
    until = "to the end" if stop is None else f"to {span(stop)}"
    said = f"{trace.pin} {VERBS[edge]} {times_in_words(len(found))} from {span(start)} {until}"
    if low <= len(found) <= high:
        return Verdict(True, said)
    wanted = times_in_words(low) if low == high else f"{low} to {high} times"
    return Verdict(False, f"{said}, not {wanted}", found[high] if len(found) > high else start)
