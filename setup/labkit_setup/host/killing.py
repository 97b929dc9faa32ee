"""For tests: killing a process at each of its changes to the file system, one after the other."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .played import Played

__all__ = ["copied", "kill_after", "killed_everywhere", "tree"]

# Python tells an audit hook of each of these right before it happens.
CHANGES = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.symlink", "os.truncate",
}  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def kill_after(number: int, work: Callable[[], object]) -> bool:
    """Do work in a process that is killed (SIGKILL) right before its change with this number; whether it was.

    An error in the work is printed and makes this one fail.
    """
    child = os.fork()
    if child == 0:
        left = number

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
            # What another program does, it goes on doing when this process is killed.
            if (event in CHANGES or writes) and not Played.at_work:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 1
        try:
            sys.addaudithook(count)
            work()
            status = 0
        finally:
            if status:
                sys.excepthook(*sys.exc_info())
                sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if os.waitstatus_to_exitcode(status) != 0:
        raise AssertionError("The work failed; see what it printed.")
    return False


def killed_everywhere(fresh: Path, place: Path, work: Callable[[Path], object]) -> Iterator[int]:
    """Copies of a folder, each with work that was killed one change later than in the one before.

    Args:
        fresh: The folder before the work.
        place: Where the copies go, one after the other.
        work: What to do in such a copy.
    """
    number = 0
    while True:
        copied(fresh, place)
        if not kill_after(number, lambda: work(place)):
            return
        yield number
        number += 1


def copied(source: Path, place: Path) -> Path:
    """A folder's exact copy, owners included where this user may give files away; replaces what is there."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place, symlinks=True)
    if os.geteuid() == 0:
        for path in (source, *source.rglob("*")):
            found = path.lstat()
            os.chown(place / path.relative_to(source), found.st_uid, found.st_gid, follow_symlinks=False)
    return place


def tree(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: kind, mode, owner, content or target."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            stat = path.lstat()
            what: object = os.readlink(path) if path.is_symlink() else None
            if what is None and path.is_file():
                what = path.read_bytes()
            mode = 0o120777 if path.is_symlink() else stat.st_mode
            found[str(path.relative_to(root))] = (oct(mode), stat.st_uid, stat.st_gid, what)
    return found
