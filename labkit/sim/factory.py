"""The pin factory of the simulated board: any gpiozero program runs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from gpiozero.exc import PinInvalidPin
from gpiozero.pins.mock import (
    MockChargingPin,
    MockConnectedPin,
    MockFactory,
    MockPin,
    MockPWMPin,
    MockSPIClockPin,
    MockTriggerPin,
)

from labkit.clock import Clock
from labkit.sim.board import Board
from labkit.sim.pins import SimulatedPin, SimulatedPWMPin
from labkit.sim.spi import spi_class
from labkit.sim.testpins import ChargingPin, ConnectedPin, TriggerPin

__all__ = ["SimulatedFactory", "WireDefault"]

WireDefault = Callable[["SimulatedFactory"], None]
"""Called before a device reserves pins or opens SPI: gives the devices being made their default parts."""

STAND_INS: dict[type, type[SimulatedPin]] = {
    MockPin: SimulatedPin,
    MockPWMPin: SimulatedPWMPin,
    MockChargingPin: ChargingPin,
    MockConnectedPin: ConnectedPin,
    MockTriggerPin: TriggerPin,
}


class SimulatedFactory(MockFactory):
    """gpiozero's pins on a simulated board; a drop-in superset of gpiozero's MockFactory.

    Args:
        revision: Which Pi it is, as the hexadecimal code in /proc/cpuinfo; by default the one in the
            environment's GPIOZERO_MOCK_REVISION, else a 3B.
        pin_class: Of plain pins: one of ours or one of gpiozero's mock pins, which is then put on nets;
            by default the one that the environment's GPIOZERO_MOCK_PIN_CLASS names.
        board: The board with its nets and parts; a new one by default.
        clock: Of the new board: real time by default.
        wire_default: Called once a device has reserved its pins, before it goes on to read them.
    """

    def __init__(
        self,
        revision: str | None = None,
        pin_class: Any = None,
        *,
        board: Board | None = None,
        clock: Clock | None = None,
        wire_default: WireDefault | None = None,
    ) -> None:
        super().__init__(revision, pin_class)
        self.pin_class: Any = simulated(self.pin_class)
        self.board: Board = board if board is not None else Board(clock)
        self.wire_default = wire_default
        self.defaults: dict[str, ref[Any]] = {}
        """The parts that `wire_default` wired, by name, and the device that each was wired for."""

    def reset(self) -> None:
        """Forget pins and reservations; nets keep their parts."""
        for pin in self.pins.values():
            pin.leave()
        super().reset()

    def close(self) -> None:
        super().close()
        self.reset()

    def pin(self, name: Any, pin_class: Any = None, **kwargs: Any) -> Any:
        """The pin of that name, made at first use.

        Args:
            name: As gpiozero takes it: 17, "GPIO17", "BOARD11", "J8:11".
            pin_class: In place of the factory's own; gpiozero's mock pin classes are put on nets.
            kwargs: Handed to the pin class.
        """
        made_by = simulated(self.pin_class if pin_class is None else pin_class)
        for _, info in self.board_info.find_pin(name):
            pin = self.pins.get(info)
            if pin is None:
                pin = self.pins[info] = made_by(self, info, **kwargs)
            elif issubclass(made_by, MockPWMPin) != isinstance(pin, MockPWMPin):
                raise ValueError(f"pin {info.name} is already in use as a {pin.__class__.__name__}")
            return pin
        raise PinInvalidPin(f"{name} is not a valid pin name")

    def reserve_pins(self, requester: Any, *names: Any) -> None:
        super().reserve_pins(requester, *names)
        if self.wire_default is not None:
            self.wire_default(self)

    def spi(self, **spi_args: Any) -> Any:
        if self.wire_default is not None:
            self.wire_default(self)
        return super().spi(**spi_args)

    def gpio(self, name: Any) -> int:
        """The GPIO number behind any name of a pin."""
        return int(self.board_info.to_gpio(name)[4:])

    def ticks(self) -> float:
        """Lab time in seconds."""
        return self.board.grid.clock.now_ns() / 1e9

    def ticks_diff(self, later: float, earlier: float) -> float:
        return later - earlier

    def _get_spi_class(self, shared: bool, hardware: bool) -> type:
        # gpiozero's MockSPIDevice listens to pins: it hears nothing of whole transactions.
        listened_to = any(isinstance(pin, MockSPIClockPin) and pin.spi_devices for pin in self.pins.values())
        return spi_class(shared, hardware and not listened_to)


def simulated(pin_class: Any) -> Any:
    """The class that puts a mock pin class on nets, with its own overrides kept."""
    if issubclass(pin_class, SimulatedPin):
        return pin_class
    made = STAND_INS.get(pin_class)
    if made is None:
        base = next(STAND_INS[parent] for parent in pin_class.__mro__ if parent in STAND_INS)
        made = STAND_INS[pin_class] = type(f"Simulated{pin_class.__name__}", (pin_class, base), {})
    return made
