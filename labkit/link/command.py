"""What a terminal says to the kernels of its user: `labkit stop`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.link.wire import MAX_FROM_KERNEL, PREFIX, SUFFIX, Speaker, pack, unpack
from labkit.pacing import Countdown
from labkit.safety.runtime import runtime_folder

__all__ = ["Answer", "stop_all"]

ANSWER_S = 2.0


@dataclass(frozen=True)
class Answer:
    """What became of one process that was told to stop: a line for a person, and whether it did."""

    line: str
    is_stopped: bool


def stop_all(by: str) -> list[Answer]:
    """Stop every bench of this user on this machine; all are told before the first is waited for.

    Raises:
        UnsafeFolder: Others could have put sockets into the runtime folder.
    """
    asked = [
        (path, connection) for path in sorted(runtime_folder().glob(f"*{SUFFIX}")) if (connection := _ask(path, by))
    ]
    left = Countdown(ANSWER_S)
    return [answer for path, connection in asked if (answer := _answer(path, connection, left))]


def _ask(path: Path, by: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_S)
    try:
        connection.connect(os.fspath(path))
        came = json.dumps({"type": "came", "page": f"command{os.getpid():08}"}).encode()
        stop = pack("stop", "", {"type": "stop", "by": by})
        connection.sendall(PREFIX.pack(len(came), Speaker.SERVER) + came + PREFIX.pack(len(stop), Speaker.PAGE) + stop)
    except ConnectionRefusedError:
        # Of a process that was killed; the next one of that name makes its own.
        connection.close()
        path.unlink(missing_ok=True)
        return None
    except OSError:
        pass  # it is there, but does not take it: the wait for the answer will say so
    return connection


def _answer(path: Path, connection: socket.socket, left: Countdown) -> Answer | None:
    with closing(connection):
        try:
            for channel, message in _said(connection, left):
                if channel == "link" and message["type"] == "no channel":
                    return None  # no bench was ever opened there
                if channel == "stop" and "pid" in message:
                    return _told(message)
        except (OSError, ValueError, KeyError, TypeError):
            pass
    return Answer(f"{path.stem}: no answer within {ANSWER_S:g} s. Cut the power of what must not move.", False)


def _told(message: dict[str, Any]) -> Answer:
    where = f"{message['notebook']} (process {message['pid']})"
    is_stopped = bool(message["stopped"]) and not message["problem"]
    return Answer(f"{where}: {message['problem'] or message['stopped'] or 'not stopped'}", is_stopped)


def _said(connection: socket.socket, left: Countdown) -> Iterator[tuple[str, Any]]:
    """The frames that come, for as long as there is time."""
    read = bytearray()
    while True:
        connection.settimeout(max(0.001, left.seconds))
        fresh = connection.recv(1 << 16)
        if not fresh:
            raise ConnectionResetError
        read += fresh
        while len(read) >= PREFIX.size:
            length, _ = PREFIX.unpack_from(read)
            if length > MAX_FROM_KERNEL:
                raise ValueError("a frame too long")
            if len(read) < PREFIX.size + length:
                break
            channel, _, message, _ = unpack(bytes(read[PREFIX.size : PREFIX.size + length]))
            del read[: PREFIX.size + length]
            yield channel, message
