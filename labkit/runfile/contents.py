"""What a run's file tells in words: its channels, its marks, and how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from labkit.runfile.records import Kind, json_record

__all__ = ["Channel", "Ending", "Mark", "from_json"]


@dataclass(frozen=True)
class Channel:
    """One thing that is recorded: a pin's edges, or the samples of a value.

    Attributes:
        number: Within the file, from 0.
        name: What the user calls it.
        kind: `"digital"` for edges (of levels or duty cycles), `"analog"` for samples.
        pin: Of edges: the pin's name on the board.
        device: The class of the device.
        unit: Of samples, where it is known; else empty.
        initial: Of edges: the level before the first one.
        seq: Of edges: the number of the last edge before the first one.
        bounce: Of edges of a debounced input: how many seconds later than the line the pin reports them.
        rate: Of samples: per second.
        first_ns: Of samples: when number 0 was due, lab time.
    """

    number: int
    name: str
    kind: str
    pin: str = ""
    device: str = ""
    unit: str = ""
    initial: float = 0
    seq: int = 0
    bounce: float = 0
    rate: float = 0
    first_ns: int = 0

    def record(self, at_ns: int) -> bytes:
        return json_record(Kind.CHANNEL, asdict(self), at_ns)


@dataclass(frozen=True)
class Mark:
    """Something that happened, at an instant of lab time.

    Attributes:
        at_ns: When.
        kind: `"mark"` (a person's), `"cell"`, `"opened"`, `"closed"`, `"failed"`, `"dropped"`, `"clock"`.
        text: In words.
        channel: Which channel it is about; None for all.
        details: Figures, by name.
    """

    at_ns: int
    kind: str
    text: str
    channel: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def record(self) -> bytes:
        return json_record(Kind.MARK, asdict(self), self.at_ns)


@dataclass(frozen=True)
class Ending:
    """How a recording ended.

    Attributes:
        how: `"stopped"`, `"disk full"`, `"failed"`; of a file without an end `"cut off"`, or `"recording"` while
            it is being written.
        text: In words: what ended it.
        at_ns: When, lab time; of a file without an end the last time it tells of.
        edges, samples: How many it holds, where it says so.
        missing: By channel: how many edges or samples numbers prove missing.
        details: Further figures: the earliest and the latest time in it, the machine's calendar time, what was dropped,
            how long the disk took.
    """

    how: str
    text: str
    at_ns: int
    edges: int = 0
    samples: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    def record(self) -> bytes:
        return json_record(Kind.END, asdict(self), self.at_ns)


def from_json(kind: type[Any], payload: bytes) -> Any:
    """A value from a record's payload; what a later version added is left out.

    Raises:
        ValueError, TypeError: It is not whole.
    """
    given = json.loads(payload)
    return kind(**{name: value for name, value in given.items() if name in kind.__dataclass_fields__})
