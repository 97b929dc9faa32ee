"""Installed modules that were looked through once: of their hundred thousand names few are worth another look."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from labkit.sim.time.callers import Kind, kind_of

__all__ = ["Known", "is_installed"]


class Known:
    """The names of installed modules in which something was found, each module's for as long as it has as many names.

    Only of libraries: a program binds its names anew at any time, an installed module when it is imported. Not of
    gpiozero: what works for the program is looked through each time, and has locks of its classes replaced in a trial.
    """

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[ModuleType, tuple[int, tuple[str, ...]]] = WeakKeyDictionary()

    def names(self, module: Any) -> tuple[str, ...] | None:
        """Those to look at; None for all."""
        if type(module) is not ModuleType:
            return None
        size, names = self._found.get(module, (0, ()))
        return names if size == len(vars(module)) else None

    def remember(self, module: Any, names: Iterable[str]) -> None:
        """What there was among all of a module's names; kept only where the module is one of a library's."""
        if type(module) is ModuleType and is_installed(module) and kind_of(module.__name__) is not Kind.LIBRARY:
            self._found[module] = len(vars(module)), tuple(names)


def is_installed(module: Any) -> bool:
    """Whether it lies where pip puts libraries."""
    return "-packages" in (getattr(module, "__file__", None) or "")
