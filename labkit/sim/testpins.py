"""Pins that stand in for a circuit in tests: gpiozero's mock charging, connected and trigger pins, without threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpiozero.pins.mock import MockChargingPin, MockConnectedPin, MockTriggerPin

from labkit.clock import Scheduled
from labkit.sim.pins import SimulatedPin

if TYPE_CHECKING:
    from labkit.sim.factory import SimulatedFactory

__all__ = ["ChargingPin", "ConnectedPin", "TriggerPin"]

NS_PER_S = 1_000_000_000
TRIGGER_DELAY_NS = 1_000_000


class ChargingPin(SimulatedPin, MockChargingPin):
    """Drives itself high `charge_time` seconds after it became an input, like a capacitor behind an LDR."""

    brings_circuit = True

    def __init__(self, factory: SimulatedFactory, info: Any, charge_time: float = 0.01) -> None:
        self._charging: Scheduled | None = None
        super().__init__(factory, info)
        self.charge_time = charge_time

    def _set_function(self, value: str) -> None:
        SimulatedPin._set_function(self, value)
        if self._charging is not None:
            self._charging.cancel()
        if value == "input":
            self._charging = self._grid.clock.call_later(round(self.charge_time * NS_PER_S), self.drive_high)


class TriggerPin(SimulatedPin, MockTriggerPin):
    """Raises `echo_pin` for `echo_time` seconds, a millisecond after it was raised itself."""

    brings_circuit = True

    def __init__(self, factory: SimulatedFactory, info: Any, echo_pin: Any = None, echo_time: float = 0.04) -> None:
        super().__init__(factory, info)
        self.echo_pin = echo_pin
        self.echo_time = echo_time

    def _set_state(self, value: float) -> None:
        SimulatedPin._set_state(self, value)
        if value:
            clock = self._grid.clock
            clock.call_later(TRIGGER_DELAY_NS, self.echo_pin.drive_high)
            clock.call_later(TRIGGER_DELAY_NS + round(self.echo_time * NS_PER_S), self.echo_pin.drive_low)


class ConnectedPin(SimulatedPin, MockConnectedPin):
    """Is wired to `input_pin`: where the mock copies a level, this is a wire, so pulses get through as well."""

    def __init__(self, factory: SimulatedFactory, info: Any, input_pin: Any = None) -> None:
        self._input_pin: Any = None
        super().__init__(factory, info)
        self.input_pin = input_pin

    @property
    def input_pin(self) -> Any:
        return self._input_pin

    @input_pin.setter
    def input_pin(self, pin: Any) -> None:
        self._input_pin = pin
        if pin is not None:
            self._grid.join(int(self.info.name[4:]), int(pin.info.name[4:]))
