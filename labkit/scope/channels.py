"""What of a device can be drawn: the levels of its pins, or the quantity that it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gpiozero as gz

from labkit.bench import Bench
from labkit.pieces import pins_of
from labkit.sampling import Source, sources_of

__all__ = ["Channel", "channels_of", "drawable"]

# Class -> attribute, unit, and between what it can lie: the maximum by an attribute, or a number.
QUANTITIES: dict[Any, tuple[str, str, str | float]] = {
    gz.AnalogInputDevice: ("voltage", "V", "max_voltage"),
    gz.DistanceSensor: ("distance", "m", "max_distance"),
    gz.LightSensor: ("value", "", 1.0),
    gz.CPUTemperature: ("temperature", "°C", 100.0),
    gz.LoadAverage: ("load_average", "", 1.0),
    gz.DiskUsage: ("usage", "%", 100.0),
}


@dataclass(frozen=True)
class Channel:
    """One lane of a scope.

    Attributes:
        name: What the user calls it.
        key: What its track is kept under: a pin, or a quantity of a device at a rate.
        device: Whose it is.
        pin: Of a digital one, the pin's name; None for what is sampled.
        source: Of a sampled one, how it is read.
        unit: Of a sampled one.
        span: Between what values it can lie, as far as that is known.
        rate: At which a sampled one is read, in hertz.
    """

    name: str
    key: str
    device: Any
    pin: str | None = None
    source: Source | None = None
    unit: str = ""
    span: tuple[float, float] | None = None
    rate: float = 0.0

    @property
    def is_digital(self) -> bool:
        return self.pin is not None


def channels_of(bench: Bench, device: Any, rate: float) -> list[Channel]:
    """The channels of one device.

    Raises:
        ValueError: It is closed.
        TypeError: It has neither pins nor a value that is a number.
    """
    name = bench.name_of(device)
    if getattr(device, "closed", False):
        raise ValueError(f"{name} is closed, so there is nothing to plot. Run its cell again.")
    for kind, quantity in QUANTITIES.items():
        if isinstance(device, kind):
            return [_measured(name, device, rate, *quantity)]
    pins = sorted(pins_of(device), key=lambda pin: (len(pin), pin))
    if pins:
        return [Channel(name if len(pins) == 1 else f"{name} {pin}", pin, device, pin) for pin in pins]
    source = sources_of(name, device)
    return [
        Channel(channel, _key(device, channel, rate), device, source=_piece(source, number), rate=rate)
        for number, channel in enumerate(source.channels)
    ]


def drawable(bench: Bench) -> dict[str, Any]:
    """The bench's devices that could be drawn, by name."""
    return {bench.name_of(device): device for device in bench.devices}


def _measured(name: str, device: Any, rate: float, attribute: str, unit: str, most: str | float) -> Channel:
    top = float(getattr(device, most) if isinstance(most, str) else most)
    # A differential converter goes below nought as well.
    low = -top if getattr(device, "differential", False) else 0.0
    source = Source((name,), lambda: getattr(device, attribute), _closed(device))
    return Channel(name, _key(device, attribute, rate), device, source=source, unit=unit, span=(low, top), rate=rate)


def _piece(source: Source, number: int) -> Source:
    def read() -> Any:
        value = source.read()
        return value[number] if isinstance(value, tuple) else value

    return Source((source.channels[number],), read, source.is_closed)


def _closed(device: Any) -> Callable[[], bool]:
    return lambda: bool(getattr(device, "closed", False))


def _key(device: Any, what: str, rate: float) -> str:
    return f"{id(device)} {what} {rate:g}"
