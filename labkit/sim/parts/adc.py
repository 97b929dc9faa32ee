"""Microchip's MCP3xxx analog-to-digital converters: all eleven that gpiozero knows."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from labkit.errors import LabError
from labkit.sim.net import VDD, Net
from labkit.sim.part import Part
from labkit.sim.parts.analog import AnalogPart

__all__ = ["MODELS", "Mcp3xxx", "Source"]

Source = AnalogPart | float | Callable[[], float]
"""What a channel measures: a part, a fixed voltage, or a function that tells the voltage."""

OUTPUT_OHMS = 200.0
Z = None  # high impedance: the converter drives nothing


@dataclass(frozen=True, slots=True)
class Model:
    """What a datasheet says about one converter.

    Attributes:
        channels: Inputs.
        bits: Of the result, without a sign.
        command: Bits after the start bit: 0 for none at all, 3 for SGL ODD MSBF, 4 for SGL D2 D1 D0.
        signed: Differential results have a sign.
    """

    channels: int
    bits: int
    command: Literal[0, 3, 4]
    signed: bool = False


MODELS = {
    "MCP3001": Model(2, 10, 0),
    "MCP3002": Model(2, 10, 3),
    "MCP3004": Model(4, 10, 4),
    "MCP3008": Model(8, 10, 4),
    "MCP3201": Model(2, 12, 0),
    "MCP3202": Model(2, 12, 3),
    "MCP3204": Model(4, 12, 4),
    "MCP3208": Model(8, 12, 4),
    "MCP3301": Model(2, 12, 0, signed=True),
    "MCP3302": Model(4, 12, 4, signed=True),
    "MCP3304": Model(8, 12, 4, signed=True),
}


class Mcp3xxx(Part):
    """A converter on an SPI bus; it takes part bit by bit, so that any driver of any kind may talk to it.

    Model: Microchip datasheets DS21295, DS21298, DS21700 and their kin: input is taken at the clock's rising
    edge, output changes at its falling edge; code = floor(2^n V / Vref), held to the range; 13-bit two's
    complement where the result is signed. After the least significant bit the result follows once more in
    the opposite order, then zeros. Noise is Gaussian, in steps of the result (the datasheets' typical
    figure is about one).

    Channels 0 and 1 of the single-input types are IN+ and IN-.
    """

    kind = "adc"
    settable = {"noise": "LSB", "reference": "V"}

    def __init__(
        self,
        model: str = "MCP3008",
        *,
        clock: int = 11,
        mosi: int | None = 10,
        miso: int | None = 9,
        select: int = 8,
        reference: float = VDD,
        noise: float = 0.0,
        channels: Mapping[int, Source] | None = None,
        name: str | None = None,
    ) -> None:
        if model not in MODELS:
            raise LabError(f"no converter {model!r}; there are {', '.join(MODELS)}")
        pins = {"select": select, "clock": clock, "mosi": mosi, "miso": miso}
        super().__init__({leg: gpio for leg, gpio in pins.items() if gpio is not None}, name=name)
        self.model = model
        self.reference = reference
        self.noise = noise
        self.channels: dict[int, Source] = dict(channels or {})
        self._traits = MODELS[model]
        self._active = False
        self._clock = 0
        self._bits: deque[int | None] = deque()
        self._out: int | None = Z
        self._command: list[int] | None = None

    def attach(self) -> None:
        self.legs["clock"].listen(self._clock_changed)
        self.legs["select"].listen(self._select_changed)

    @property
    def spi_nets(self) -> tuple[Net, Net]:
        """Where hardware SPI finds it: the nets of its clock and select lines."""
        return self.legs["clock"].net, self.legs["select"].net

    def connect(self, channel: int, source: Source) -> None:
        """Put something on an input."""
        if channel not in range(self._traits.channels):
            raise LabError(f"{self.model} has channels 0 to {self._traits.channels - 1}, no {channel}")
        self.channels[channel] = source

    def volts(self, channel: int) -> float:
        """What an input measures; 0 V where nothing is connected."""
        source = self.channels.get(channel, 0.0)
        if isinstance(source, AnalogPart):
            return source.volts
        return source() if callable(source) else float(source)

    def convert(self, channel: int, differential: bool) -> int:
        """The code for one input, or for the difference to its neighbor."""
        volts = self.volts(channel) - (self.volts(channel ^ 1) if differential else 0.0)
        steps = volts / self.reference * 2**self._traits.bits
        if self.noise:
            steps += self.random.gauss(0.0, self.noise)
        full: int = 1 << self._traits.bits
        lowest = -full if self._traits.signed and differential else 0
        code: int = max(lowest, min(full - 1, math.floor(steps + 1e-9)))
        return code

    # One bit at a time

    def selected(self, active: bool) -> None:
        """Its select line went low (active), or high again."""
        self._active, self._out, self._command = active, Z, None
        self._bits.clear()
        if active and self._traits.command == 0:
            self._answer(0, differential=True, lead=(Z, 0))
        elif active:
            self._command = []

    def exchange(self, mosi: int) -> int:
        """One clock pulse: take a bit, give the bit that stood on the output."""
        bit = self._out
        self._rise(mosi)
        self._fall()
        return bit or 0

    def _rise(self, mosi: int) -> None:
        if self._command is None:
            return
        self._command.append(mosi)
        if self._command == [0]:
            self._command.clear()  # still waiting for the start bit
        elif len(self._command) == 1 + self._traits.command:
            command, self._command = self._command, None
            self._obey(command)

    def _fall(self) -> None:
        self._out = self._bits.popleft() if self._bits else (0 if self._command is None else Z)

    def _obey(self, command: list[int]) -> None:
        _, single, *address = command
        if self._traits.command == 3:
            odd, msb_first = address
            self._answer(odd, differential=not single, lead=(0,), mirrored=not msb_first)
            return
        high, middle, low = address
        channel = (high * 4 + middle * 2 + low) % self._traits.channels
        self._answer(channel, differential=not single, lead=(Z, 0))

    def _answer(self, channel: int, *, differential: bool, lead: tuple[int | None, ...], mirrored: bool = True) -> None:
        width = self._traits.bits + self._traits.signed
        code = self.convert(channel, differential) & (2**width - 1)
        bits = [code >> place & 1 for place in reversed(range(width))]
        self._bits.extend(lead)
        self._bits.extend(bits)
        if mirrored:
            self._bits.extend(bits[-2::-1])

    # The same, by wire

    def _select_changed(self) -> None:
        active = not self.legs["select"].level
        if active != self._active:
            self._clock = self.legs["clock"].level
            self.selected(active)
            self._show()

    def _clock_changed(self) -> None:
        level = self.legs["clock"].level
        if level == self._clock or not self._active:
            return
        self._clock = level
        if level:
            self._rise(self.legs["mosi"].level if "mosi" in self.legs else 0)
        else:
            self._fall()
            self._show()

    def _show(self) -> None:
        miso = self.legs.get("miso")
        if miso is None:
            return
        if self._out is None or not self._active:
            miso.release()
        else:
            miso.drive(VDD * self._out, OUTPUT_OHMS)
