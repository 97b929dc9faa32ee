"""The network between a browser and a server, which can be cut: nothing passes, and neither side is told."""

from __future__ import annotations

import selectors
import socket
import threading
from collections import deque

__all__ = ["Wire"]


class Wire:
    """Forwards connections on `port` to another port of this machine, on a thread of its own."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = socket.socketpair()
        self._orders: deque[str] = deque()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._far: dict[socket.socket, socket.socket] = {}
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """From now on nothing passes; connections stay as they are, as seen from their ends."""
        self._order("cut")

    def mend(self) -> None:
        """Let everything pass again, also what was sent in between."""
        self._order("mend")

    def close(self) -> None:
        self._order("close")
        self._thread.join(10)

    def _order(self, order: str) -> None:
        self._orders.append(order)
        self._waker.send(b"\0")

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._wake:
                    self._wake.recv(1)
                    if not self._obey(self._orders.popleft()):
                        return
                elif key.fileobj is self._listening:
                    self._connect(self._listening.accept()[0])
                elif key.fileobj in self._far:
                    self._pass_on(key.fileobj)

    def _obey(self, order: str) -> bool:
        ends = [self._listening, *self._far]
        if order == "close":
            for end in [*ends, self._wake, self._waker]:
                end.close()
            self._selector.close()
            return False
        for end in ends:
            if order == "cut":
                self._selector.unregister(end)
            else:
                self._selector.register(end, selectors.EVENT_READ)
        return True

    def _connect(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._to_port))
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._far[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, near: socket.socket) -> None:
        far = self._far[near]
        try:
            data = near.recv(1 << 16)
            far.sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (near, far):
                self._selector.unregister(end)
                del self._far[end]
                end.close()
