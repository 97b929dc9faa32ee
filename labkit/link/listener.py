"""The kernel's unix socket: the server's extension connects here for each page."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from labkit.clock import report_errors
from labkit.errors import UnsafeFolder
from labkit.link.hub import Departure, Hub
from labkit.link.wire import MAX_FROM_PAGE, PREFIX, Speaker, pack, socket_path, unpack

__all__ = ["Listener", "listen"]

READ = 1 << 16
# What may wait for a page. Views send on credit and never come near it.
MAX_WAITING = 4 << 20


class Listener:
    """Serves one socket on a thread of its own, whatever the shell's thread and the subshells are doing.

    Threads started by fork are none: a forked child has the socket, but lets go of it.
    """

    def __init__(self, hub: Hub, name: str) -> None:
        """Listen under that name.

        Raises:
            UnsafeFolder: Others could reach into the runtime folder.
            OSError: The socket can't be made, such as for a path that is too long.
        """
        self.path = socket_path(name)
        self._hub = hub
        self._pid = os.getpid()
        # A kernel that was killed leaves its own behind; no other process has this name.
        self.path.unlink(missing_ok=True)
        self._server = _bound(self.path)
        self._wake, waker = socket.socketpair()
        self._wake.setblocking(False)
        waker.setblocking(False)
        self._waker = waker
        self._asking: deque[_SocketLink] = deque()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake, selectors.EVENT_READ, self._drain)
        os.register_at_fork(after_in_child=self._let_go)
        atexit.register(self.close)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="labkit-link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and let go of every page."""
        if not self._closed and os.getpid() == self._pid:
            self._closed = True
            self.path.unlink(missing_ok=True)
            self._ask()
            self._thread.join(1)
            atexit.unregister(self.close)

    def look_at(self, link: _SocketLink) -> None:
        """The link has something to write, or is to be closed; any thread may ask."""
        self._asking.append(link)
        self._ask()

    def _ask(self) -> None:
        # Full: it wakes anyway. Closed: nobody is there to wake.
        with suppress(OSError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        while not self._closed:
            for key, events in self._selector.select():
                if isinstance(key.data, _SocketLink):
                    report_errors(partial(key.data.serve, events))
                else:
                    report_errors(key.data)
        self._let_go()

    def _accept(self) -> None:
        connection, _ = self._server.accept()
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, _SocketLink(connection, self, self._hub))

    def _drain(self) -> None:
        self._wake.recv(4096)
        while self._asking:
            link = self._asking.popleft()
            if link.is_closed:
                self._forget(link)
            else:
                self._selector.modify(link.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, link)

    def settle(self, link: _SocketLink) -> None:
        """The link has written all; on the listener's thread."""
        self._selector.modify(link.socket, selectors.EVENT_READ, link)

    def _forget(self, link: _SocketLink) -> None:
        if link.socket.fileno() >= 0:
            self._selector.unregister(link.socket)
            link.socket.close()

    def _let_go(self) -> None:
        self._closed = True
        for key in list((self._selector.get_map() or {}).values()):
            if isinstance(key.data, _SocketLink):
                key.data.socket.close()
        for each in (self._server, self._wake, self._waker):
            each.close()
        self._selector.close()


def _bound(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)
    try:
        server.bind(os.fspath(path))
        path.chmod(0o600)
        server.listen()
    except OSError:
        server.close()
        raise
    server.setblocking(False)
    return server


class _SocketLink:
    """One page, by the server's extension."""

    is_watched = True

    def __init__(self, connection: socket.socket, listener: Listener, hub: Hub) -> None:
        self.socket = connection
        self.is_closed = False
        self._listener = listener
        self._hub = hub
        self._page = ""
        self._departure = Departure("the server ended")
        self._read = bytearray()
        self._waiting: deque[memoryview] = deque()
        self._lock = threading.Lock()

    def send(self, channel: str, view: str, message: Any, buffers: Sequence[Any] = ()) -> bool:
        frame = pack(channel, view, message, buffers)
        data = memoryview(PREFIX.pack(len(frame), Speaker.PAGE) + frame)
        with self._lock:
            if self.is_closed:
                return False
            if not self._waiting:
                # From the caller's thread: waking another one would cost more than the write.
                try:
                    data = data[self.socket.send(data) :]
                except BlockingIOError:
                    pass
                except OSError:
                    return False  # the listener's thread finds the end, too
                if not data:
                    return True
            self._waiting.append(data)
            is_too_slow = sum(map(len, self._waiting)) > MAX_WAITING
        if is_too_slow:
            self._departure = Departure("too slow")
            self.close()
            return False
        self._listener.look_at(self)
        return True

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
            self._waiting.clear()
        self._hub.page_gone(self._page, self, self._departure)
        self._listener.look_at(self)

    def serve(self, events: int) -> None:
        """Read and write what can be; on the listener's thread."""
        try:
            if events & selectors.EVENT_WRITE:
                self._write()
            if events & selectors.EVENT_READ:
                self._receive()
        except BlockingIOError:
            pass  # later, then
        except (OSError, ValueError, KeyError, TypeError):
            # Not there any more; or it does not keep to the wire's form.
            self.close()

    def _write(self) -> None:
        with self._lock:
            while self._waiting:
                data = self._waiting[0]
                sent = self.socket.send(data)
                if sent < len(data):
                    self._waiting[0] = data[sent:]
                    return
                self._waiting.popleft()
            if not self.is_closed:
                self._listener.settle(self)

    def _receive(self) -> None:
        fresh = self.socket.recv(READ)
        if not fresh:
            raise ConnectionResetError
        self._read += fresh
        while len(self._read) >= PREFIX.size and not self.is_closed:
            length, speaker = PREFIX.unpack_from(self._read)
            if length > MAX_FROM_PAGE:
                raise ValueError("a frame too long")
            if len(self._read) < PREFIX.size + length:
                return
            frame = bytes(self._read[PREFIX.size : PREFIX.size + length])
            del self._read[: PREFIX.size + length]
            if speaker == Speaker.SERVER:
                self._hear(json.loads(frame))
            elif self._page:
                self._hub.received(self._page, self, *unpack(frame))

    def _hear(self, said: dict[str, Any]) -> None:
        """What the server says about its page."""
        if said["type"] == "came":
            self._page = str(said["page"])
            self.send("link", "", {"type": "welcome"})
            self._hub.page_came(self._page, self)
        elif said["type"] == "gone":
            self._departure = Departure(str(said["reason"]), float(said["silent_s"]))
            self.close()


def listen(hub: Hub, name: str) -> Listener | None:
    """A listener, or None where there can't be one: the views' comms are the way then."""
    try:
        return Listener(hub, name)
    except (OSError, UnsafeFolder):
        return None
