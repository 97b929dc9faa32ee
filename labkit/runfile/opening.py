"""Opens a run's file: by its end and its indexes where it has them, else by the header of every record."""

from __future__ import annotations

import fcntl
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from labkit.errors import BadRunFile
from labkit.runfile.contents import Channel, Ending, Mark, from_json
from labkit.runfile.index import Parts, split_index
from labkit.runfile.records import CLOCKS, VERSION, Kind, Record
from labkit.runfile.scanning import Damage, Pages

__all__ = ["Contents", "open_contents", "whole"]

Value = TypeVar("Value")
# What a payload can raise whose checksum is right and whose content is not: a damaged one, or a later version's.
_BROKEN = (ValueError, TypeError, KeyError, struct.error, zlib.error)


def whole(pages: Pages, record: Record, read: Callable[[bytes], Value]) -> Value | None:
    """What a record holds, read in that way; None where its bytes were damaged."""
    try:
        payload = pages.payload(record)
        return None if payload is None else read(payload)
    except _BROKEN:
        return None


@dataclass
class Contents:
    """What there is in a file, edges and samples aside.

    Attributes:
        head: The run's metadata.
        indexes: In the file's order.
        tail: Records of edges and samples that no index tells of.
        damages: Stretches that could not be read.
    """

    head: dict[str, Any]
    ending: Ending
    channels: list[Channel] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    indexes: list[Parts] = field(default_factory=list)
    tail: list[Record] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)

    def take_text(self, pages: Pages, record: Record) -> None:
        """A channel or a mark."""
        kind: type[Any] = Channel if record.kind == Kind.CHANNEL else Mark
        text = whole(pages, record, lambda payload: from_json(kind, payload))
        if isinstance(text, Channel):
            self.channels.append(text)
        elif text is not None:
            self.marks.append(text)


def open_contents(pages: Pages) -> Contents:
    """What there is in a file.

    Raises:
        BadRunFile: It is no recording, or a later version's.
    """
    head = _head(pages)
    contents = _by_index(pages, head) or _by_scan(pages, head)
    contents.channels.sort(key=lambda channel: channel.number)
    contents.marks.sort(key=lambda mark: mark.at_ns)
    return contents


def _head(pages: Pages) -> dict[str, Any]:
    first = pages.header(0)
    head: Any = None if first is None or first.kind != Kind.HEAD else whole(pages, first, json.loads)
    if not isinstance(head, dict):
        if pages.size == 0:
            raise BadRunFile(f"{pages.path} is empty: it was cut off before anything was recorded.")
        raise BadRunFile(f"{pages.path} is no recording of labkit's, or its beginning is damaged.")
    if head.get("version", VERSION) > VERSION:
        by = head.get("versions", {}).get("labkit", "?")
        raise BadRunFile(
            f"{pages.path} was written by a later labkit ({by}), in a format that this one can't read: update labkit."
        )
    return head


def _by_index(pages: Pages, head: dict[str, Any]) -> Contents | None:
    """By the end and the chain of indexes; None where the file has no end, or the chain is broken."""
    last = pages.last_record()
    ending: Ending | None = None
    if last is not None and last.kind == Kind.END:
        ending = whole(pages, last, lambda payload: from_json(Ending, payload))
    offset = 0 if ending is None else ending.details.get("index", 0)
    indexes: list[Parts] = []
    while offset:
        record = pages.header(offset)
        parts = None if record is None or record.kind != Kind.INDEX else whole(pages, record, split_index)
        if parts is None or parts.previous >= offset:
            return None
        indexes.append(parts)
        offset = parts.previous
    if ending is None or not indexes:
        return None
    contents = Contents(head, ending, indexes=indexes[::-1])
    for at in [at for parts in contents.indexes for at in parts.texts]:
        record = pages.header(at)
        if record is not None:
            contents.take_text(pages, record)
    return contents


def _by_scan(pages: Pages, head: dict[str, Any]) -> Contents:
    """By every record's header: a file without an end, or with a damage."""
    contents = Contents(head, Ending("", "", int(head.get("start_ns", 0))))
    ended: Ending | None = None
    details: dict[str, Any] = {}
    counts = {Kind.EDGES: 0, Kind.SAMPLES: 0}
    last_ns = contents.ending.at_ns
    first_ns = last_ns
    for each in pages.records():
        if isinstance(each, Damage):
            contents.damages.append(each)
            continue
        if each.kind in counts:
            counts[each.kind] += each.count
            first_ns = min(first_ns, each.first_ns)
            contents.tail.append(each)
        elif each.kind in (Kind.CHANNEL, Kind.MARK):
            contents.take_text(pages, each)
        elif each.kind == Kind.INDEX:
            parts = whole(pages, each, split_index)
            if parts is not None:
                contents.indexes.append(parts)
                contents.tail = []
        elif each.kind == Kind.ALIVE:
            details = whole(pages, each, _clocks) or details
        elif each.kind == Kind.END:
            ended = whole(pages, each, lambda payload: from_json(Ending, payload)) or ended
        if each.kind != Kind.SPACE:
            last_ns = max(last_ns, each.last_ns)
    ending = ended or Ending(*_without_end(pages, contents.damages), last_ns, details=details)
    reach = {"first_ns": first_ns, "last_ns": last_ns}
    contents.ending = replace(
        ending, edges=counts[Kind.EDGES], samples=counts[Kind.SAMPLES], details=ending.details | reach
    )
    return contents


def _clocks(payload: bytes) -> dict[str, Any]:
    return dict(zip(("wall_ns", "elapsed_ns"), CLOCKS.unpack(payload), strict=True))


def _without_end(pages: Pages, damages: list[Damage]) -> tuple[str, str]:
    """How it ended, and in words."""
    if _is_being_written(pages):
        return "recording", "still being recorded"
    torn = pages.size - damages[-1].begin if damages and damages[-1].end == pages.size else 0
    rest = f"; its last {torn} bytes are half a record" if torn else ""
    return "cut off", f"cut off: the program was killed, or the power went{rest}"


def _is_being_written(pages: Pages) -> bool:
    try:
        fcntl.flock(pages.file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(pages.file, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        return False  # no locks on this file system
    return False
