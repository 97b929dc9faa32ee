"""Panels of displays: their segments as they are lit."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import LEDCharDisplay, LEDMultiCharDisplay

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.composites import BoardPanel
from labkit.panels.controls import entry
from labkit.panels.drawing import character

__all__ = ["CharPanel", "MultiCharPanel"]


class CharPanel(BoardPanel):
    """One character: what its segments show, and something else to show."""

    opens = False

    def controls(self) -> list[widgets.Widget]:
        self.picture = widgets.HTML()
        self.text = entry("show", "a character")
        self.on_user(self.text, self._show_text)
        return [self.picture, self.text, *super().controls()]

    def show(self) -> None:
        super().show()
        names = self.device.namedtuple._fields
        levels = {name: float(led.value) for name, led in zip(names, self.device, strict=True)}
        self.picture.value = character(levels)
        shown = self.device.value
        self.tell("no character of its font" if shown is None else f"shows {shown!r}")

    def _show_text(self, said: str) -> None:
        said = said or " "
        if said.removesuffix(".") not in self.device.font and said not in self.device.font:
            raise ValueError(f"{said!r} is not in the display's font, which has {_known(self.device.font)}")
        self.device.value = said
        self.say(f".value = {said!r}")


class MultiCharPanel(BoardPanel):
    """Several characters that take turns, drawn side by side as the eye sees them."""

    opens = False
    period = 0.25  # what it shows is set before and after the pins move

    def controls(self) -> list[widgets.Widget]:
        self.picture = widgets.HTML()
        self.text = entry("show", "text")
        self.on_user(self.text, self._show_text)
        return [self.picture, self.text]

    def show(self) -> None:
        shown = self.device.value
        self.picture.value = "".join(character(self._levels(each)) for each in shown)
        self.light(any(each.strip() for each in shown if each))
        self.tell(f"shows {''.join(each or '?' for each in shown)!r}", "the characters take turns")
        self.strip.value = ""

    def _levels(self, shown: str | None) -> dict[str, float]:
        char = self.device.char
        states = char._parse_state(shown) if shown is not None else (0,) * len(char)
        return {name: float(state) for name, state in zip(char.namedtuple._fields, states, strict=True)}

    def _show_text(self, said: str) -> None:
        font, places = self.device.char.font, len(self.device.plex)
        unknown = [each for each in said if each not in font]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not in the display's font, which has {_known(font)}")
        if len(said) > places:
            raise ValueError(f"{said!r} has {len(said)} characters, the display {places}")
        self.device.value = said
        self.say(f".value = {said!r}")
        self.refresh()


def _known(font: object) -> str:
    return " ".join(sorted(str(each) for each in font if str(each).strip()))  # type: ignore[attr-defined]


@make_panel.register
def _(device: LEDCharDisplay, bench: Bench) -> Panel:
    return CharPanel(bench, device)


@make_panel.register
def _(device: LEDMultiCharDisplay, bench: Bench) -> Panel:
    return MultiCharPanel(bench, device)
