"""Who holds which pin of a real board in other processes: one file each, locked for as long as its process lives."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.safety.processes import notebook_name, start_time
from labkit.safety.runtime import open_private, runtime_folder

__all__ = ["Registry", "RemoteClaim"]


@dataclass(frozen=True)
class RemoteClaim:
    """A pin that another process holds.

    Attributes:
        pin: The pin's name, `"GPIO17"`.
        pid: The process.
        notebook: Its notebook, or its program.
        holder: The variable that holds the pin there; empty where it has no name.
        kind: The class of that device; empty where the process keeps the line without a device.
    """

    pin: str
    pid: int
    notebook: str
    holder: str
    kind: str

    def __str__(self) -> str:
        device = (
            f"{self.holder} ({self.kind})" if self.holder else f"a {self.kind}" if self.kind else "no device any more"
        )
        return f"{device} in {self.notebook} (process {self.pid})"


class Registry:
    """This process's entry among those that use the same board. Callable from any thread.

    The lock is what counts: the system lets go of it when a process ends, however it ends. Number and start
    time tell of a child process that inherited the lock of a dead parent.
    """

    def __init__(self, board: str) -> None:
        """Take part for one board: processes that name the same share its pins."""
        self._board = board
        self._folder = runtime_folder()
        self._path = self._folder / f"claims-{os.getpid()}.json"
        self._pid = os.getpid()
        self._handle: int | None = None
        self._told = ""
        self._lock = threading.Lock()

    def tell(self, pins: Mapping[str, tuple[str, str]]) -> None:
        """Publish which pins are held here, each with its holder's variable and class."""
        entry = {
            "board": self._board,
            "pid": self._pid,
            "started": start_time(self._pid),
            "notebook": notebook_name(),
            "pins": {pin: list(holder) for pin, holder in sorted(pins.items())},
        }
        text = json.dumps(entry)
        with self._lock:
            # A forked child must not speak in its parent's name.
            if text != self._told and os.getpid() == self._pid:
                self._publish(text)

    def others(self) -> list[RemoteClaim]:
        """What other processes hold on this board; entries of dead ones are removed on the way."""
        found: list[RemoteClaim] = []
        for path in sorted(self._folder.glob("claims-*.json")):
            if path == self._path:
                continue
            entry = _read(path)
            if entry is not None and entry["board"] == self._board:
                found += [
                    RemoteClaim(pin, entry["pid"], entry["notebook"], *holder) for pin, holder in entry["pins"].items()
                ]
        return found

    def close(self) -> None:
        """Take this process's entry away."""
        with self._lock:
            if self._handle is not None and os.getpid() == self._pid:
                self._path.unlink(missing_ok=True)
            if self._handle is not None:
                os.close(self._handle)
            self._handle, self._told = None, ""

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
