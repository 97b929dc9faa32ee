"""Who holds which pin here: devices are known by the cell that made them, and re-running it takes pins back."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from gpiozero import CompositeDevice, Device, SPIDevice
from gpiozero.exc import GPIOPinInUse, PinInvalidPin

from labkit import errors
from labkit.cells import PROGRAM, Cell, CellWatch, notebook_name, variable_of, variables
from labkit.claimtable import article
from labkit.errors import LabError

__all__ = ["Claims", "Holder", "NoSuchPin", "PinTaken", "gpio_numbers"]


class PinTaken(LabError, GPIOPinInUse, RuntimeError):  # type: ignore[misc]
    """A living device of another cell holds the pin."""


class NoSuchPin(errors.NoSuchPin, PinInvalidPin):  # type: ignore[misc]
    """The board has no such GPIO pin."""


@dataclass(frozen=True)
class Holder:
    """One pin's holder.

    Attributes:
        pin: The pin's name, `"GPIO17"`.
        reserver: What gpiozero reserved it for: a device, or an SPI bus of one.
        owner: The device that the user made, of which reserver may be a piece.
        cell: The cell, and its execution, that made it.
    """

    pin: str
    reserver: weakref.ref[Any]
    owner: weakref.ref[Any]
    cell: Cell

    def device(self) -> Any:
        """The user's device, or None when it is gone."""
        owner = self.owner()
        # Not `or`: a composite device has a length, and none yet while it is being made.
        return self.reserver() if owner is None else owner


class Claims:
    """Watches a factory's reservations from `attach` to `detach`. Callable from any thread."""

    def __init__(self, cells: CellWatch, changed: Callable[[str, Any], None]) -> None:
        """Report each pin taken or released, with its reserver, to changed."""
        self._cells = cells
        self._changed = changed
        self._claims: dict[str, list[Holder]] = {}
        self._lock = threading.RLock()
        self._factory: Any = None
        self.elsewhere: Callable[[str], str] = lambda pin: ""
        """Tells of a pin's name who holds it in another process; empty where nobody does."""

    def attach(self, factory: Any) -> None:
        """Stand in for the factory's own reserving and releasing, on this instance only."""
        self._factory = factory
        factory.reserve_pins = self._reserve
        factory.release_pins = self._release
        factory.pin = self._pin

    def detach(self) -> None:
        """Give the factory its own reserving and releasing back."""
        if self._factory is not None:
            del self._factory.reserve_pins, self._factory.release_pins, self._factory.pin

    def holders(self) -> list[Holder]:
        """Every living claim, in the order of the pins' numbers."""
        living = [claim for pin in list(self._claims) for claim in self._living(pin)]
        return sorted(living, key=lambda claim: (len(claim.pin), claim.pin))

    def free(self, pin: str) -> None:
        """Close whatever holds the pin, as a whole."""
        for claim in self._living(pin):
            whole = _whole(claim.device())
            if whole is not None:
                whole.close()
            _close(claim)

    def is_bus(self, pin: str) -> bool:
        """Whether a sensor on an SPI bus holds the pin."""
        return any(isinstance(claim.device(), SPIDevice) for claim in self._living(pin))

    def devices(self) -> list[Any]:
        """Every device on the factory's pins: as the user made it, or the piece that is known of it."""
        found = {id(device): device for claim in self.holders() if (device := claim.device()) is not None}
        claimed = {id(claim.reserver()) for claim in self.holders()}
        for refs in list(self._factory._reservations.values()):
            for reserver in [ref() for ref in refs]:
                if isinstance(reserver, Device) and id(reserver) not in claimed:
                    found[id(reserver)] = reserver
        return list(found.values())

    def close_devices(self) -> None:
        """Close every device on the factory's pins, also those made before `attach`."""
        for claim in self.holders():
            _close(claim)
        close_reservers(self._factory)

    def pin_name(self, pin: Any) -> str:
        """The pin's own name for any way of writing it: 17, "GPIO17", "BOARD11", "J8:11".

        Raises:
            NoSuchPin: The board has none of that name.
        """
        for _, info in self._factory.board_info.find_pin(pin):
            if "gpio" in info.interfaces:
                return str(info.name)
        board = self._factory.board_info
        raise NoSuchPin(
            f"{_board_name(board)} has no GPIO pin {pin!r}. Its GPIO pins are {_spans(gpio_numbers(board))}: "
            f'write the GPIO number, LED(17), or the place on the header, LED("BOARD11").'
        )

    def _living(self, pin: str) -> list[Holder]:
        # gpiozero's own list is the truth: a released or collected reserver is not in it any more.
        reserved = {
            id(ref())
            for info, refs in list(self._factory._reservations.items())
            if info.name == pin
            for ref in list(refs)
            if ref() is not None
        }
        with self._lock:
            living = [claim for claim in self._claims.get(pin, []) if id(claim.reserver()) in reserved]
            self._claims[pin] = living
        return list(living)

    def _reserve(self, requester: Any, *pins: Any) -> None:
        names = [self.pin_name(pin) for pin in pins]
        cell, owner = self._cells.current, _device_under_construction(requester)
        for name in names:
            self._refuse_if_elsewhere(name)
            for claim in self._living(name):
                holder = claim.reserver()
                if holder is not None and holder is not requester and requester._conflicts_with(holder):
                    self._take_back(claim, cell)
        try:
            type(self._factory).reserve_pins(self._factory, requester, *pins)
        except GPIOPinInUse as error:
            raise PinTaken(f"{error}: close it, or use a free pin: {self._some_free()}.") from None
        with self._lock:
            for name in names:
                claim = Holder(name, weakref.ref(requester), weakref.ref(owner), cell)
                self._claims.setdefault(name, []).append(claim)
        for name in names:
            self._changed(name, requester)

    def _refuse_if_elsewhere(self, name: str) -> None:
        holder = self.elsewhere(name)
        if holder:
            raise PinTaken(
                f"{name} is in use by {holder}. Close it there, or shut that kernel down; or use a free pin: "
                f"{self._some_free()}."
            )

    def _pin(self, name: Any) -> Any:
        try:
            return type(self._factory).pin(self._factory, name)
        except Exception as error:
            # lgpio's own class, which is there only where lgpio is; Linux gives a line to one process.
            if type(error).__module__ != "lgpio" or "GPIO busy" not in str(error):
                raise
            pin = self.pin_name(name)
            for holder in self._living(pin):
                # Reserved a moment ago, for a device that can't be: a traceback may keep it for long.
                self._release(holder.reserver(), pin)
            self._refuse_if_elsewhere(pin)
            raise PinTaken(
                f"{pin} is in use by another program, or by a driver of the system ({error}). `gpioinfo` tells which. "
                f"Or use a free pin: {self._some_free()}."
            ) from None

    def _release(self, reserver: Any, *pins: Any) -> None:
        # A collected device's weak references may be dead before it releases its pins.
        held = [
            pin
            for pin, claims in list(self._claims.items())
            if any(claim.reserver() in (reserver, None) for claim in list(claims))
        ]
        type(self._factory).release_pins(self._factory, reserver, *pins)
        for name in held:
            self._changed(name, reserver)

    def _take_back(self, claim: Holder, cell: Cell) -> None:
        again = claim.cell.key == cell.key and claim.cell.run != cell.run
        if not again:
            raise PinTaken(self._taken(claim))
        _close(claim)

    def _taken(self, claim: Holder) -> str:
        device = _whole(claim.device())
        variable = variable_of(device)
        kind = type(device).__name__
        holder = f"{variable} ({kind})" if variable else f"{article(kind)} {kind}"
        where = claim.cell.label if claim.cell is PROGRAM else f"{claim.cell.label} of {notebook_name()}"
        close = f"{variable}.close()" if variable else f"labkit.bench().free({_number(claim.pin)})"
        return (
            f"{claim.pin} is in use by {holder}, made in {where}. "
            f"Close it with {close}, or use a free pin: {self._some_free()}."
        )

    def _some_free(self) -> str:
        taken = {claim.pin for claim in self.holders()}
        # GPIO0 and 1 belong to the HAT's EEPROM; 14 and 15 are the serial console's.
        numbers = [n for n in gpio_numbers(self._factory.board_info) if n not in (0, 1, 14, 15)]
        free = [str(n) for n in numbers if f"GPIO{n}" not in taken and not self.elsewhere(f"GPIO{n}")]
        return ", ".join(free[:5]) if free else "none is left"


def close_reservers(factory: Any) -> None:
    """Close everything that a factory's pins are reserved for."""
    for refs in list(factory._reservations.values()):
        for reserver in [ref() for ref in refs]:
            if reserver is not None:
                reserver.close()


def _close(claim: Holder) -> None:
    # The owner first: it closes its pieces in the right order. A device whose construction
    # failed half way knows nothing of the pieces it had, so the piece is closed as well.
    for device in (claim.owner(), claim.reserver()):
        # gpiozero's distance sensor lets go of its trigger before its thread has ended, which then complains of it.
        queue = getattr(device, "_queue", None)
        # That of a bare SmoothedInputDevice is made and never started.
        if queue is not None and queue.ident is not None:
            queue.stop()
        if device is not None:
            device.close()


def _whole(device: Any) -> Any:
    """The user's composite device that device was built into: `Robot(Motor(4, 14), Motor(17, 18))`."""
    for _, value in variables():
        if isinstance(value, CompositeDevice) and not value.closed and _contains(value, device):
            return value
    return device


def _contains(composite: Any, device: Any) -> bool:
    return any(
        piece is device or (isinstance(piece, CompositeDevice) and _contains(piece, device)) for piece in composite.all
    )


def _device_under_construction(requester: Any) -> Any:
    """The outermost device in whose `__init__` the reservation is made."""
    owner = requester
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == "__init__":
            made = frame.f_locals.get("self")
            if isinstance(made, Device):
                owner = made
        frame = frame.f_back
    return owner


def gpio_numbers(board: Any) -> list[int]:
    """The numbers of the GPIO pins on a board's headers, in order."""
    names = {
        info.name for header in board.headers.values() for info in header.pins.values() if "gpio" in info.interfaces
    }
    return sorted(_number(name) for name in names)


def _number(pin: str) -> int:
    return int(pin.removeprefix("GPIO"))


def _spans(numbers: list[int]) -> str:
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _board_name(board: Any) -> str:
    return f"This Raspberry Pi {board.model}"
