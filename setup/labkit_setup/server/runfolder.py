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
def run_folder(host: Host, wanted: Path) -> Iterator[Path]:
    """A private, empty folder, and empty again afterwards; one in /tmp where the path would be too long.

    The caller holds the port, and with it the folder: what is in it was left by a server that was killed.
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


def _empty(host: Host, folder: Path) -> None:
    # The folder itself may be a service manager's, which alone can make it anew.
    for entry in host.entries(folder):
        host.remove(entry)
