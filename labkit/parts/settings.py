"""The settings that parts have: how each is read, from Python and from files, and what it may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from labkit.parts.nodes import FIVE_VOLTS, GROUND, SPELLINGS, SUPPLY, net_of, pin_net
from labkit.sim.quantities import quantity

__all__ = ["choice", "far_node", "flag", "mapping", "maybe_pin", "node", "number", "pin", "sequence", "text", "whole"]

Read = Callable[[Any], Any]


def setting(read: Read, takes: str, *, leading: bool = False, **default: Any) -> Any:
    """A dataclass field that knows how it is read.

    Args:
        read: Raises ValueError for what it does not take.
        takes: What it takes, for the reference.
        leading: It may be given without its name.
        default: `default=…`, or `default_factory=…`.
    """
    return field(kw_only=not leading, metadata={"read": read, "takes": takes}, **default)


def pin() -> Any:
    """A GPIO pin that the part can't do without."""
    return setting(pin_net, "a pin", leading=True)


def pin_with(default: int) -> Any:
    """A GPIO pin that is this one unless it is told otherwise."""
    return setting(pin_net, "a pin", default=default)


def maybe_pin() -> Any:
    """A GPIO pin, or None."""
    return setting(_or_none(pin_net), "a pin, or nothing", default=None)


def node() -> Any:
    """A pin, a supply or ground, or None for nothing at all."""
    return setting(_or_none(net_of), "a pin, GND, 3V3 or 5V; or nothing", leading=True)


def far_node() -> Any:
    """Where a part's other end goes: by itself to where it must, or elsewhere, or nowhere (None)."""

    def read(value: Any) -> Any:
        return value if value in ("auto", None) else net_of(value)

    return setting(read, "auto, a pin, GND, 3V3 or 5V; or nothing", default="auto")


def number(
    default: float | None,
    unit: str = "",
    *,
    low: float = 0.0,
    high: float = math.inf,
    none: str = "",
    leading: bool = False,
) -> Any:
    """A number, with a unit behind it or without.

    Args:
        default: Its value unless another is given.
        unit: Its own, such as `"Ω"`.
        low: The least that it may be.
        high: The most.
        none: What None means; empty where it must be a number.
        leading: It may be given without its name.
    """

    def read(value: Any) -> float | None:
        if value is None and none:
            return None
        value = quantity(value, unit)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{value!r} is no number" + (f" of {unit}" if unit else ""))
        if not low <= value <= high:
            span = f"from {low:g} to {high:g}" if high < math.inf else f"of {low:g} or more"
            raise ValueError(f"{value:g} is out of range: write a number {span}")
        return float(value)

    takes = "a number" + (f" ({unit})" if unit else "") + (f"; nothing: {none}" if none else "")
    return setting(read, takes, leading=leading, default=default)


def whole(default: int) -> Any:
    """A whole number of 0 or more."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"{value!r} is no whole number of 0 or more")
        return value

    return setting(read, "a whole number", default=default)


def flag(default: bool) -> Any:
    """Yes or no."""

    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value

    return setting(read, "true or false", default=default)


def choice(default: str | None, *words: str | None) -> Any:
    """One of these words."""

    def read(value: Any) -> str | None:
        if value not in words:
            raise ValueError(f"{value!r} is none of {', '.join(map(str, words))}")
        return value  # type: ignore[no-any-return]

    return setting(read, ", ".join("nothing" if word is None else word for word in words), default=default)


def supply(default: str, *more: str, none: str = "") -> Any:
    """Which supply a part runs on; `none` is what None means, where it may be that."""
    there = (SUPPLY, FIVE_VOLTS, *more)

    def read(value: Any) -> str | None:
        if value in more or (value is None and none):
            return value  # type: ignore[no-any-return]
        rail = SPELLINGS.get(str(value).upper().replace(" ", ""))
        if rail not in there:
            raise ValueError(f"{value!r} is no supply: write {' or '.join(there)}")
        return rail

    return setting(read, ", ".join(there) + (f"; nothing: {none}" if none else ""), default=default)


def text(default: str = "") -> Any:
    """Words for people."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no text")
        return value

    return setting(read, "text", leading=not default, **({"default": default} if default else {}))


def sequence(read: Read, takes: str, **default: Any) -> Any:
    """Several of a kind, as a tuple."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise ValueError(f"{value!r} is no list")
        return tuple(read(one) for one in value)

    return setting(read_all, f"a list of {takes}", **default)


def mapping(key: Read, read: Read, takes: str, *, leading: bool = False, **default: Any) -> Any:
    """Values by name."""

    def read_all(value: Any) -> dict[Any, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r} is no mapping: write {takes}")
        return {key(name): read(one) for name, one in value.items()}

    return setting(read_all, takes, leading=leading, **default)


def opposite(rail: str) -> str:
    """The other end of a pull: 3V3 for ground, ground for a supply."""
    return SUPPLY if rail == GROUND else GROUND


def _or_none(read: Read) -> Read:
    return lambda value: None if value is None else read(value)
