"""What every panel has: a title, a lamp, the device's state, and the code it stands for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import singledispatch
from html import escape
from typing import Any

import ipywidgets as widgets
from gpiozero import Device

from labkit.bench import Bench, pins_of

__all__ = ["Panel", "make_panel", "panel", "show_devices_as_panels"]


class Panel(widgets.VBox):  # type: ignore[misc]
    """A device's live state, whoever changes it: code, a callback, another view or the pin.

    This one shows any device's value; families add their controls. A panel is one model with as
    many views as cells that show it. `refresh` runs on the bench's view thread.
    """

    def __init__(self, bench: Bench, device: Any) -> None:
        self.bench = bench
        self.device = device
        self._pins = pins_of(device)
        self._name = bench.name_of(device)
        self._refreshing: int | None = None
        self._refresh_lock = threading.Lock()
        self.lamp = widgets.HTML(layout=widgets.Layout(width="26px"))
        self.title = widgets.HTML()
        self.state = widgets.HTML()
        self.code = widgets.HTML()
        self.body = widgets.HBox(self.controls(), layout=widgets.Layout(align_items="center", flex_flow="row wrap"))
        head = widgets.HBox([self.lamp, self.title, self.state], layout=widgets.Layout(align_items="center"))
        super().__init__([head, self.body, self.code])
        self.add_class("labkit-panel")
        self.layout.border = "1px solid var(--jp-border-color2)"
        self.layout.padding = "6px 10px"
        self.layout.margin = "2px 0"
        self.layout.max_width = "620px"
        self._unwatch = bench.watch(self._pins, self.refresh)
        self.refresh()

    def controls(self) -> list[widgets.Widget]:
        """The family's own widgets, made once."""
        return []

    def show(self) -> None:
        """Put the device's newest state into the widgets; the family's part of `refresh`."""
        self.state.value = f"<code>value = {escape(repr(self.device.value))}</code>"
        self.light(bool(self.device.is_active))

    def refresh(self) -> None:
        """Show the newest state, or that the device is closed."""
        with self._refresh_lock:
            self._refreshing = threading.get_ident()
            try:
                if self.device.closed:
                    self._show_closed()
                else:
                    self._show_title()
                    self.show()
            finally:
                self._refreshing = None

    def on_user(self, widget: widgets.Widget, act: Callable[[Any], None], trait: str = "value") -> None:
        """Call act with a widget's new value when a person changed it, not when `refresh` did."""

        def changed(change: Any) -> None:
            if threading.get_ident() != self._refreshing and not self.device.closed:
                act(change.new)

        widget.observe(changed, trait)

    def on_click(self, button: widgets.Button, act: Callable[[], None]) -> None:
        """Call act when a person clicks, while the device is open."""
        button.on_click(lambda _: None if self.device.closed else act())

    def light(self, brightness: float, colour: str = "#22c55e") -> None:
        """Show the lamp that bright, 0.0 to 1.0."""
        level = max(0.0, min(1.0, float(brightness)))
        glow = f"box-shadow:0 0 {8 * level:.0f}px {colour};" if level else ""
        self.lamp.value = (
            f'<div role="img" aria-label="{"on" if level else "off"}" data-level="{level:g}" class="labkit-lamp" '
            f'style="width:14px;height:14px;border-radius:50%;border:1px solid var(--jp-border-color1);{glow}'
            f'background:color-mix(in srgb, {colour} {100 * level:.0f}%, var(--jp-layout-color2))"></div>'
        )

    def say(self, code: str) -> None:
        """Show the line of code that does the same, given from the dot on."""
        variable = self._name if self._name.isidentifier() else type(self.device).__name__.lower()
        self.show_code(variable + code)

    def show_code(self, line: str) -> None:
        """Show a whole line of code."""
        colour = "var(--jp-ui-font-color2)"
        self.code.value = f'<code class="labkit-code" style="color:{colour}">{escape(line)}</code>'

    def _show_title(self) -> None:
        # A variable may be bound after the panel was made: `red = LED(17)` in its own cell.
        self._name = self.bench.name_of(self.device)
        pins = ", ".join(sorted(self._pins, key=lambda pin: (len(pin), pin)))
        kind = type(self.device).__name__
        shown = f"<b>{escape(kind)}</b>"
        if self._name.isidentifier():
            shown = f"<b>{escape(self._name)}</b> · {escape(kind)}"
        simulated = " · simulated" if self.bench.board.simulated else ""
        self.title.value = f"{shown} · {escape(pins)}{simulated}&emsp;"

    def _show_closed(self) -> None:
        self.state.value = "<i>closed: run its cell again for a new one</i>"
        self.light(0)
        for control in self.body.children:
            if hasattr(control, "disabled"):
                control.disabled = True
        self._unwatch()
        _panels.pop(self.device, None)


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
    made = make_panel(device, bench)
    if not device.closed:
        _panels[device] = made
    return made


@singledispatch
def make_panel(device: Any, bench: Bench) -> Panel:
    """A new panel, by the device's class; families register theirs here."""
    return Panel(bench, device)


def show_devices_as_panels(shell: Any, panel_of: Callable[[Any], Any]) -> None:
    """Let a device as a cell's last line show its panel in this IPython."""

    def bundle(device: Any, **kwargs: Any) -> Any:
        return panel_of(device)._repr_mimebundle_(**kwargs)

    shell.display_formatter.mimebundle_formatter.for_type(Device, bundle)
