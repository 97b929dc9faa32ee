"""What every panel has: a title, a lamp, the device's state, and the code it stands for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import singledispatch
from html import escape
from typing import Any, ClassVar

import ipywidgets as widgets
from gpiozero import Device

from labkit.bench import Bench
from labkit.comms import serve_while_busy
from labkit.errors import NoSuchPin, RealPins
from labkit.panels.asides import aside
from labkit.panels.controls import CodeLine, button, inside
from labkit.panels.drawing import COLOURS, lamp, text
from labkit.panels.hand import ByHand
from labkit.panels.heading import heading
from labkit.panels.presence import accompany
from labkit.pieces import pins_of
from labkit.rounds import join_round, leave_round
from labkit.shown import Shown
from labkit.still import plain
from labkit.stopview import stop_view
from labkit.words import sentence

__all__ = ["Panel", "forget_closed", "make_panel", "panel"]


class Panel(Shown, widgets.VBox):  # type: ignore[misc]
    """A device's live state, whoever changes it: code, a callback, another view or the pin.

    This one shows any device's value; families add their controls. A panel is one model with as many views as
    cells that show it. `refresh` runs on the bench's view thread.

    Attributes:
        period: Seconds between two looks at what no pin tells, while somebody sees it; None where pins tell all.
        reads: The code that reads what is shown, from the dot on; shown until a control has been used.
    """

    period: ClassVar[float | None] = None
    reads: str = ".value"

    def __init__(self, bench: Bench, device: Any) -> None:
        self.bench = bench
        self.device = device
        self._pins = pins_of(device)
        self._name = bench.name_of(device)
        self._whole: tuple[Panel, str] | None = None
        self._refreshing: int | None = None
        self._is_unreadable = False
        self._refresh_lock = threading.RLock()
        self._part_controls: list[Any] = []
        self._is_spoken = False
        self.lamp, self.title, self.state = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.code = CodeLine()
        self.complaint = widgets.HTML()
        self.troubles = widgets.HTML()
        self.aside = widgets.HTML()
        self.seen = button("Seen", "Take away what the callbacks printed and raised; the bench's log keeps it")
        self.seen.layout.min_width = "56px"
        self.on_click(self.seen, lambda: bench.background.forget(self.device))
        self.asides = widgets.HBox([self.aside, self.seen], layout=widgets.Layout(display="none"))
        self.body = widgets.HBox(self.controls())
        head = widgets.HBox([self.lamp, self.title, self.state])
        below = self.below()
        told = [self.asides, self.troubles, self.complaint]
        super().__init__([head, self.body, *below, *told, self.code, stop_view(bench, bar=False)])
        self._dress(head, below)
        self._unwatch = bench.watch(self.watched(), self.refresh)
        self.refresh()
        accompany(self)
        if self.period is not None:
            self._view_count = 0  # asks the browser to count the views
            self.observe(self._seen, "_view_count")

    def controls(self) -> list[widgets.Widget]:
        """The family's own widgets, made once."""
        return []

    def below(self) -> list[widgets.Widget]:
        """Rows under the controls: pictures, the panels of parts."""
        return []

    def watched(self) -> Iterable[str]:
        """The pins whose changes mean a look at the device."""
        return self._pins

    def show(self) -> None:
        """Put the device's newest state into the widgets; the family's part of `refresh`."""
        self.state.value = f"<code>value = {escape(repr(self.device.value))}</code>"
        self.light(bool(self.device.is_active))

    def refresh(self) -> None:
        """Show the newest state, or that the device is closed."""
        with self._refresh_lock:
            self._refreshing = threading.get_ident()
            try:
                if not self.is_closed:
                    self._show_title()
                    try:
                        self.show()
                    finally:
                        # What this look itself has set off is told as well.
                        self._show_asides()
                    for control in self._part_controls:
                        control.show()
                    if self._is_unreadable:
                        self._is_unreadable = False
                        self.complain("")
            except Exception as error:  # noqa: BLE001 - one device's error must not end the other views' refresh
                if not self.device.closed:
                    self._is_unreadable = True
                    self.complain(f"It can't be read: {sentence(error)}")
            finally:
                if self.is_closed:
                    self._show_closed()
                self._refreshing = None

    @property
    def is_closed(self) -> bool:
        """Nothing is to be had from the device any more."""
        return bool(self.device.closed or self.bench.closed)

    def discard(self) -> None:
        """Close it, although its device is open."""
        self._unwatch()
        self.end()

    @property
    def _has_variable(self) -> bool:
        # A device without pins and without a variable is called by its class.
        return self._name.isidentifier() and self._name != type(self.device).__name__

    @property
    def expression(self) -> str:
        """What code calls the device: its variable, its place in a board, or else its class."""
        if self._has_variable:
            return self._name
        if self._whole is not None:
            whole, place = self._whole
            return whole.expression + place
        return type(self.device).__name__.lower()

    def belongs_to(self, whole: Panel, place: str) -> None:
        """The device is a piece of another's, under that name: `.red` or `[0]`."""
        self._whole = whole, place
        self.refresh()

    def attempt(self, act: Callable[[], None]) -> None:
        """Do what a person asked for, while the device is open; a refusal is shown, in the device's words."""
        if self.is_closed:
            return
        try:
            # What it prints, in a user's own subclass, would otherwise be lost: no cell is there to show it.
            with self.bench.safety.heartbeat.acting(self.device), self.bench.background.acting(self.device):
                act()
        except Exception as error:  # noqa: BLE001 - whoever clicked sees it, and nobody else would
            self.refresh()
            self.complain(sentence(error))
        else:
            with self._refresh_lock:
                # A look that the act set off may have found that the device can't be read.
                if not self._is_unreadable:
                    self.complain("")

    def on_user(self, widget: ByHand, act: Callable[[Any], None], trait: str = "value") -> None:
        """Call act with a widget's new value when a person changed it, not when `refresh` did."""

        def changed(change: Any) -> None:
            if threading.get_ident() != self._refreshing:
                widget.after(lambda: self.attempt(lambda: act(change.new)))

        widget.showing = self._refresh_lock
        widget.observe(changed, trait)  # type: ignore[attr-defined]

    def on_click(self, button: widgets.Button, act: Callable[[], None]) -> None:
        """Call act when a person clicks, while the device is open."""
        button.on_click(lambda _: self.attempt(act))

    def still(self) -> str:
        """What it is and how it stands; and the line of code that did it."""
        code = plain(self.code.value)
        return f"{plain(self.title.value)}: {plain(self.state.value)}" + (f"<br><code>{code}</code>" if code else "")

    def part(self, where: Any) -> Any:
        """The simulated component there; None on real pins, and where nothing is wired."""
        try:
            return self.bench.part(where)
        except (RealPins, NoSuchPin):
            return None

    def light(self, brightness: float, colour: str = COLOURS["green"]) -> None:
        """Show the lamp that bright, 0.0 to 1.0."""
        self.lamp.value = lamp(brightness, colour)

    def tell(self, said: str, title: str = "") -> None:
        """Show the state in words."""
        self.state.value = text(said, title)

    def complain(self, sentence: str) -> None:
        """Show what was refused and why; nothing takes it away again."""
        shown = f'<span role="alert" class="labkit-complaint">{escape(sentence)}</span>'
        self.complaint.value = shown if sentence else ""

    def say(self, code: str) -> None:
        """Show the line of code that does the same, given from the dot on."""
        self.show_code(self.expression + code)

    def show_code(self, line: str) -> None:
        """Show a whole line of code, which one click copies."""
        self._is_spoken = True
        self.code.value = line

    def _dress(self, head: widgets.Widget, below: list[widgets.Widget]) -> None:
        self.add_class("labkit-panel")
        for widget, name in ((head, "head"), (self.title, "heading"), (self.state, "state"), (self.body, "body")):
            widget.add_class(f"labkit-{name}")
        for widget in below:
            widget.add_class("labkit-below")
        serve_while_busy(self)

    def _seen(self, change: Any) -> None:
        if change.new and not self.is_closed:
            join_round(self.period or 1.0, self.look)
        else:
            leave_round(self.period or 1.0, self.look)

    def look(self) -> None:
        """Look at what no pin tells; runs on the thread of the panel's round."""
        self.refresh()

    def _show_title(self) -> None:
        # A variable may be bound after the panel was made: `red = LED(17)` in its own cell.
        self._name = self.bench.name_of(self.device)
        is_reachable = self._has_variable or self._whole is not None
        self.title.value = heading(self.device, self._pins, self.expression if is_reachable else "", self.bench.board)
        if not self._is_spoken and self.reads:
            self.code.value = self.expression + self.reads

    def _show_asides(self) -> None:
        """What the device's callbacks printed and raised: there is no cell that it would belong to."""
        background = self.bench.background
        self.aside.value = aside(background.printed(self.device), background.failed(self.device))
        self.asides.layout.display = "" if self.aside.value else "none"
        told = "".join(f"<div>⚠ {escape(trouble)}</div>" for trouble in self.bench.parts.troubles(self._pins))
        self.troubles.value = told and f'<div role="status" class="labkit-troubles">{told}</div>'

    def _show_closed(self) -> None:
        self.state.value = "<i>closed: run its cell again for a new one</i>"
        self.light(0)
        self.add_class("labkit-panel-closed")
        for control in inside(self.body, *self.children[2:]):
            if hasattr(control, "disabled"):
                control.disabled = True
        self._unwatch()
        if self.period is not None:
            leave_round(self.period or 1.0, self.look)
        _panels.pop(self.device, None)
        self.close_if_unseen()


# A panel keeps its device alive, as a variable does, until the device is closed.
_panels: dict[Any, Panel] = {}


def panel(bench: Bench, device: Any) -> Panel:
    """The device's panel; asking again gives the same one.

    Raises:
        TypeError: Not a gpiozero device.
    """
    if not isinstance(device, Device):
        raise TypeError(f"{device!r} is no gpiozero device, so it has no panel. Pass an LED, a Button, …")
    if device in _panels:
        return _panels[device]
    forget_closed()
    made = make_panel(device, bench)
    if made.is_closed:
        return made
    kept = _panels.setdefault(device, made)
    if kept is not made:
        # The column on the view thread, or a cell, was quicker.
        made.discard()
    return kept


def forget_closed() -> None:
    """Let go of panels whose devices were closed where no pin told of it."""
    for made in [made for made in list(_panels.values()) if made.is_closed]:
        made.refresh()


@singledispatch
def make_panel(device: Any, bench: Bench) -> Panel:
    """A new panel, by the device's class; families register theirs here."""
    return Panel(bench, device)
