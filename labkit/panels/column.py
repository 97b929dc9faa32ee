"""All devices' panels in one column."""

from __future__ import annotations

import threading
from typing import Any

import ipywidgets as widgets
from gpiozero import CompositeDevice, Device

from labkit.bench import Bench
from labkit.cells import variables
from labkit.logview import LogView
from labkit.panels.base import Panel, panel
from labkit.rounds import join_round, leave_round
from labkit.shown import Shown, close_parts
from labkit.stopview import stop_view

__all__ = ["Column", "panels"]

# A panel is some sixty messages, and above a thousand a second a server without labkit's extension drops them; so some
# at once, and then some twice a second.
AT_ONCE, MORE, MORE_S = 12, 8, 0.5


class Column(Shown, widgets.VBox):  # type: ignore[misc]
    """The panels of a bench's open devices, as they come and go; above them STOP, below them the log."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._shown: list[Panel] = []
        self._made: dict[int, Panel] = {}
        self._left = 0
        self._making = threading.Lock()
        self._coming = widgets.HTML()
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

    def end(self) -> None:
        """Close it, and those panels that nobody else shows."""
        self._arrange([])
        super().end()
        # Not among its children just now.
        self._coming.close()
        close_parts(self._coming)

    def refresh(self) -> None:
        """Show the devices that there are now; runs on the bench's view thread."""
        self._show()

    def _go_on(self) -> None:
        self._show(MORE)

    def _show(self, more: int | None = None) -> None:
        """Show what has a panel, and make so many more; the others come by and by."""
        with self._making:
            most = (0 if self._left else AT_ONCE) if more is None else more
            if self.bench.closed:
                self._unwatch()
                leave_round(MORE_S, self._go_on)
                self.close_if_unseen()
                return
            found = _devices(self.bench)
            missing = [device for device in found if id(device) not in self._made]
            made = self._made | {id(device): panel(self.bench, device) for device in missing[:most]}
            self._made = {id(device): made[id(device)] for device in found if id(device) in made}
            self._left = len(found) - len(self._made)
            # Left when nothing is missing, so that a column costs nothing while nothing comes.
            (join_round if self._left else leave_round)(MORE_S, self._go_on)
            self._arrange(list(self._made.values()))

    def _arrange(self, shown: list[Panel]) -> None:
        self._coming.value = f"<i>{self._left} more panels are on their way …</i>" if self._left else ""
        if shown != self._shown:
            before, self._shown = self._shown, shown
            rest = [self._coming] if self._left else []
            self.children = (self._stop, *(shown or [self._empty]), *rest, self.log_view)
            for each in shown:
                each.hold(self)
            for each in before:
                if each not in shown:
                    each.let_go(self)


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
