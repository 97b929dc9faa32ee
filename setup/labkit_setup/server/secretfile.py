"""A file that a running server depends on: read with care, and looked at again when it changes."""

import os
import stat
from pathlib import Path

from ..errors import ConfigurationError, file_error

__all__ = ["SecretFile"]

_LARGEST = 1_000_000


class SecretFile:
    """A secret of this user, or one that root lets this user's group read.

    `read` remembers which file it read, so that `has_changed` is one look at the folder entry: cheap enough to
    repeat every second. A file is replaced as a whole, so inode, size and time tell.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path
        self._read: tuple[int, int, int] | None = None

    @property
    def has_changed(self) -> bool:
        """Whether there is another file than `read` last read. A missing one is no change: it may be being replaced."""
        try:
            return _identity(self.path.lstat()) != self._read
        except OSError:
            return False

    def read(self) -> bytes:
        """Its content.

        Raises:
            ConfigurationError: It can't be read, is no regular file, or others could have read or written it.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise file_error("can't be read", self.path, error) from error
        with open(handle, "rb") as file:
            found = os.fstat(handle)
            # Also of what is then refused, so that it is refused once and not every second.
            self._read = _identity(found)
            if fault := _fault(found):
                raise ConfigurationError(f"{self.path} {fault}; `apply` puts that right.")
            return file.read(_LARGEST)


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _fault(found: os.stat_result) -> str | None:
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        return "is not a regular file"
    if found.st_uid not in (0, os.geteuid()):
        return f"belongs to another user (number {found.st_uid})"
    # Root chose the group of its file; a file of one's own is for nobody else.
    allowed = 0o640 if found.st_uid == 0 else 0o600
    if mode & 0o777 & ~allowed & ~0o100:
        return f"can be read or written by others (mode {mode:03o})"
    return None
