"""The folder where the processes of one user leave word for each other, closed to everybody else."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from labkit.errors import UnsafeFolder

__all__ = ["open_private", "runtime_folder"]


def runtime_folder() -> Path:
    """`labkit` in the session's runtime folder, else one of our own among the temporary files; made where missing.

    Raises:
        UnsafeFolder: What is there is a link, another user's, or open to others.
    """
    folder = _place()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise UnsafeFolder(
            f"{folder} can't be made ({error.strerror}). Set XDG_RUNTIME_DIR to a folder of yours."
        ) from None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UnsafeFolder(
            f"{folder} must be a folder of yours that is closed to others, but it is not. "
            f"Look what it is, then remove it: rm -r {folder}"
        )
    return folder


def _place() -> Path:
    # A service of the same user has no XDG_RUNTIME_DIR, but should meet that user's terminals.
    for session in (os.environ.get("XDG_RUNTIME_DIR"), f"/run/user/{os.getuid()}"):
        if session and os.access(session, os.W_OK | os.X_OK):
            return Path(session, "labkit")
    return Path(tempfile.gettempdir(), f"labkit-{os.getuid()}")


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours, made 0600 where missing; no link is followed and nobody else's file is taken.

    Raises:
        UnsafeFolder: The file is not ours alone.
        OSError: It can't be opened; ELOOP for a link.
    """
    handle = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        os.close(handle)
        raise UnsafeFolder(f"{path} is not a file of yours alone. Look what it is, then remove it: rm {path}")
    return handle
