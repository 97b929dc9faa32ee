"""Looking again and again at what no pin tells, for as long as somebody sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from labkit.pacing import Pacer

__all__ = ["join_round", "leave_round"]


class Round:
    """Calls every look that joined, once in `period` seconds; its thread lives only while there is one.

    The looks of one round run one after another: a slow one has a period, and so a round, of its own.
    """

    def __init__(self, period: float) -> None:
        self._period = period
        self._looks: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._pacer: Pacer | None = None

    def join(self, look: Callable[[], None]) -> None:
        """Look at once, and from then on; the look must not raise. Any thread."""
        with self._lock:
            if look not in self._looks:
                self._looks.append(look)
            if self._pacer is None:
                self._pacer = Pacer(self._period, self._go)
            self._pacer.poke()

    def leave(self, look: Callable[[], None]) -> None:
        """Look no more. Any thread, also the round's own."""
        with self._lock:
            self._looks = [other for other in self._looks if other != look]

    def _go(self) -> None:
        for look in tuple(self._looks):
            look()
        with self._lock:
            if self._pacer is None:
                return
            self._pacer.poke()
            if not self._looks:
                self._pacer.close()
                self._pacer = None


_rounds: dict[float, Round] = {}


def join_round(period: float, look: Callable[[], None]) -> None:
    """Call look once in `period` seconds from now on."""
    _rounds.setdefault(period, Round(period)).join(look)


def leave_round(period: float, look: Callable[[], None]) -> None:
    """End that; nothing happens where it had ended."""
    if period in _rounds:
        _rounds[period].leave(look)
