"""Panels of what sits on an SPI bus: converters with a value, a voltage, a gauge and a short history."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from html import escape
from typing import Any

import ipywidgets as widgets
from gpiozero import AnalogInputDevice, SPIDevice

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.drawing import COLOURS, gauge, history
from labkit.panels.parts import part_controls

__all__ = ["AnalogPanel", "SPIPanel"]

READINGS = 80


class SPIPanel(Panel):
    """The bus and its settings; what is sent over it is the program's own affair."""

    period = 1.0
    reads = ""

    def watched(self) -> Iterable[str]:
        return ()  # every transfer moves the bus's pins

    def show(self) -> None:
        bus = self.device._spi
        self.light(1, COLOURS["blue"])
        self.tell(f"mode {bus.clock_mode} · {bus.bits_per_word} bits a word · {bus.rate / 1000:g} kHz", repr(bus))


class AnalogPanel(SPIPanel):
    """Value, voltage and raw value of a channel, and how they went."""

    period = 0.2

    def controls(self) -> list[widgets.Widget]:
        if hasattr(self.device, "channel"):
            self.reads = ".voltage"
        self.readings: deque[float] = deque(maxlen=READINGS)
        self.meter = widgets.HTML()
        self.trend = widgets.HTML()
        source = self._source()
        quantities = () if source is None else source.settable
        return [self.meter, self.trend, *part_controls(self, source, *quantities)]

    def show(self) -> None:
        if not hasattr(self.device, "channel"):
            super().show()
            self.tell(f"{self.device.bits} bits · {self.device.max_voltage:g} V at most · a subclass reads it")
            return
        value = float(self.device.value)
        self.readings.append(value)
        lowest = -1.0 if self.device.differential else 0.0
        self.light(abs(value), COLOURS["blue"])
        self.state.value = (
            f"<span>channel {self.device.channel} · {value:.3f} · <b>{value * self.device.max_voltage:.3f} V</b>"
            f" of {self.device.max_voltage:g} V · {escape(str(self.device.bits))} bits</span>"
        )
        self.meter.value = gauge(value, lowest, 1)
        self.trend.value = history(self.readings, lowest, 1)

    def _source(self) -> Any:
        """What is connected to the channel of the simulated converter on the device's bus."""
        if self.device.closed or not hasattr(self.device, "channel"):
            return None
        mine = [each.pin for each in self.bench.holders() if each.reserver() is self.device._spi]
        for part in (self.part(pin) for pin in mine):
            source = getattr(part, "channels", {}).get(self.device.channel)
            if hasattr(source, "settable"):
                return source
        return None


@make_panel.register
def _(device: SPIDevice, bench: Bench) -> Panel:
    return SPIPanel(bench, device)


@make_panel.register
def _(device: AnalogInputDevice, bench: Bench) -> Panel:
    return AnalogPanel(bench, device)
