"""The folder of one running server: sockets of its kernels, pipes of lgpio."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..host import Host

__all__ = ["fits", "run_folder"]

# sun_path holds 104 bytes on macOS and 108 on Linux; a kernel's socket is `kernel-UUID-ipc-N`.
_LONGEST = 103 - len("/kernel-00000000-0000-0000-0000-000000000000-ipc-5")


def fits(folder: Path) -> bool:
    """Whether the path is short enough for a Unix socket in it."""
    return len(bytes(folder)) <= _LONGEST


@contextlib.contextmanager
def run_folder(host: Host, wanted: Path, is_kept: bool) -> Iterator[Path]:
    """A private, empty folder; one in /tmp where the path would be too long.

    The caller holds the port, and with it the folder: what is in it was left by a server that was killed.

    Args:
        host: The machine.
        wanted: Where it is to be.
        is_kept: Whether it stays afterwards, empty, as something of a service manager's or of the set-up's.
    """
    if not fits(wanted):
        with tempfile.TemporaryDirectory(prefix="labkit-", dir="/tmp", ignore_cleanup_errors=True) as short:
            yield Path(short)
        return
    host.make_private_dir(wanted)
    _empty(host, wanted)
    try:
        yield wanted
    finally:
        _empty(host, wanted)
        if not is_kept:
            host.remove(wanted)


def _empty(host: Host, folder: Path) -> None:
    for entry in host.entries(folder):
        host.remove(entry)
