"""A runtime folder of the test's own: short, because a socket's path may have no more than 107 bytes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.link.wire import PREFIX, Speaker, pack, unpack


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tempfile.mkdtemp(prefix="lk")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    yield Path(folder, "labkit")
    shutil.rmtree(folder)


class Server:
    """What the server's extension is to a kernel: one connection for one page."""

    def __init__(self, path: Path, page: str = "page0001") -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(os.fspath(path))
        self._read = b""
        self.tell({"type": "came", "page": page})

    def tell(self, what: dict[str, Any]) -> None:
        text = json.dumps(what).encode()
        self.socket.sendall(PREFIX.pack(len(text), Speaker.SERVER) + text)

    def say(self, channel: str, message: Any, buffers: Any = (), view: str = "v") -> None:
        frame = pack(channel, view, message, buffers)
        self.socket.sendall(PREFIX.pack(len(frame), Speaker.PAGE) + frame)

    def hear(self) -> tuple[str, str, Any, list[bytes]]:
        while len(self._read) < PREFIX.size or len(self._read) < PREFIX.size + PREFIX.unpack_from(self._read)[0]:
            fresh = self.socket.recv(1 << 16)
            if not fresh:
                raise EOFError
            self._read += fresh
        end = PREFIX.size + PREFIX.unpack_from(self._read)[0]
        channel, view, message, buffers = unpack(self._read[PREFIX.size : end])
        self._read = self._read[end:]
        return channel, view, message, [bytes(part) for part in buffers]

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def connect_to(path: Path, page: str = "page0001") -> Server:
        made.append(Server(path, page))
        return made[-1]

    yield connect_to
    for server in made:
        server.close()
