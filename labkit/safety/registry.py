"""Who holds which pin in other processes: one file each, locked for as long as its process lives."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from labkit.cells import notebook_name
from labkit.claimtable import PinClaim
from labkit.safety.processes import start_time
from labkit.safety.runtime import open_private, runtime_folder

__all__ = ["Registry"]


class Registry:
    """This process's entry among those of one user's benches. Callable from any thread.

    The lock is what counts: the system lets go of it when a process ends, however it ends. Number and start
    time tell of a child process that inherited the lock of a dead parent.
    """

    def __init__(self, board: str) -> None:
        """Take part with one board: processes that name the same real one share its pins."""
        self._board = board
        self._folder = runtime_folder()
        self._pid = os.getpid()
        self._path = self._folder / f"claims-{self._pid}.json"
        self._started = start_time(self._pid)
        self._handle: int | None = None
        self._told = ""
        self._is_closed = False
        self._lock = threading.Lock()
        self.others()  # sweeps up after processes that were killed

    def tell(self, claims: Iterable[PinClaim]) -> None:
        """Publish what is held here."""
        entry = {
            "board": self._board,
            "pid": self._pid,
            "started": self._started,
            "notebook": notebook_name(),
            "pins": {claim.pin: [claim.holder, claim.kind, claim.cell] for claim in claims},
        }
        text = json.dumps(entry)
        with self._lock:
            # A forked child must not speak in its parent's name.
            if text != self._told and not self._is_closed and os.getpid() == self._pid:
                self._publish(text)

    def others(self) -> list[PinClaim]:
        """What other processes hold, on any board; entries of dead ones are removed on the way."""
        found: list[PinClaim] = []
        for path in sorted(self._folder.glob("claims-*.json")):
            entry = None if path == self._path else _read(path)
            if entry is not None:
                found += [
                    PinClaim(pin, holder, kind, cell, entry["notebook"], entry["pid"], entry["board"])
                    for pin, (holder, kind, cell) in entry["pins"].items()
                ]
        return found

    def close(self) -> None:
        """Take this process's entry away."""
        with self._lock:
            if self._handle is not None and os.getpid() == self._pid:
                self._path.unlink(missing_ok=True)
            if self._handle is not None:
                os.close(self._handle)
            self._handle, self._is_closed = None, True

    def _publish(self, text: str) -> None:
        """Put a new file, locked already, in the place of the old one: readers see either, whole and locked."""
        fresh = self._path.with_suffix(".new")
        handle = open_private(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, text.encode())
            os.replace(fresh, self._path)
        except OSError:
            os.close(handle)
            raise
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self._told = handle, text


def _read(path: Path) -> dict[str, Any] | None:
    """The entry of a living process; the file of a dead one is removed."""
    try:
        handle = open_private(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        entry = _parsed(handle)
        if not _is_free(handle) and entry is not None and _is_alive(entry):
            return entry
        # Only this very file: its process may have put a new one in its place.
        if path.exists() and path.stat().st_ino == os.fstat(handle).st_ino:
            path.unlink(missing_ok=True)
        return None
    except FileNotFoundError:
        return None
    finally:
        os.close(handle)


def _parsed(handle: int) -> dict[str, Any] | None:
    """What the file says; None where it is not one of ours, such as one that a full disk cut short."""
    try:
        entry = json.loads(os.read(handle, 65_536))
    except ValueError:
        return None
    return (
        entry if isinstance(entry, dict) and {"board", "pid", "started", "notebook", "pins"} <= entry.keys() else None
    )


def _is_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(entry: dict[str, Any]) -> bool:
    try:
        os.kill(entry["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return entry["started"] is None or start_time(entry["pid"]) == entry["started"]
