"""Asks pages whether they are there, where nothing else would tell: those that come by a widget's comm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from labkit.clock import Clock

__all__ = ["Pings"]

PERIOD_S = 0.5
MISSED = 3
NS_PER_S = 1_000_000_000


@dataclass
class _Heard:
    """Of one page: when the count of its silence began, and during which run of a cell it answered last."""

    since_ns: int
    run: int | None


class Pings:
    """Counts the silence of pages, but not that of a kernel which can't hear them. Callable from any thread.

    A page answers from the very message, without a timer, for browsers throttle those in hidden tabs. Its answer
    goes through the kernel's shells, though: where none is free while a cell runs, a page that is there is silent,
    too. So while a cell runs only a page counts that has answered since it began.

    Args:
        clock: Real time.
        ask: Sends a page a ping.
        is_needed: Whether a page still has to be watched; asked before each ping.
        running: Which run of a cell is under way; None where none is.
        gone: Called with a page, and for how long it has been silent.
    """

    def __init__(
        self,
        clock: Clock,
        ask: Callable[[str], object],
        is_needed: Callable[[str], bool],
        running: Callable[[], int | None],
        gone: Callable[[str, float], None],
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._is_needed = is_needed
        self._running = running
        self._gone = gone
        self._pages: dict[str, _Heard] = {}
        self._due_ns = 0
        self._is_going = False
        self._lock = threading.Lock()

    def watch(self, page: str) -> None:
        """Ask this page from now on, for as long as it is needed. It has just been heard."""
        self._pages[page] = _Heard(self._clock.now_ns(), self._running())
        with self._lock:
            if not self._is_going:
                self._is_going = True
                self._go_on()

    def heard(self, page: str) -> None:
        """The page answered."""
        if page in self._pages:
            self._pages[page] = _Heard(self._clock.now_ns(), self._running())

    def _go_on(self) -> None:
        self._due_ns = self._clock.now_ns() + round(PERIOD_S * NS_PER_S)
        self._clock.call_later(round(PERIOD_S * NS_PER_S), self._tick)

    def _tick(self) -> None:
        now_ns = self._clock.now_ns()
        # A kernel that was suspended or starved has not heard what pages may have said.
        was_away = now_ns - self._due_ns > PERIOD_S * NS_PER_S
        for page, heard in list(self._pages.items()):
            if not self._is_needed(page):
                del self._pages[page]
                continue
            if was_away or self._running() not in (None, heard.run):
                self._pages[page] = _Heard(now_ns, heard.run)
            elif now_ns - heard.since_ns >= MISSED * PERIOD_S * NS_PER_S:
                del self._pages[page]
                self._gone(page, (now_ns - heard.since_ns) / NS_PER_S)
                continue
            self._ask(page)
        with self._lock:
            self._is_going = bool(self._pages)
            if self._is_going:
                self._go_on()
