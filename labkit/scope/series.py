"""Columns that grow at the end, in order of time, and forget at the beginning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Series"]

FIRST = 1024
# Room beyond what is kept, so that forgetting moves everything only now and then.
SPARE = 4


class Series:
    """Rows of a time in nanoseconds and some values. Not thread-safe: its owner has the lock.

    Attributes:
        has_forgotten: Whether rows were dropped because there were more than `most`.
    """

    def __init__(self, most: int, *kinds: DTypeLike) -> None:
        """Keep the newest `most` rows; each kind is the type of a column of values."""
        self._most = most
        self._columns: list[NDArray[Any]] = [np.empty(FIRST, kind) for kind in (np.int64, *kinds)]
        self._begin = self._end = 0
        self.has_forgotten = False

    def __len__(self) -> int:
        return self._end - self._begin

    @property
    def times(self) -> NDArray[np.int64]:
        """When, in order. A view: it is valid until the next `append`."""
        return self._columns[0][self._begin : self._end]

    def values(self, number: int = 0) -> NDArray[Any]:
        """A column of values. A view, as `times`."""
        return self._columns[1 + number][self._begin : self._end]

    def append(self, times: NDArray[np.int64], *values: NDArray[Any]) -> None:
        """Add rows that are in order of time; those older than the newest are put where they belong."""
        if not len(times):
            return
        self._make_room(len(times))
        place = self._begin + self.find(int(times[0]))
        is_late = place < self._end
        for column, fresh in zip(self._columns, (times, *values), strict=True):
            column[self._end : self._end + len(times)] = fresh
        self._end += len(times)
        if is_late:
            order = np.argsort(self._columns[0][place : self._end], kind="stable")
            for column in self._columns:
                column[place : self._end] = column[place : self._end][order]
        if len(self) > self._most:
            self.has_forgotten = True
            self._begin = self._end - self._most

    def find(self, time_ns: int) -> int:
        """The first row at that time or later."""
        return int(np.searchsorted(self.times, time_ns))

    def _make_room(self, count: int) -> None:
        size = len(self._columns[0])
        if self._end + count <= size:
            return
        kept = len(self)
        size = max(size, min(2 * (kept + count), self._most + max(self._most // SPARE, count)))
        for number, column in enumerate(self._columns):
            moved = column if size == len(column) else np.empty(size, column.dtype)
            moved[:kept] = column[self._begin : self._end]
            self._columns[number] = moved
        self._begin, self._end = 0, kept
