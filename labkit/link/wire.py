"""What goes over the link, as bytes; and where a kernel's socket lies.

The server's extension reads this too, so it imports nothing that a kernel needs.

Between page and kernel go frames: four bytes with the length of the head, the head as JSON
`[channel, view, message, sizes]`, and the buffers, each starting at a multiple of eight bytes. On the unix
socket each is preceded by its length and by who speaks: the page, or the server about the page.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from labkit.safety.runtime import runtime_folder

__all__ = ["MAX_FROM_KERNEL", "MAX_FROM_PAGE", "NAME", "PREFIX", "SUFFIX", "Speaker", "pack", "socket_path", "unpack"]

PREFIX = struct.Struct("<IB")
SUFFIX = ".link"
# Nothing in a name can leave the folder: no dot, no slash.
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_FROM_PAGE = 1 << 20
MAX_FROM_KERNEL = 1 << 24

_HEAD = struct.Struct("<I")
_ALIGNED = 8


class Speaker(IntEnum):
    """Who says what follows."""

    PAGE = 0
    SERVER = 1


def socket_path(name: str) -> Path:
    """Where the kernel of that id listens: for its user alone.

    Raises:
        ValueError: No such name is possible.
        UnsafeFolder: The folder is not this user's alone.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no kernel's id")
    return runtime_folder() / f"{name}{SUFFIX}"


def pack(channel: str, view: str, message: Any, buffers: Sequence[Any] = ()) -> bytes:
    """One frame; buffers are anything with a buffer interface, the message anything JSON can say."""
    parts = [bytes(buffer) for buffer in buffers]
    head = [channel, view, message, [len(part) for part in parts]] if parts else [channel, view, message]
    text = json.dumps(head, separators=(",", ":")).encode()
    if parts:
        text += b" " * (-(_HEAD.size + len(text)) % _ALIGNED)
    padded = (part + b"\0" * (-len(part) % _ALIGNED) for part in parts)
    return b"".join((_HEAD.pack(len(text)), text, *padded))


def unpack(frame: bytes) -> tuple[str, str, Any, list[memoryview]]:
    """Channel, view, message and buffers of a frame.

    Raises:
        ValueError: It is none.
    """
    try:
        (length,) = _HEAD.unpack_from(frame)
        channel, view, message, *rest = json.loads(frame[_HEAD.size : _HEAD.size + length])
        sizes = rest[0] if rest else []
        if not (isinstance(channel, str) and isinstance(view, str) and len(rest) < 2 and isinstance(sizes, list)):
            raise ValueError("the head is none")
        return channel, view, message, _buffers(memoryview(frame), _HEAD.size + length, sizes)
    except (struct.error, TypeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"no frame: {error}") from None


def _buffers(frame: memoryview, start: int, sizes: list[Any]) -> list[memoryview]:
    found = []
    for size in sizes:
        if type(size) is not int or not 0 <= size <= len(frame) - start:
            raise ValueError("the buffers are not as long as the head says")
        found.append(frame[start : start + size])
        start += size + -size % _ALIGNED
    return found
