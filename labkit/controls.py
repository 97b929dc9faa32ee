"""The parts' own controls, beside header and wiring picture: light, distance, positions, temperatures, buttons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from labkit.bench import Bench
from labkit.errors import NoSuchPin, RealPins
from labkit.handles import Handle, handles

__all__ = ["PartControls"]


class PartControls:
    """What there is to set on a simulated bench. Callable from any thread.

    Args:
        bench: The bench.
        only: Says of a part whether it counts; by default all do.
    """

    def __init__(self, bench: Bench, only: Callable[[Any], bool] = lambda part: True) -> None:
        self._bench = bench
        self._only = only
        self._parts: list[Any] = []
        self._handles: dict[str, list[Handle]] = {}
        self.by_gpio: dict[int, list[Handle]] = {}
        """The handles of the part on each GPIO number; of several parts on one the newest counts."""
        self.described: list[dict[str, Any]] = []
        """The parts that a person can do something to.

        Each is `{"part": its name, "kind", "where": its pins, "handles": [{"name", "kind", "label", "tip", "unit",
        "span"}]}`.
        """

    def look(self) -> None:
        """Take note of the parts that there are now."""
        try:
            parts = [part for part in self._bench.parts if self._only(part)]
        except RealPins:
            return
        if parts == self._parts:
            return
        found = {part.name: handles(part) for part in parts}
        self.by_gpio = {gpio: found[part.name] for part in parts for gpio in part.pins.values()}
        self.described = [_described(part, found[part.name]) for part in parts if found[part.name]]
        self._handles, self._parts = found, parts

    def values(self) -> dict[str, Any]:
        """What the handles are at, by part and handle: `{"pot0": {"position": 0.5}}`."""
        return {
            part: {each.name: value for each in found if (value := each.value) is not None}
            for part, found in self._handles.items()
            if found
        }

    def use(self, part: str, name: str, value: Any) -> str:
        """Use one handle of one part; the line of code that does the same.

        Raises:
            NoSuchPin: There is no such part, or it has no such handle.
            ValueError: The value is not of the handle's kind, or the part refuses it.
        """
        handle = next((each for each in self._handles.get(part, ()) if each.name == name), None)
        if handle is None:
            raise NoSuchPin(f"There is no {name!r} of a part {part!r} any more: its device was closed or replaced.")
        _check(handle, value)
        handle.use(value)
        return handle.code(value)

    def use_all(self, moves: list[Any], used: Callable[[], None]) -> str:
        """Use handles one after another; the last one's line of code.

        Args:
            moves: `[part, name, value]` of each.
            used: Called at the end, whatever comes of it.

        Raises:
            NoSuchPin, ValueError: As `use`; what comes after that move is left out.
        """
        code = ""
        try:
            for part, name, value in moves:
                code = self.use(part, name, value)
        finally:
            used()
        return code


def _check(handle: Handle, value: Any) -> None:
    if handle.kind in ("slider", "number"):
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"{handle.label} takes a number, not {value!r}")
    elif not isinstance(value, bool):
        raise ValueError(f"{handle.label} is on or off, not {value!r}")


def _described(part: Any, found: list[Handle]) -> dict[str, Any]:
    return {
        "part": part.name,
        "kind": part.kind,
        "where": "GPIO" + ", ".join(map(str, part.pins.values())) if part.pins else "",
        "handles": [
            {"name": each.name, "kind": each.kind, "label": each.label, "tip": each.tip, "unit": each.unit}
            | ({"span": list(each.span)} if each.span else {})
            for each in found
        ],
    }
