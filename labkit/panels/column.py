"""All devices' panels in one column."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from gpiozero import CompositeDevice, Device

from labkit.bench import Bench
from labkit.cells import variables
from labkit.logview import LogView
from labkit.panels.base import Panel, panel
from labkit.still import Still
from labkit.stopview import stop_view

__all__ = ["Column", "panels"]


class Column(Still, widgets.VBox):  # type: ignore[misc]
    """The panels of a bench's open devices, as they come and go; above them STOP, below them the log."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._shown: list[Any] = []
        self.log_view = LogView(bench, folded=True)
        self._empty = widgets.HTML("<i>No device yet: make one, and its panel comes here.</i>")
        self._stop = stop_view(bench, bar=True)
        super().__init__([self._stop, self._empty, self.log_view])
        self.add_class("labkit-panels")
        self._unwatch = bench.watch(None, self.refresh)
        self.refresh()

    def still(self) -> str:
        """Each panel's."""
        shown = [f"<li>{each.still()}</li>" for each in self.children if isinstance(each, Panel)]
        return f"<ul>{''.join(shown)}</ul>" if shown else self._empty.value

    def refresh(self) -> None:
        """Show the devices that there are now; runs on the bench's view thread."""
        if self.bench.closed:
            self._unwatch()
            return
        found = _devices(self.bench)
        if [id(device) for device in found] != [id(device) for device in self._shown]:
            self._shown = found
            shown = [panel(self.bench, device) for device in found] or [self._empty]
            self.children = (self._stop, *shown, self.log_view)


def _devices(bench: Bench) -> list[Any]:
    """Those that hold pins, and those without pins that have a variable; pieces show inside their whole."""
    named = [value for _, value in variables() if isinstance(value, Device) and not value.closed]
    named = [device for device in named if getattr(device, "pin_factory", None) is bench.factory]
    found = {id(device): device for device in (*bench.devices, *named) if isinstance(device, Device)}
    pieces = {id(piece) for device in found.values() for piece in _all_pieces(device)}
    return [device for key, device in found.items() if key not in pieces and not device.closed]


def _all_pieces(device: Any) -> list[Any]:
    pieces = list(device.all) if isinstance(device, CompositeDevice) else []
    return pieces + [inner for piece in pieces for inner in _all_pieces(piece)]


_column: Column | None = None


def panels(bench: Bench) -> Column:
    """The bench's column; asking again gives the same one, brought up to date."""
    global _column
    if _column is None or _column.bench is not bench:
        _column = Column(bench)
    else:
        _column.refresh()
    return _column
