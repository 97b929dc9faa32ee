"""The file itself: bytes at its end, kept safe from power cuts, and an end that finds room on a full disk."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

from labkit.errors import BadRunFile, DiskFull
from labkit.runfile.records import SUFFIX, Kind, record

__all__ = ["RunLog"]

SPACE = 1024
MOST_NAMES = 100_000


class RunLog:
    """An append-only file. What `append` returned from is in the file whatever becomes of the process.

    After `sync` it also survives a power cut. Not thread-safe: one thread appends.
    """

    def __init__(self, path: Path) -> None:
        """Make the file.

        Raises:
            OSError: It can't be made, or is there already.
        """
        self.path = path
        self.size = 0
        self._space_at = 0
        self._is_named = False
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        # Tells who reads it that it is being written; gone with the process, however that ends.
        with contextlib.suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @classmethod
    def create(cls, folder: Path, name: str) -> RunLog:
        """Make a file of that name, or of the next number after it, in a folder that is made if need be.

        Raises:
            BadRunFile: It can't be made there.
        """
        path = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, MOST_NAMES):
                path = folder / f"{name}{'' if number == 1 else f'-{number}'}{SUFFIX}"
                with contextlib.suppress(FileExistsError):
                    return cls(path)
        except OSError as error:
            reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror
            raise BadRunFile(f"{path}: a recording can't be written there: {reason}.") from None
        raise BadRunFile(f"{folder} has more runs called {name} than can be numbered: give this one another name.")

    def begin(self, head: bytes) -> None:
        """Write the first record, and keep room for the last.

        Raises:
            BadRunFile: There is no room; the file is gone then.
        """
        self._space_at = len(head)
        try:
            self.append(head + record(Kind.SPACE, bytes(SPACE), first_ns=0, last_ns=0))
        except OSError as error:
            self.close()
            self.path.unlink(missing_ok=True)
            reason = "the disk is full" if isinstance(error, DiskFull) else error.strerror
            raise BadRunFile(f"{self.path}: a recording can't be written there: {reason}.") from None

    def append(self, records: bytes) -> None:
        """Write whole records, or none of them.

        Raises:
            DiskFull: There is no room; what was there before still is.
            OSError: It can't be written for another reason.
        """
        rest = memoryview(records)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
                os.lseek(self._file, self.size, os.SEEK_SET)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(f"The disk is full: {self.path} ends here, with all that was written.") from None
            raise
        self.size += len(records)

    def append_where_room_is_kept(self, end: bytes) -> None:
        """Write the last record over the room that was kept for it: it needs no new block of the disk."""
        if len(end) <= SPACE:
            rest = record(Kind.SPACE, bytes(SPACE - len(end)), first_ns=0, last_ns=0)
            os.pwrite(self._file, end + rest, self._space_at)

    def sync(self) -> None:
        """Have the disk itself keep what was written so far."""
        os.fdatasync(self._file)
        if not self._is_named:
            self._is_named = True
            _sync_folder(self.path.parent)

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)


def _sync_folder(folder: Path) -> None:
    # Without it a power cut may take the file's name, and with it the file.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
