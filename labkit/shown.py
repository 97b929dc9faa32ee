"""Which outputs show a view; one that is over and that no output shows any more is closed with all it is made of.

ipywidgets keeps every widget until somebody closes it, in the kernel and in each page: fifty for an LED's panel. A cell
that makes and shows a device would add as many each time it runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets

from labkit.bench import Bench
from labkit.cells import Cell
from labkit.still import Still
from labkit.stopview import StopView

__all__ = ["Shown", "close_parts"]

_displayed: dict[str, tuple[Cell, list[Shown]]] = {}
_lock = threading.RLock()


class Shown(Still):
    """Beside a widget's class: a view that outputs of cells hold, and larger views."""

    bench: Bench
    _holders: frozenset[object] = frozenset()
    _was_held = False

    @property
    def is_closed(self) -> bool:
        """Nothing will change in it any more."""
        return bool(self.bench.closed)

    def hold(self, holder: object) -> None:
        """Somebody shows it: the key of a cell, or the view that has it as a part. Any thread."""
        with _lock:
            self._holders |= {holder}
            self._was_held = True

    def let_go(self, holder: object) -> None:
        """That one does so no longer. Any thread."""
        with _lock:
            self._holders -= {holder}
        self.close_if_unseen()

    def close_if_unseen(self) -> None:
        """Close what will not change and nobody shows; what never was held may be part of a user's own view."""
        with _lock:
            if not self._was_held or self._holders or not self.is_closed:
                return
            self._was_held = False
        self.end()

    def end(self) -> None:
        """Close the view with all it is made of."""
        self.close()  # type: ignore[attr-defined]
        close_parts(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._enter_output()
        return super()._repr_mimebundle_(**kwargs)

    def _enter_output(self) -> None:
        """It stands in the running cell's output from now on; what stood there before does so no longer."""
        cell = self.bench.cells.current
        with _lock:
            shown_by, before = _displayed.get(cell.key, (cell, []))
            here = before if shown_by is cell else []
            if self not in here:
                here = [*here, self]
            _displayed[cell.key] = cell, here
            self.hold(cell.key)
        for view in before:
            if view not in here:
                view.let_go(cell.key)


def close_parts(widget: Any) -> None:
    """Close all widgets that one is made of, except STOP, which all views of a bench share."""
    found = {id(widget): widget}
    _collect(widget, found)
    for part in list(found.values())[1:]:
        part.close()


def _collect(widget: Any, found: dict[int, Any]) -> None:
    for name in widget.keys:
        for part in _widgets_in(getattr(widget, name)):
            if id(part) not in found and not isinstance(part, StopView):
                found[id(part)] = part
                _collect(part, found)


def _widgets_in(value: Any) -> Iterator[Any]:
    if isinstance(value, widgets.Widget):
        yield value
    elif isinstance(value, (list, tuple)):
        yield from (part for part in value if isinstance(part, widgets.Widget))
