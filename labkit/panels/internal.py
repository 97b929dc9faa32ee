"""Panels of the computer's own state: temperature, load, disk, reachable hosts, time of day."""

from __future__ import annotations

import ipywidgets as widgets
from gpiozero import CPUTemperature, DiskUsage, InternalDevice, LoadAverage, PingServer, PolledInternalDevice, TimeOfDay

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import number
from labkit.panels.drawing import gauge, text
from labkit.panels.parts import part_controls

__all__ = ["DiskPanel", "InternalPanel", "LoadPanel", "PingPanel", "TemperaturePanel", "TimePanel"]


class InternalPanel(Panel):
    """What a device without pins reads: looked at once a second, and only while it is seen."""

    period = 1.0
    reads = ""
    quantities: tuple[str, ...] = ()
    """Of the simulated host."""

    def controls(self) -> list[widgets.Widget]:
        self.meter = widgets.HTML()
        self.threshold = number("active above", step=1)
        self.on_user(self.threshold, self._set_threshold)
        limit = [self.threshold] if hasattr(self.device, "threshold") else []
        return [self.meter, *limit, *part_controls(self, self.part("host"), *self.quantities)]

    def show(self) -> None:
        self.tell("has no reading of its own: its subclasses do", "an internal device")

    def show_reading(self, value: float, low: float, high: float, unit: str, said: str) -> None:
        """A number on a gauge, and whether it makes the device active."""
        threshold = getattr(self.device, "threshold", None)
        self.meter.value = gauge(value, low, high, unit, threshold)
        if threshold is not None:
            self.threshold.value = threshold
        self.light(bool(self.device.is_active))
        self.tell(said)

    def _set_threshold(self, value: float) -> None:
        self.device.threshold = value
        self.say(f".threshold = {value:g}")
        self.refresh()


class TemperaturePanel(InternalPanel):
    """The processor's temperature."""

    reads = ".temperature"
    quantities = ("cpu_temperature",)

    def show(self) -> None:
        celsius = self.device.temperature
        self.show_reading(celsius, self.device.min_temp, self.device.max_temp, "°C", f"{celsius:.1f} °C")


class LoadPanel(InternalPanel):
    """How many programs want the processor, on average."""

    reads = ".load_average"
    quantities = ("load",)

    def show(self) -> None:
        load = self.device.load_average
        low, high = self.device.min_load_average, self.device.max_load_average
        self.show_reading(load, low, high, "", f"load {load:.2f}")


class DiskPanel(InternalPanel):
    """How full a filesystem is."""

    reads = ".usage"
    quantities = ("disk_used",)

    def show(self) -> None:
        used = self.device.usage
        self.show_reading(used, 0, 100, "%", f"{used:.1f} % of {self.device.filesystem} used")


class PingPanel(InternalPanel):
    """Whether a host answers: asked only while the panel is seen, as asking takes its time."""

    period = 10.0
    reads = ".value"

    def controls(self) -> list[widgets.Widget]:
        self._answers: bool | None = None
        return super().controls()

    def look(self) -> None:
        if not self.is_closed:
            self._answers = bool(self.device.value)
        super().look()

    def show(self) -> None:
        answer = {None: "not asked yet", True: "answers", False: "does not answer"}[self._answers]
        self.light(bool(self._answers))
        self.tell(f"{self.device.host} {answer}", "asked every ten seconds while this is seen")


class TimePanel(InternalPanel):
    """Whether it is between two times of day."""

    reads = ".is_active"

    def show(self) -> None:
        active = bool(self.device.is_active)
        self.light(active)
        self.tell("now" if active else "not now")
        zone = "UTC" if self.device.utc else "local time"
        self.meter.value = text(f"active from {self.device.start_time} to {self.device.end_time} {zone}")


@make_panel.register(InternalDevice)
@make_panel.register(PolledInternalDevice)
def _(device: InternalDevice, bench: Bench) -> Panel:
    return InternalPanel(bench, device)


@make_panel.register
def _(device: CPUTemperature, bench: Bench) -> Panel:
    return TemperaturePanel(bench, device)


@make_panel.register
def _(device: LoadAverage, bench: Bench) -> Panel:
    return LoadPanel(bench, device)


@make_panel.register
def _(device: DiskUsage, bench: Bench) -> Panel:
    return DiskPanel(bench, device)


@make_panel.register
def _(device: PingServer, bench: Bench) -> Panel:
    return PingPanel(bench, device)


@make_panel.register
def _(device: TimeOfDay, bench: Bench) -> Panel:
    return TimePanel(bench, device)
