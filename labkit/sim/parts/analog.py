"""Sources of analog voltages: what one connects to a converter's inputs. They sit on no GPIO pin."""

from __future__ import annotations

import math
from typing import ClassVar

from labkit.sim.net import VDD
from labkit.sim.part import Part
from labkit.sim.parts.light import ldr_ohms

__all__ = ["AnalogPart", "LdrDivider", "Potentiometer", "Thermistor", "Tmp36", "VoltageSource"]


class AnalogPart(Part):
    """Something with a voltage that a converter can measure."""

    kind: ClassVar[str] = "analog"
    readable = {"volts": "V"}

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__({}, name=name)

    @property
    def volts(self) -> float:
        """At its output, at present."""
        raise NotImplementedError


class VoltageSource(AnalogPart):
    """A bench supply: any voltage one likes."""

    kind = "supply"
    settable = {"volts": "V"}

    def __init__(self, volts: float = 0.0, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self._volts = volts

    @property
    def volts(self) -> float:
        return self._volts

    @volts.setter
    def volts(self, volts: float) -> None:
        self._volts = volts


class Potentiometer(AnalogPart):
    """A linear potentiometer between ground and a supply.

    Model: an unloaded divider, volts = position x supply; its converter draws no current.
    """

    kind = "pot"
    settable = {"position": ""}
    readable = {"position": "", "volts": "V"}

    def __init__(self, position: float = 0.5, *, supply_volts: float = VDD, name: str | None = None) -> None:
        super().__init__(name=name)
        self.supply_volts = supply_volts
        self.position = position

    @property
    def position(self) -> float:
        """0.0 at the ground end to 1.0 at the supply end."""
        return self._position

    @position.setter
    def position(self, position: float) -> None:
        if not 0 <= position <= 1:
            raise ValueError(f"{self.name} turns from 0 to 1, not to {position}")
        self._position = position

    @property
    def volts(self) -> float:
        return self._position * self.supply_volts


class Tmp36(AnalogPart):
    """A TMP36 temperature sensor.

    Model: 750 mV at 25 °C and 10 mV/K, from -40 to 125 °C (Analog Devices TMP35/36/37 datasheet). It nears the
    temperature around it as exp(-t / tau), by Newton's law of cooling; at once where tau is 0.
    """

    kind = "tmp36"
    settable = {"temperature": "°C"}
    readable = {"temperature": "°C", "bead": "°C", "volts": "V"}

    def __init__(self, temperature: float | None = None, *, tau: float = 0.0, name: str | None = None) -> None:
        super().__init__(name=name)
        self.tau = tau
        self._temperature = temperature
        self._bead, self._since_ns = 0.0, 0

    def attach(self) -> None:
        self._bead, self._since_ns = self.temperature, self.now_ns
        self.board.environment.before_warming.append(self._settle)

    def detach(self) -> None:
        self.board.environment.before_warming.remove(self._settle)

    @property
    def temperature(self) -> float:
        """What it is in, in degrees Celsius: its own if it was set, else the environment's."""
        return self.board.environment.temperature if self._temperature is None else self._temperature

    @temperature.setter
    def temperature(self, celsius: float) -> None:
        if self._board is not None:
            self._settle()
        self._temperature = celsius

    @property
    def bead(self) -> float:
        """How warm it is itself, in degrees Celsius."""
        if not self.tau:
            return self.temperature
        left = math.exp((self._since_ns - self.now_ns) / 1e9 / self.tau)
        return self.temperature + (self._bead - self.temperature) * left

    def _settle(self) -> None:
        """What is around it is about to change."""
        self._bead, self._since_ns = self.bead, self.now_ns

    @property
    def volts(self) -> float:
        return 0.75 + 0.01 * (min(max(self.bead, -40.0), 125.0) - 25.0)


class Thermistor(Tmp36):
    """An NTC thermistor to ground below a fixed resistor to the supply.

    Model: R(T) = R25 exp(B (1/T - 1/298.15 K)), T in kelvins; 10 kΩ and B = 3950 K
    (Vishay NTCLE100E3 family, whose thermal time constant in still air is about 15 s).
    """

    kind = "ntc"
    readable = {"temperature": "°C", "bead": "°C", "ohms": "Ω", "volts": "V"}

    def __init__(
        self,
        temperature: float | None = None,
        *,
        ohms_at_25: float = 10_000.0,
        beta: float = 3950.0,
        resistor: float = 10_000.0,
        tau: float = 0.0,
        name: str | None = None,
    ) -> None:
        super().__init__(temperature, tau=tau, name=name)
        self.ohms_at_25 = ohms_at_25
        self.beta = beta
        self.resistor = resistor

    @property
    def ohms(self) -> float:
        return self.ohms_at_25 * math.exp(self.beta * (1 / (self.bead + 273.15) - 1 / 298.15))

    @property
    def volts(self) -> float:
        return VDD * self.ohms / (self.ohms + self.resistor)


class LdrDivider(AnalogPart):
    """A light-dependent resistor to the supply above a fixed resistor to ground: brighter is higher.

    Model: resistance by `ldr_ohms` (GL5528).
    """

    kind = "ldr"
    settable = {"lux": "lx"}
    readable = {"lux": "lx", "volts": "V"}

    def __init__(self, lux: float | None = None, *, resistor: float = 10_000.0, name: str | None = None) -> None:
        super().__init__(name=name)
        self._lux = lux
        self.resistor = resistor

    @property
    def lux(self) -> float:
        """Its own if it was set, else the environment's."""
        return self.board.environment.lux if self._lux is None else self._lux

    @lux.setter
    def lux(self, lux: float) -> None:
        self._lux = lux

    @property
    def volts(self) -> float:
        return VDD * self.resistor / (self.resistor + ldr_ohms(self.lux))
