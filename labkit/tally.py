"""What each pin did, in a few numbers: kept as the changes come, in memory that does not grow with time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["PinTally", "Tally", "sparkline"]

BINS = 256
FIRST_BIN_NS = 1_000_000.0
BARS = "▁▂▃▄▅▆▇█"


@dataclass
class PinTally:
    """One pin's sums.

    Attributes:
        changes: How often its level changed.
        on_ns: For how long it was on; a duty cycle counts by its part.
        bin_ns: How finely its on-time is known; it doubles whenever the bins are used up.
    """

    changes: int = 0
    on_ns: float = 0.0
    bin_ns: float = FIRST_BIN_NS
    _level: float = 0.0
    _since_ns: int = 0
    _bins: list[float] = field(default_factory=list)

    def change(self, timestamp_ns: int, level: float) -> None:
        """Take a change; oldest first."""
        self._pass(timestamp_ns)
        if level != self._level:
            self.changes += 1
            self._level = level

    def shares(self, end_ns: int, columns: int) -> list[float]:
        """The part of the time that it was on, for each of that many equal pieces from 0 to end_ns."""
        self._pass(end_ns)
        width = end_ns / columns
        return [self._area(index * width, (index + 1) * width) / width if width else 0.0 for index in range(columns)]

    def _pass(self, now_ns: int) -> None:
        begin, self._since_ns = self._since_ns, max(self._since_ns, now_ns)
        while now_ns > self.bin_ns * BINS:
            self._bins = [sum(self._bins[index : index + 2]) for index in range(0, len(self._bins), 2)]
            self.bin_ns *= 2
        if not self._level or now_ns <= begin:
            return
        self.on_ns += self._level * (now_ns - begin)
        while begin < now_ns:
            index = int(begin / self.bin_ns)
            end = min(now_ns, math.ceil((index + 1) * self.bin_ns))
            self._bins.extend([0.0] * (index + 1 - len(self._bins)))
            self._bins[index] += self._level * (end - begin)
            begin = end

    def _area(self, start: float, end: float) -> float:
        """On-time between two instants, a bin's evenly spread over it."""
        area = 0.0
        for index, on in enumerate(self._bins):
            begin = index * self.bin_ns
            width = min(self.bin_ns, self._since_ns - begin)  # the last one is not full yet
            overlap = min(end, begin + width) - max(start, begin)
            if overlap > 0:
                area += on * overlap / width
        return area


class Tally:
    """The sums of every pin that ever changed, by its name.

    Args:
        end_ns: When the run will probably end: then the bins come out even.
    """

    def __init__(self, end_ns: int | None = None) -> None:
        self.pins: dict[str, PinTally] = {}
        self._bin_ns = FIRST_BIN_NS
        if end_ns:
            self._bin_ns = end_ns / BINS
            while self._bin_ns > FIRST_BIN_NS:
                self._bin_ns /= 2

    def change(self, pin: str, timestamp_ns: int, level: float) -> None:
        """A pin took a level; called under the board's lock, so one at a time."""
        tally = self.pins.get(pin)
        if tally is None:
            tally = self.pins[pin] = PinTally(bin_ns=self._bin_ns)
        tally.change(timestamp_ns, level)


def sparkline(shares: list[float]) -> str:
    """A bar for each share of 0 to 1; anything above 0 shows."""
    top = len(BARS) - 1
    return "".join(BARS[0 if share <= 0 else max(1, min(top, round(share * top)))] for share in shares)
