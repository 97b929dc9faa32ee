"""SPI on the simulated board: whole transactions on the hardware's pins, bit by bit on any others.

Both talk to the same parts, one bit at a time and by the same rules, so they read the same.
"""

from __future__ import annotations

from threading import RLock
from typing import Any, Protocol

from gpiozero import Device
from gpiozero.exc import DeviceClosed, SPIInvalidClockMode
from gpiozero.input_devices import InputDevice
from gpiozero.mixins import SharedMixin
from gpiozero.output_devices import OutputDevice
from gpiozero.pins import SPI
from gpiozero.pins.pi import spi_port_device
from gpiozero.pins.spi import SPISoftware, SPISoftwareBus

__all__ = ["SimulatedSPI", "SimulatedSPISoftware", "SpiSlave", "spi_class"]


class SpiSlave(Protocol):
    """What a part offers that hardware SPI can talk to."""

    def selected(self, active: bool) -> None:
        """Its select line became active, or inactive."""
        ...

    def exchange(self, mosi: int) -> int:
        """One whole clock pulse: take the bit on MOSI, give the bit that was on MISO."""
        ...


class SimulatedSPI(SPI):
    """Hardware SPI: a transfer is one transaction with the part on that select line."""

    def __init__(self, clock_pin: Any, mosi_pin: Any, miso_pin: Any, select_pin: Any, pin_factory: Any) -> None:
        self._closed = True
        self._port, self._device = spi_port_device(clock_pin, mosi_pin, miso_pin, select_pin)
        super().__init__(pin_factory=pin_factory)
        self._pins = (clock_pin, mosi_pin, miso_pin, select_pin)
        self._clock_mode, self._lsb_first, self._select_high = 0, False, False
        self._bits_per_word, self._rate = 8, 500_000
        self.pin_factory.reserve_pins(self, *(pin for pin in self._pins if pin is not None))
        self._closed = False

    def _conflicts_with(self, other: Any) -> bool:
        if isinstance(other, SimulatedSPI):
            return (self._port, self._device) == (other._port, other._device)
        return True

    def close(self) -> None:
        if not self._closed:
            self.pin_factory.release_all(self)
        self._closed = True
        super().close()

    @property
    def closed(self) -> bool:
        return self._closed

    def __repr__(self) -> str:
        try:
            self._check_open()
        except DeviceClosed:
            return "SPI(closed)"
        return f"SPI(port={self._port}, device={self._device})"

    def transfer(self, data: Any) -> list[int]:
        """Send words and receive as many; zeros where nothing is wired to the select line."""
        factory = self.pin_factory
        board = factory.board
        board.clock.poll()
        clock_pin, _, _, select_pin = self._pins
        slaves = board.spi_slaves(factory.gpio(clock_pin), factory.gpio(select_pin))
        with board.hold():
            for slave in slaves:
                slave.selected(True)
            words = [self._word(word, slaves) for word in data]
            for slave in slaves:
                slave.selected(False)
        return words

    def _word(self, word: int, slaves: list[SpiSlave]) -> int:
        received = 0
        order = range(self._bits_per_word)
        for bit in order if self._lsb_first else reversed(order):
            mosi = word >> bit & 1 if self._pins[1] is not None else 0
            answers = [slave.exchange(mosi) for slave in slaves]
            if self._pins[2] is not None and any(answers):
                received |= 1 << bit
        return received

    def _get_clock_mode(self) -> int:
        return self._clock_mode

    def _set_clock_mode(self, value: int) -> None:
        if not 0 <= value < 4:
            raise SPIInvalidClockMode(f"{value} is not a valid clock mode")
        self._clock_mode = value

    def _get_lsb_first(self) -> bool:
        return self._lsb_first

    def _set_lsb_first(self, value: bool) -> None:
        self._lsb_first = bool(value)

    def _get_select_high(self) -> bool:
        return self._select_high

    def _set_select_high(self, value: bool) -> None:
        self._select_high = bool(value)

    def _get_bits_per_word(self) -> int:
        return self._bits_per_word

    def _set_bits_per_word(self, value: int) -> None:
        if value < 1:
            raise ValueError("bits_per_word must be positive")
        self._bits_per_word = int(value)

    def _get_rate(self) -> int:
        return self._rate

    def _set_rate(self, value: float) -> None:
        self._rate = int(value)


class SimulatedSPIBus(SPISoftwareBus):
    """gpiozero's own bit-banging, on this factory's pins: upstream forgets which factory it was given."""

    def __init__(self, clock_pin: Any, mosi_pin: Any, miso_pin: Any, *, pin_factory: Any) -> None:
        self.lock = self.clock = self.mosi = self.miso = None
        Device.__init__(self, pin_factory=pin_factory)
        self.lock = RLock()
        try:
            self.clock = OutputDevice(clock_pin, pin_factory=pin_factory)
            if mosi_pin is not None:
                self.mosi = OutputDevice(mosi_pin, pin_factory=pin_factory)
            if miso_pin is not None:
                self.miso = InputDevice(miso_pin, pin_factory=pin_factory)
        except BaseException:
            self.close()
            raise

    @classmethod
    def _shared_key(cls, clock_pin: Any, mosi_pin: Any, miso_pin: Any, *, pin_factory: Any = None) -> Any:
        return (id(pin_factory), clock_pin, mosi_pin, miso_pin)


class SimulatedSPISoftware(SPISoftware):
    """Software SPI: bits on pins, and whatever part listens to them."""

    def __init__(self, clock_pin: Any, mosi_pin: Any, miso_pin: Any, select_pin: Any, *, pin_factory: Any) -> None:
        self._bus = self._select = None
        Device.__init__(self, pin_factory=pin_factory)
        self._clock_phase, self._lsb_first, self._bits_per_word = False, False, 8
        try:
            self._bus = SimulatedSPIBus(clock_pin, mosi_pin, miso_pin, pin_factory=pin_factory)
            self._select = OutputDevice(select_pin, active_high=False, pin_factory=pin_factory)
        except BaseException:
            self.close()
            raise

    def _conflicts_with(self, other: Any) -> bool:
        return True


class SimulatedSPIShared(SharedMixin, SimulatedSPI):
    """One interface for all who ask for the same clock and select pins."""

    @classmethod
    def _shared_key(cls, clock_pin: Any, mosi_pin: Any, miso_pin: Any, select_pin: Any, pin_factory: Any) -> Any:
        return (id(pin_factory), clock_pin, select_pin)


class SimulatedSPISoftwareShared(SharedMixin, SimulatedSPISoftware):
    """One bit-banged interface for all who ask for the same clock and select pins."""

    _shared_key = SimulatedSPIShared._shared_key


def spi_class(shared: bool, hardware: bool) -> type:
    """The interface class for gpiozero's four cases."""
    if hardware:
        return SimulatedSPIShared if shared else SimulatedSPI
    return SimulatedSPISoftwareShared if shared else SimulatedSPISoftware
