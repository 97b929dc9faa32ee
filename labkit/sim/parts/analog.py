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

    Model: 750 mV at 25 °C and 10 mV/K, from -40 to 125 °C (Analog Devices TMP35/36/37 datasheet).
    """

    kind = "tmp36"
    settable = {"temperature": "°C"}
    readable = {"temperature": "°C", "volts": "V"}

    def __init__(self, temperature: float | None = None, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self._temperature = temperature

    @property
    def temperature(self) -> float:
        """Its own if it was set, else the environment's."""
        return self.board.environment.temperature if self._temperature is None else self._temperature

    @temperature.setter
    def temperature(self, celsius: float) -> None:
        self._temperature = celsius

    @property
    def volts(self) -> float:
        return 0.75 + 0.01 * (min(max(self.temperature, -40.0), 125.0) - 25.0)


class Thermistor(Tmp36):
    """An NTC thermistor to ground below a fixed resistor to the supply.

    Model: R(T) = R25 exp(B (1/T - 1/298.15 K)), T in kelvins; 10 kΩ and B = 3950 K
    (Vishay NTCLE100E3 family).
    """

    kind = "ntc"
    readable = {"temperature": "°C", "ohms": "Ω", "volts": "V"}

    def __init__(
        self,
        temperature: float | None = None,
        *,
        ohms_at_25: float = 10_000.0,
        beta: float = 3950.0,
        resistor: float = 10_000.0,
        name: str | None = None,
    ) -> None:
        super().__init__(temperature, name=name)
        self.ohms_at_25 = ohms_at_25
        self.beta = beta
        self.resistor = resistor

    @property
    def ohms(self) -> float:
        return self.ohms_at_25 * math.exp(self.beta * (1 / (self.temperature + 273.15) - 1 / 298.15))

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
