"""Panels of devices that are made of others: a lamp for each piece, all at once, and the pieces' own panels."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import (
    PWMLED,
    ButtonBoard,
    CompositeDevice,
    CompositeOutputDevice,
    LEDBarGraph,
    LEDBoard,
    LEDCollection,
    TrafficLights,
)

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel, panel
from labkit.panels.controls import Switch, button, checked_seconds, number, seconds, slider, together
from labkit.panels.strip import leaves, strip
from labkit.pieces import pieces

__all__ = ["BarGraphPanel", "BoardPanel", "ButtonBoardPanel", "CompositePanel", "LEDBoardPanel", "TrafficLightsPanel"]

# More than so many pieces have their panels made when somebody asks to see them: each is a dozen widgets.
OPEN_AT_MOST = 4


class CompositePanel(Panel):
    """A lamp for every piece, by its name, and the pieces' own panels."""

    opens = True
    """Whether a few pieces are shown unasked."""

    def below(self) -> list[widgets.Widget]:
        self.strip = widgets.HTML()
        self.pieces = dict(pieces(self.device))
        self.strip.add_class("labkit-lamps")
        self.unfold = Switch(label="Pieces", tip="The panel of each piece", unfolds=True)
        self.folder = widgets.VBox()
        self.folder.add_class("labkit-pieces")
        self._called = ""
        leaf_count = sum(1 for _ in leaves(self.device))
        self.unfold.observe(lambda change: self._fold(change.new), "value")
        self.unfold.value = self.opens and 0 < leaf_count <= OPEN_AT_MOST
        return [self.strip, self.unfold, self.folder]

    def show(self) -> None:
        shown = list(leaves(self.device))
        lit = sum(1 for _, leaf in shown if leaf.is_active)
        self.light(lit / max(1, len(shown)))
        self.tell(f"{lit} of {len(shown)} active")
        self.strip.value = strip(shown)
        if self._called != self.expression:
            # Its variable may have come only now, and its pieces are called by it.
            self._called = self.expression
            for piece in self.folder.children:
                piece.refresh()

    def _fold(self, unfolded: bool) -> None:
        if not unfolded:
            self.folder.children = ()
            return
        shown = [(place, panel(self.bench, piece)) for place, piece in self.pieces.items()]
        for place, each in shown:
            each.belongs_to(self, place)
        self.folder.children = tuple(each for _, each in shown)


class BoardPanel(CompositePanel):
    """On, off and toggle for all pieces at once."""

    def controls(self) -> list[widgets.Widget]:
        self.verbs = {
            verb: button(verb.capitalize(), f"All pieces: {verb}") for verb in ("on", "off", "toggle")
        }  # fmt: skip
        for verb, made in self.verbs.items():
            self.on_click(made, lambda verb=verb: self.call(verb))  # type: ignore[misc]
        return list(self.verbs.values())

    def call(self, verb: str) -> None:
        getattr(self.device, verb)()
        self.say(f".{verb}()")


class LEDBoardPanel(BoardPanel):
    """The same, blink and, with brightness, pulse."""

    def controls(self) -> list[widgets.Widget]:
        self.on_time, self.off_time = seconds("on"), seconds("off")
        self.blink = button("Blink", "All blink until switched", "repeat")
        self.pulse = button("Pulse", "All fade in and out until switched", "heartbeat")
        self.on_click(self.blink, lambda: self._alternate("blink", "on_time", "off_time"))
        self.on_click(self.pulse, lambda: self._alternate("pulse", "fade_in_time", "fade_out_time"))
        lights = [leaf for _, leaf in leaves(self.device)]
        fading = [self.pulse] if lights and all(isinstance(light, PWMLED) for light in lights) else []
        return [*super().controls(), self.blink, *fading, together(self.on_time, self.off_time)]

    def _alternate(self, verb: str, first: str, second: str) -> None:
        on, off = checked_seconds(on=self.on_time, off=self.off_time).values()
        getattr(self.device, verb)(**{first: on, second: off})
        self.say(f".{verb}({first}={on:g}, {second}={off:g})")


class TrafficLightsPanel(LEDBoardPanel):
    """The same, and the lights' four phases in their order."""

    PHASES = ((1, 0, 0), (1, 1, 0), (0, 0, 1), (0, 1, 0))

    def controls(self) -> list[widgets.Widget]:
        found = super().controls()
        self.next = button("Next phase", "Red, red and amber, green, amber, and again", "step-forward")
        self.on_click(self.next, self._go_on)
        lights = [] if self.device.closed else list(self.device)
        return [self.next, *found] if len(lights) == 3 else found

    def _go_on(self) -> None:
        now = tuple(int(bool(light)) for light in self.device.value)
        place = self.PHASES.index(now) if now in self.PHASES else -1
        phase = self.PHASES[(place + 1) % len(self.PHASES)]
        self.device.value = phase
        self.say(f".value = {phase}")


class BarGraphPanel(BoardPanel):
    """How far the bar reaches, from either end."""

    reads = ".lit_count"

    def controls(self) -> list[widgets.Widget]:
        self.level = slider("value", -1, 1, value=0)
        self.count = number("lit", step=1)
        self.on_user(self.level, lambda value: self._set("value", value))
        self.on_user(self.count, lambda count: self._set("lit_count", int(count)))
        return [*super().controls(), self.level, self.count]

    def show(self) -> None:
        super().show()
        value, lit = float(self.device.value), self.device.lit_count
        self.level.value, self.count.value = value, lit
        self.tell(f"{lit:g} of {len(self.device)} lit · value {value:+.2f}")

    def _set(self, attribute: str, value: float) -> None:
        if attribute == "lit_count" and abs(value) > len(self.device):
            raise ValueError(f"{value} can't be lit: the graph has {len(self.device)} LEDs")
        setattr(self.device, attribute, value)
        self.say(f".{attribute} = {value:g}")


class ButtonBoardPanel(CompositePanel):
    """Which of the buttons are pressed."""

    def show(self) -> None:
        super().show()
        pressed = [place for place, leaf in leaves(self.device) if leaf.is_active]
        self.tell("pressed: " + ", ".join(pressed) if pressed else "none is pressed")


@make_panel.register
def _(device: CompositeDevice, bench: Bench) -> Panel:
    return CompositePanel(bench, device)


@make_panel.register(CompositeOutputDevice)
@make_panel.register(LEDCollection)
def _(device: CompositeOutputDevice, bench: Bench) -> Panel:
    return BoardPanel(bench, device)


@make_panel.register
def _(device: LEDBoard, bench: Bench) -> Panel:
    return LEDBoardPanel(bench, device)


@make_panel.register
def _(device: TrafficLights, bench: Bench) -> Panel:
    return TrafficLightsPanel(bench, device)


@make_panel.register
def _(device: LEDBarGraph, bench: Bench) -> Panel:
    return BarGraphPanel(bench, device)


@make_panel.register
def _(device: ButtonBoard, bench: Bench) -> Panel:
    return ButtonBoardPanel(bench, device)
