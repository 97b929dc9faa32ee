"""The thread that waits for the disk, so that nobody else has to."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable

from labkit.clock import RealClock
from labkit.errors import DiskFull, RecordingFailed
from labkit.runfile.appending import RunLog

__all__ = ["MOST_WAITING", "Disk"]

MOST_WAITING = 16 << 20
"""Bytes that may wait to be written: some six million edges."""
SYNC_EVERY_NS = 500_000_000


class Disk:
    """Writes records in the order they were put. Callable from any thread; only `flush` and `close` wait.

    Flash is slow to make data safe, and wears: the disk is asked to at most twice a second, only when something
    was written, and never for more than half of the time.

    Attributes:
        error: What ended the writing, or None.
        waiting: How many bytes are not written yet.
        longest_sync_ns: The longest that the disk took to make data safe.
    """

    def __init__(self, log: RunLog, failed: Callable[[], None]) -> None:
        """Begin; `failed` is called, on the thread, when the disk takes no more."""
        self.error: RecordingFailed | None = None
        self.waiting = 0
        self.longest_sync_ns = 0
        self._log = log
        self._failed = failed
        self._clock = RealClock()
        self._queue: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._is_dirty = False
        self._end: tuple[bytes, bytes] | None = None
        self._is_busy = False
        self._look = False
        self._synced_ns, self._sync_gap_ns = self._clock.now_ns(), SYNC_EVERY_NS
        self._thread = threading.Thread(target=self._run, name="labkit-recorder-disk", daemon=True)
        self._thread.start()

    def has_room(self, size: int) -> bool:
        """Whether so many bytes more may wait."""
        return self.error is None and self.waiting + size <= MOST_WAITING

    def put(self, records: bytes) -> None:
        """Write these behind what was put before."""
        with self._changed:
            self._queue.append(records)
            self.waiting += len(records)
            self._changed.notify_all()

    def tick(self) -> None:
        """Make safe what was written, if that is due; to be called a few times a second."""
        if self._is_dirty and self._clock.now_ns() >= self._synced_ns + self._sync_gap_ns:
            with self._changed:
                self._look = True
                self._changed.notify_all()

    def flush(self) -> None:
        """Wait until all that was put is in the file."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._queue or self._is_busy) or self.error is not None)

    def close(self, end: bytes, brief: bytes) -> None:
        """Write the end, make all safe and let go of the file; closing again waits for the first to be done.

        Args:
            end: The last records.
            brief: The last one alone, and short: what the file ends with where there is no room for the others.
        """
        with self._changed:
            if self._end is None:
                self._end = end, brief
                self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while self.error is None and (records := self._next()) is not None:
            self._write(records)
        with self._changed:
            self._changed.wait_for(lambda: self._end is not None)
        assert self._end is not None
        end, brief = self._end
        if self.error is None:
            self._write([end])
        with contextlib.suppress(OSError):
            if self.error is not None:
                self._log.append_where_room_is_kept(brief)
            self._log.sync()
        self._log.close()

    def _next(self) -> list[bytes] | None:
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._queue or self._look or self._end)
            if not self._queue and self._end:
                return None
            self._look = False
            self._is_busy = True
            records = list(self._queue)
            self._queue.clear()
            return records

    def _write(self, records: list[bytes]) -> None:
        try:
            if records:
                self._append(records)
                self._is_dirty = True
            with self._changed:
                self.waiting -= min(self.waiting, sum(map(len, records)))
            if self._is_dirty and self._clock.now_ns() >= self._synced_ns + self._sync_gap_ns:
                self._sync()
        except RecordingFailed as error:
            self._give_up(error)
        except OSError as error:
            self._give_up(RecordingFailed(f"{self._log.path} can't be written any more: {error.strerror}."))

    def _append(self, records: list[bytes]) -> None:
        try:
            self._log.append(b"".join(records))
        except DiskFull:
            # Not all at once: as many as there is room for.
            for record in records:
                self._log.append(record)
            raise

    def _sync(self) -> None:
        began_ns = self._clock.now_ns()
        self._is_dirty = False
        self._log.sync()
        self._synced_ns = self._clock.now_ns()
        took_ns = self._synced_ns - began_ns
        self.longest_sync_ns = max(self.longest_sync_ns, took_ns)
        self._sync_gap_ns = max(SYNC_EVERY_NS, took_ns)

    def _give_up(self, error: RecordingFailed) -> None:
        with self._changed:
            self.error = error
            self.waiting = 0
            self._queue.clear()
            self._changed.notify_all()
        self._failed()
