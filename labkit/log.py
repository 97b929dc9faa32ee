"""The bench's log: what callbacks and background threads print and raise, with lab time and device."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Entry", "Log"]

NS_PER_S = 1_000_000_000
# What a small machine can spare and a person can read back.
MOST_ENTRIES, MOST_CHARACTERS, LONGEST = 2_000, 400_000, 16_000


@dataclass(frozen=True)
class Entry:
    """One line that was printed, or one exception.

    Attributes:
        number: Counts the entries of a log from 1.
        time_s: Lab time; of an exception that came again and again, the last time.
        source: Whose: the device's name, or the thread's.
        kind: `"out"` and `"err"` for what was printed to either stream, `"error"` for an exception.
        text: The line, or the traceback.
        repeats: How often an exception came in a row.
    """

    number: int
    time_s: float
    source: str
    kind: str
    text: str
    repeats: int = 1

    def __str__(self) -> str:
        often = f" ({self.repeats} times)" if self.repeats > 1 else ""
        return f"{self.time_s:12.6f} s  {self.source}{often}: {self.text}"


class Log:
    """Keeps the newest entries, within bounds. Safe from any thread; a list of `Entry` to look at.

    Attributes:
        dropped: How many entries went to make room, or by `clear`.
    """

    def __init__(self, now_ns: Callable[[], int], changed: Callable[[], None], show: Callable[[], Any]) -> None:
        """Keep entries by that clock; call `changed` after each, and display what `show` makes."""
        self.dropped = 0
        self._now_ns = now_ns
        self._changed = changed
        self._show = show
        self._entries: deque[Entry] = deque()
        self._characters = 0
        self._numbered = 0
        self._touched: dict[int, int] = {}
        self._revision = 0
        self._open: dict[tuple[int, str], tuple[int, str]] = {}
        self._lock = threading.RLock()

    def write(self, text: str, source: str, kind: str = "out") -> str:
        """Take what a program printed: parts of lines become lines, for each thread its own.

        Returns:
            The last line that is not blank, with the parts it had before; "" where all are. One that is indented
            belongs to the line before it, as in a warning.
        """
        place = threading.get_ident(), kind
        said = ""
        with self._lock:
            number, whose = self._open.pop(place, (0, ""))
            for line in text.splitlines(keepends=True):
                if not (number and whose == source and self._extend(number, line.rstrip("\n"))):
                    number = self._add(source, kind, line.rstrip("\n"))
                text_now = self._text_of(number).rstrip()
                said = said if said and text_now.startswith(" ") else text_now or said
                whose = source
                if line.endswith("\n"):
                    number = 0
            if number:
                self._open[place] = number, source
                while len(self._open) > MOST_ENTRIES:
                    del self._open[next(iter(self._open))]
        self._changed()
        return said

    def fail(self, source: str, text: str | None, repeats: bool) -> None:
        """Take an exception.

        Args:
            source: Whose it is.
            text: The traceback; None for the one before, where it came again.
            repeats: It is the same as the one before from there: counted, where nothing came in between.
        """
        with self._lock:
            last = self._entries[-1] if self._entries else None
            if repeats and last is not None and (last.source, last.kind) == (source, "error"):
                known = last.text if text is None else _bounded(text)
                self._characters += len(known) - len(last.text)
                now_s = self._now_ns() / NS_PER_S
                self._put(-1, replace(last, time_s=now_s, text=known, repeats=last.repeats + 1))
            else:
                self._add(source, "error", _bounded(text or "again"))
        self._changed()

    def clear(self) -> None:
        """Forget all entries."""
        with self._lock:
            self.dropped += len(self._entries)
            self._entries.clear()
            self._touched.clear()
            self._open.clear()
            self._characters = 0
            self._revision += 1
        self._changed()

    def since(self, revision: int) -> tuple[list[Entry], int, int]:
        """The entries that are new or changed since a revision; the first number still kept; the revision now."""
        with self._lock:
            first = self._entries[0].number if self._entries else self._numbered + 1
            fresh = [entry for entry in self._entries if self._touched[entry.number] > revision]
            return fresh, first, self._revision

    @property
    def text(self) -> str:
        """All of it, a line for each entry."""
        return "\n".join(map(str, self))

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __getitem__(self, index: int) -> Entry:
        with self._lock:
            return self._entries[index]

    def __repr__(self) -> str:
        return self.text or "<the bench's log: nothing was printed or raised by callbacks yet>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._show()._repr_mimebundle_(**kwargs)

    def _add(self, source: str, kind: str, text: str) -> int:
        self._numbered += 1
        text = _bounded(text)
        self._entries.append(Entry(self._numbered, self._now_ns() / NS_PER_S, source, kind, ""))
        self._put(-1, replace(self._entries[-1], text=text))
        self._characters += len(text)
        while len(self._entries) > MOST_ENTRIES or (self._characters > MOST_CHARACTERS and len(self._entries) > 1):
            gone = self._entries.popleft()
            self._touched.pop(gone.number)
            self._characters -= len(gone.text)
            self.dropped += 1
        return self._numbered

    def _text_of(self, number: int) -> str:
        index = self._index(number)
        return "" if index is None else self._entries[index].text

    def _index(self, number: int) -> int | None:
        """Where the entry of that number is now; None where it is gone."""
        index = number - self._entries[0].number if self._entries else -1
        return index if 0 <= index < len(self._entries) else None

    def _extend(self, number: int, more: str) -> bool:
        """Add to a line that was not finished; False where it is gone."""
        index = self._index(number)
        if index is None:
            return False
        entry = self._entries[index]
        grown = replace(entry, text=_bounded(entry.text + more))
        self._characters += len(grown.text) - len(entry.text)
        self._put(index, grown)
        return True

    def _put(self, index: int, entry: Entry) -> None:
        self._revision += 1
        self._entries[index] = entry
        self._touched[entry.number] = self._revision


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
