"""The log of electrical faults: each distinct one once, with when it began and ended in lab time."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass

from labkit.errors import ElectricalFault

__all__ = ["Fault", "FaultLog"]


@dataclass(slots=True)
class Fault:
    """One thing that a real board would suffer from.

    Attributes:
        kind: Its class: `ShortCircuit`, `MissingResistor`, …
        where: The net's or pin's name.
        message: What drives what, and what to do.
        since_ns: When it last began.
        until_ns: When it ended, None while it lasts.
        times: How often it began.
    """

    kind: type[ElectricalFault]
    where: str
    message: str
    since_ns: int
    until_ns: int | None = None
    times: int = 1

    def __str__(self) -> str:
        return f"{self.kind.__name__} at {self.since_ns / 1e9:.6f} s: {self.message}"


class FaultLog:
    """Opens, closes and announces faults; grows with distinct faults, not with time.

    `Grid` updates it under its lock, and announces outside of it.
    """

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.entries: list[Fault] = []
        self._known: dict[tuple[type[ElectricalFault], str], Fault] = {}
        self._news: list[ElectricalFault] = []

    @property
    def has_news(self) -> bool:
        """There is something to announce."""
        return bool(self._news)

    def update(self, where: str, faults: tuple[ElectricalFault, ...], now_ns: int) -> None:
        """Say which faults a place has at present."""
        for fault in faults:
            self.add(where, fault, now_ns)
        present = {type(fault) for fault in faults}
        for (kind, place), entry in self._known.items():
            if place == where and kind not in present and entry.until_ns is None:
                entry.until_ns = now_ns

    def add(self, where: str, fault: ElectricalFault, now_ns: int) -> None:
        """One fault begins or goes on; news is announced, a strict log announces every beginning."""
        key = type(fault), where
        entry = self._known.get(key)
        if entry is None:
            entry = self._known[key] = Fault(type(fault), where, str(fault), now_ns)
            self.entries.append(entry)
        elif entry.until_ns is None:
            return
        else:
            entry.since_ns, entry.until_ns, entry.times = now_ns, None, entry.times + 1
            if not self.strict:
                return
        self._news.append(type(fault)(f"{fault} Since {now_ns / 1e9:.6f} s of lab time."))

    def clear(self, where: str, now_ns: int) -> None:
        """A place has no fault any more, or is no more."""
        self.update(where, (), now_ns)

    def announce(self) -> None:
        """Warn of what is new, or raise it on a strict board."""
        while self._news:
            fault = self._news.pop(0)
            if self.strict:
                raise fault
            warnings.warn(fault, stacklevel=_user_level())


def _user_level() -> int:
    """The stack level of the first caller outside of labkit and gpiozero: who did it, for the warning."""
    level, frame = 2, sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in (
        "labkit",
        "gpiozero",
    ):
        level, frame = level + 1, frame.f_back
    return level
