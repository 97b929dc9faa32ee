"""What can be said of what a program gave back: a number, a list of numbers, a word."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

from labkit.checking.judging import Verdict

__all__ = ["gives_back"]


def gives_back(value: Any, wanted: Any, *, tolerance: float = 0.0, what: str = "your function") -> Verdict:
    """The program's value is the wanted one: `gives_back(seen.returned, 3.3, tolerance=0.01)`.

    Args:
        value: A number, a sequence of numbers, or anything that can be compared.
        wanted: The same.
        tolerance: How far each number may be off.
        what: What the sentence calls it.
    """
    if value is None and wanted is not None:
        return Verdict(False, f"{what} gave nothing back: end it with `return` and the value")
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        given = _listed(value)
        if given is None or len(given) != len(wanted):
            return Verdict(False, f"{what} gave back {_short(value)}, not {len(wanted)} values")
        pairs = zip(given, wanted, strict=True)
        wrong = [number for number, (one, other) in enumerate(pairs) if not _same(one, other, tolerance)]
        if wrong:
            place = wrong[0]
            said = f"value {place + 1} of {what} is {_short(given[place])}, not {_short(wanted[place])}"
            return Verdict(False, said)
    elif not _same(value, wanted, tolerance):
        return Verdict(False, f"{what} gave back {_short(value)}, not {_short(wanted)}")
    return Verdict(True, f"{what} gave back {_short(value)}")


def _listed(value: Any) -> list[Any] | None:
    try:
        return list(value)
    except TypeError:
        return None


def _same(value: Any, wanted: Any, tolerance: float) -> bool:
    if _is_number(wanted):
        try:
            return abs(float(value) - float(wanted)) <= tolerance
        except (TypeError, ValueError):
            return False
    return bool(value == wanted)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real)


def _short(value: Any) -> str:
    if _is_number(value):
        return f"{float(value):.0f}" if 1e4 <= abs(float(value)) < 1e9 else f"{float(value):.4g}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(each) for each in value[:6]) + (", …]" if len(value) > 6 else "]")
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"
