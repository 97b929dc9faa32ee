"""This process on the link: one hub, and one socket from the first time that anything wants it."""

from __future__ import annotations

import os
import threading

from labkit.cells import notebook_shell
from labkit.link.hub import Hub
from labkit.link.listener import Listener, listen
from labkit.link.wire import NAME

__all__ = ["serving"]

_hub = Hub()
_listener: Listener | None = None
_lock = threading.Lock()


def serving() -> tuple[Hub, str]:
    """The hub, which listens from now on, and the kernel that pages ask the server for.

    The name is empty where no page can come by a server: outside a kernel, or where no socket can be had.
    """
    global _listener
    name, is_kernel = _process_name()
    with _lock:
        # A forked child is another process, which does not have its parent's pages.
        if _listener is None or _listener.path.stem != name:
            _listener = listen(_hub, name)
        return _hub, name if is_kernel and _listener is not None else ""


def _process_name() -> tuple[str, bool]:
    """What this process's socket is called, and whether that is the id of a kernel."""
    kernel = getattr(notebook_shell(), "kernel", None)
    file = os.path.basename(getattr(getattr(kernel, "parent", None), "connection_file", "") or "")
    name = file.removeprefix("kernel-").removesuffix(".json")
    return (name, True) if NAME.fullmatch(name) else (f"process-{os.getpid()}", False)
