"""What is told of a pin's level: in words that suit its device, and how often it changes."""

from __future__ import annotations

from collections import deque

from labkit.trace import Edge

__all__ = ["EdgeRate", "reading"]

NS_PER_S = 1_000_000_000
LOOK_BACK_NS = NS_PER_S
LOOKS_KEPT = 32


def reading(level: float, frequency_hz: float | None, shows: str = "") -> str:
    """A level in words: high or low, a duty cycle, a servo's pulse, a tone; of `shows` see `Held`."""
    if not frequency_hz:
        return "high" if level == 1 else "low" if level == 0 else f"{level:.0%}"
    if shows == "tone":
        return f"{frequency_hz:.4g} Hz" if level else "silent"
    if shows == "pulse":
        return f"{1000 * level / frequency_hz:.2f} ms" if level else "no pulses"
    return f"{level:.0%}"


class EdgeRate:
    """How many edges a second a pin has, in lab time, from the newest edge of each look.

    Edges are numbered where they happen, so that a look in between misses none.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[int, int]] = deque(maxlen=LOOKS_KEPT)

    def see(self, edge: Edge) -> float:
        """Take note of a pin's newest edge; the edges a second over about the last second, 0.0 at first."""
        if self._looks and self._looks[-1][1] > edge.seq:
            self._looks.clear()
        if not self._looks or self._looks[-1][1] != edge.seq:
            self._looks.append((edge.timestamp_ns, edge.seq))
        while len(self._looks) > 2 and edge.timestamp_ns - self._looks[0][0] > LOOK_BACK_NS:
            self._looks.popleft()
        first_ns, first = self._looks[0]
        span_ns = edge.timestamp_ns - first_ns
        return (edge.seq - first) / span_ns * NS_PER_S if span_ns > 0 else 0.0
