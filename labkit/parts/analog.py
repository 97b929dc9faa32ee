"""Converters, and what one connects to their inputs: knobs, light, temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from labkit.errors import CircuitError
from labkit.parts import settings as s
from labkit.parts.base import Declared, number_of
from labkit.parts.elements import Element, Resistance, Sensed, Source, Supplied
from labkit.parts.nodes import GROUND, RAILS, SUPPLY, Pin, gpio_number
from labkit.parts.pieces import Piece, Terminal, module, ohms_text, resistor
from labkit.sim.part import Part
from labkit.sim.parts import adc, analog

__all__ = ["AnalogSensor", "LdrDivider", "Mcp3xxx", "Potentiometer", "Thermistor", "Tmp36", "VoltageSource"]

EIGHT_LEGS_SINGLE = ("VREF", "IN+", "IN-", "VSS", "CS", "DOUT", "CLK", "VDD")
EIGHT_LEGS_DOUBLE = ("CS", "CH0", "CH1", "VSS", "DIN", "DOUT", "CLK", "VDD/VREF")
FOURTEEN_LEGS = ("CH0", "CH1", "CH2", "CH3", "NC", "NC", "DGND", "CS", "DIN", "DOUT", "CLK", "AGND", "VREF", "VDD")
SIXTEEN_LEGS = (*(f"CH{n}" for n in range(8)), "DGND", "CS", "DIN", "DOUT", "CLK", "AGND", "VREF", "VDD")
LEGS = {
    "MCP3001": EIGHT_LEGS_SINGLE, "MCP3201": EIGHT_LEGS_SINGLE, "MCP3301": EIGHT_LEGS_SINGLE,
    "MCP3002": EIGHT_LEGS_DOUBLE, "MCP3202": EIGHT_LEGS_DOUBLE,
    "MCP3004": FOURTEEN_LEGS, "MCP3204": FOURTEEN_LEGS, "MCP3302": FOURTEEN_LEGS,
    "MCP3008": SIXTEEN_LEGS, "MCP3208": SIXTEEN_LEGS, "MCP3304": SIXTEEN_LEGS,
}  # fmt: skip
"""Legs 1, 2, 3, … as in the datasheets (Microchip DS21293, DS21294, DS21295, DS21290, DS21034, DS21298, …)."""


def _model(value: Any) -> str:
    if value not in LEGS:
        raise ValueError(f"{value!r} is no converter: there are {', '.join(LEGS)}")
    return str(value)


def _channel(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no channel: write 0, 1, …")
    return value


def _sensor(value: Any) -> Any:
    if isinstance(value, AnalogSensor) or (isinstance(value, str) and value.isidentifier()):
        return value
    raise ValueError(
        f"{value!r} is neither the name of a part of this circuit nor an analog part such as Potentiometer()"
    )


@dataclass(frozen=True)
class Mcp3xxx(Declared):
    """An analog-to-digital converter of Microchip's MCP3xxx family on an SPI bus.

    `channels` says what is connected to which input: `{0: "pot"}` with a part `pot` in the same circuit, or
    `{0: Potentiometer()}`, which is then called after converter and channel.
    """

    title: ClassVar[str] = "converter"
    drives: ClassVar[tuple[str, ...]] = ("clock", "mosi", "select")
    reads: ClassVar[tuple[str, ...]] = ("miso",)

    model: str = s.setting(_model, ", ".join(LEGS), leading=True, default="MCP3008")
    clock: Pin = s.pin_with(11)
    mosi: Pin = s.pin_with(10)
    miso: Pin = s.pin_with(9)
    select: Pin = s.pin_with(8)
    channels: dict[int, Any] = s.mapping(_channel, _sensor, "{0: pot, 1: …}, parts by channel", default_factory=dict)
    noise: float = s.number(0.0, "LSB")
    supply: str = s.supply(SUPPLY)

    def __post_init__(self) -> None:
        super().__post_init__()
        count = adc.MODELS[self.model].channels
        for channel in self.channels:
            if channel not in range(count):
                raise CircuitError(f"Mcp3xxx: channels: {self.model} has channels 0 to {count - 1}, no {channel}.")

    @property
    def has_input(self) -> bool:
        """It takes commands: the ones with a single input don't."""
        return "DIN" in LEGS[self.model]

    @property
    def driven(self) -> list[str]:
        return [net for net in super().driven if self.has_input or net != self.mosi]

    def pieces(self, name: str) -> list[Piece]:
        legs = LEGS[self.model]
        half = len(legs) // 2
        ends: dict[str, Terminal] = {}
        for index, leg in enumerate(legs):
            # Upside down, so that the bus is on the header's side: legs of the second half run down the left.
            place = f"e{index - half}" if index >= half else f"f{half - 1 - index}"
            net = self._net(leg)
            unused = net is None
            shown = leg if legs.count(leg) == 1 else f"{leg} {index + 1}"
            ends[shown] = Terminal(
                net, (place,), f"leg {index + 1}", is_ground=leg in ("DGND", "AGND", "VSS"), is_unused=unused
            )
        volts = RAILS[self.supply]
        does: list[Element] = [
            Supplied(self.supply, GROUND, 1.0, 2.7),
            Source(self.miso, volts, adc.OUTPUT_OHMS, shares=True),
            *(Sensed(f"{sensor}.out", volts) for sensor in self.channels.values()),
        ]
        label = f"converter {self.model}, {len(legs)} legs"
        return [Piece(name, "dip", label, ends, tuple(does), {"legs": legs, "word": self.model, "upside_down": True})]

    def _net(self, leg: str) -> str | None:
        if leg in ("VDD", "VREF", "VDD/VREF"):
            return self.supply
        if leg in ("DGND", "AGND", "VSS"):
            return GROUND
        if leg in ("CLK", "DIN", "DOUT", "CS"):
            pins = {"CLK": self.clock, "DIN": self.mosi, "DOUT": self.miso, "CS": self.select}
            return str(pins[leg])
        inputs = {"IN+": 0, "IN-": 1} | {f"CH{n}": n for n in range(8)}
        sensor = self.channels.get(inputs.get(leg, -1))
        return f"{sensor}.out" if sensor is not None else None

    def simulated(self, name: str) -> list[Part]:
        made = adc.Mcp3xxx(
            self.model, clock=number_of(self.clock), mosi=gpio_number(self.mosi) if self.has_input else None,
            miso=number_of(self.miso), select=number_of(self.select), reference=RAILS[self.supply],
            noise=self.noise, name=name,
        )  # fmt: skip
        return [made]


class AnalogSensor(Declared):
    """Something with a voltage for a converter's input; it sits on no pin itself."""

    def source(self, name: str, ohms: float = 1_000.0, volts: float = 3.3) -> Source:
        """The highest voltage that it may give."""
        return Source(f"{name}.out", volts, ohms)


@dataclass(frozen=True)
class Potentiometer(AnalogSensor):
    """A knob for a converter's input: from 0 V to its supply."""

    title: ClassVar[str] = "potentiometer"

    position: float = s.number(0.5, "", high=1.0, leading=True)
    supply: str = s.supply(SUPPLY)

    def pieces(self, name: str) -> list[Piece]:
        ends = {
            "1": Terminal(self.supply, ("h0",)),
            "wiper": Terminal(f"{name}.out", ("h1",), "middle leg"),
            "3": Terminal(GROUND, ("h2",), is_ground=True),
        }
        does = (self.source(name, volts=RAILS[self.supply]), Resistance(self.supply, GROUND, 10_000.0))
        return [Piece(name, "pot", "potentiometer 10 kΩ", ends, does)]

    def simulated(self, name: str) -> list[Part]:
        return [analog.Potentiometer(self.position, supply_volts=RAILS[self.supply], name=name)]


@dataclass(frozen=True)
class Tmp36(AnalogSensor):
    """A TMP36 temperature sensor for a converter's input: 750 mV at 25 °C, 10 mV for each degree."""

    title: ClassVar[str] = "temperature sensor"

    temperature: float | None = s.number(None, "°C", low=-273.0, none="as warm as the surroundings", leading=True)
    tau: float = s.number(0.0, "s")

    def pieces(self, name: str) -> list[Piece]:
        ends = {
            "+Vs": Terminal(SUPPLY, ("g0",), "left leg, flat side towards you"),
            "Vout": Terminal(f"{name}.out", ("g1",), "middle leg"),
            "GND": Terminal(GROUND, ("g2",), "right leg", is_ground=True),
        }
        does = (self.source(name, volts=2.0), Supplied(SUPPLY, GROUND, 0.1, 2.7))
        return [Piece(name, "to92", "temperature sensor, TMP36", ends, does, {"word": "TMP36"})]

    def simulated(self, name: str) -> list[Part]:
        return [analog.Tmp36(self.temperature, tau=self.tau, name=name)]


@dataclass(frozen=True)
class Thermistor(AnalogSensor):
    """An NTC thermistor to ground below a fixed resistor, for a converter's input; its `tau` in air is some 15 s."""

    title: ClassVar[str] = "thermistor"

    temperature: float | None = s.number(None, "°C", low=-273.0, none="as warm as the surroundings", leading=True)
    ohms_at_25: float = s.number(10_000.0, "Ω", low=1.0)
    beta: float = s.number(3950.0, "K", low=1.0)
    resistor: float = s.number(10_000.0, "Ω", low=1.0)
    tau: float = s.number(0.0, "s")

    def pieces(self, name: str) -> list[Piece]:
        out = f"{name}.out"
        ends = {"1": Terminal(out, ("h0",)), "2": Terminal(GROUND, ("h2",), is_ground=True)}
        ntc = (self.source(name), Resistance(out, GROUND, self.ohms_at_25))
        return [
            resistor(f"{name}.resistor", self.resistor, ("d0", SUPPLY), ("g0", out)),
            Piece(name, "thermistor", f"NTC thermistor {ohms_text(self.ohms_at_25)}", ends, ntc),
        ]

    def simulated(self, name: str) -> list[Part]:
        return [
            analog.Thermistor(
                self.temperature, ohms_at_25=self.ohms_at_25, beta=self.beta, resistor=self.resistor, tau=self.tau,
                name=name,
            )
        ]  # fmt: skip


@dataclass(frozen=True)
class LdrDivider(AnalogSensor):
    """A light-dependent resistor to the supply above a fixed resistor, for a converter's input: brighter is higher."""

    title: ClassVar[str] = "light sensor"

    lux: float | None = s.number(None, "lx", none="as bright as the surroundings", leading=True)
    resistor: float = s.number(10_000.0, "Ω", low=1.0)

    def pieces(self, name: str) -> list[Piece]:
        out = f"{name}.out"
        ends = {"1": Terminal(SUPPLY, ("h0",)), "2": Terminal(out, ("h2",))}
        ldr = (self.source(name), Resistance(SUPPLY, out, 5_000.0))
        return [
            Piece(name, "ldr", "light-dependent resistor, GL5528", ends, ldr),
            resistor(f"{name}.resistor", self.resistor, ("d2", GROUND), ("g2", out)),
        ]

    def simulated(self, name: str) -> list[Part]:
        return [analog.LdrDivider(self.lux, resistor=self.resistor, name=name)]


@dataclass(frozen=True)
class VoltageSource(AnalogSensor):
    """A bench supply for a converter's input: any voltage one likes."""

    title: ClassVar[str] = "bench supply"

    volts: float = s.number(0.0, "V", low=-50.0, high=50.0, leading=True)

    def pieces(self, name: str) -> list[Piece]:
        leads = [("+", f"{name}.out"), ("-", GROUND)]
        does = (self.source(name, 1.0, self.volts),)
        return [module(name, "supply", "bench supply", leads, does, grounds=("-",))]

    def simulated(self, name: str) -> list[Part]:
        return [analog.VoltageSource(self.volts, name=name)]
