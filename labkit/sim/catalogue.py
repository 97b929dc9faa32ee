"""The kinds of parts that a scenario file can name: every public part class under `labkit.sim.parts`."""

from __future__ import annotations

import difflib
import inspect
import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from labkit.sim import parts
from labkit.sim.part import Part
from labkit.sim.quantities import quantity

__all__ = ["kinds", "make_part", "nearest", "of_default_name", "parameters_of"]

NUMBERS = ("int", "float", "int | None", "float | None")  # as the parts' own annotations spell them


@cache
def kinds() -> dict[str, type[Part]]:
    """Part classes by their names, `"PushButton"`, in alphabetical order."""
    found: dict[str, type[Part]] = {}
    for module in pkgutil.iter_modules(parts.__path__):
        loaded = import_module(f"{parts.__name__}.{module.name}")
        for name in loaded.__all__:
            member = getattr(loaded, name)
            if isinstance(member, type) and issubclass(member, Part):
                found[name] = member
    return dict(sorted(found.items()))


def of_default_name(name: str) -> list[type[Part]]:
    """The classes whose parts get such a name by default: `HcSr04` for `"distance24"`."""
    stem = name.rstrip("0123456789")
    return [kind for kind in kinds().values() if kind.kind == stem]


def parameters_of(kind: type[Part]) -> dict[str, inspect.Parameter]:
    """What a class's constructor takes, without the name."""
    parameters = dict(inspect.signature(kind).parameters)
    parameters.pop("name", None)
    return parameters


def make_part(kind: str, name: str | None, parameters: dict[str, Any]) -> Part:
    """A part that is not wired yet.

    Raises:
        ValueError: No such kind, or its constructor does not take these parameters; the message says what it takes.
    """
    if kind not in kinds():
        raise ValueError(f"there is no kind of part {kind!r}{nearest(kind, kinds())}; there are {', '.join(kinds())}")
    takes = parameters_of(kinds()[kind])
    for parameter in parameters:
        if parameter not in takes:
            raise ValueError(f"{kind} has no {parameter!r}{nearest(parameter, takes)}; it has {', '.join(takes)}")
    missing = [name for name, one in takes.items() if one.default is one.empty and name not in parameters]
    if missing:
        raise ValueError(f"{kind} needs {' and '.join(missing)}")
    return kinds()[kind](**{key: _in_unit(kinds()[kind], key, value) for key, value in parameters.items()}, name=name)


def _in_unit(kind: type[Part], name: str, value: Any) -> Any:
    """A parameter that is also a quantity may have a unit behind it, another number may not."""
    if name in kind.settable:
        return quantity(value, kind.settable[name])
    if isinstance(value, str) and parameters_of(kind)[name].annotation in NUMBERS:
        raise ValueError(f"{name}: {value!r} is no number")
    return value


def nearest(word: str, known: Iterable[Any]) -> str:
    """ ", did you mean …?" where something known is spelled almost like it, else nothing."""
    close = difflib.get_close_matches(word, [str(one) for one in known], n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
