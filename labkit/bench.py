"""The bench: one session on one set of pins. It chooses the pins, knows the devices and takes pins back."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gpiozero import Device
from gpiozero.exc import BadPinFactory as GpiozeroBadPinFactory

from labkit.cells import Cell, CellWatch, variable_of
from labkit.claims import Claim, Claims
from labkit.clock import Clock, Pacer, RealClock
from labkit.errors import BadPinFactory, BenchClosed, UnknownBench
from labkit.sim.factory import SimulatedFactory
from labkit.sim.parts.buttons import PushButton
from labkit.sim.pins import SimulatedPWMPin
from labkit.tap import Tap, tap_factory

__all__ = ["Bench", "Board", "Views", "open_bench", "pins_of", "program_pins"]

# People see no more than this, and Jupyter drops messages above 1000 a second.
FRAMES_PER_S = 20


class Views(Protocol):
    """What the bench can show; the layers above hand it in, so that the bench needs no front end."""

    def header(self, bench: Bench) -> Any: ...

    def panel(self, bench: Bench, device: Any) -> Any: ...

    def scope(self, bench: Bench, devices: tuple[Any, ...], window: float) -> Any: ...


class Closable(Protocol):
    """What ends with a cell or a bench."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Board:
    """Which pins these are.

    Attributes:
        name: The board: `"Raspberry Pi 4B"`.
        simulated: Whether no real pin moves.
        why: One sentence for the banner: why these pins.
    """

    name: str
    simulated: bool
    why: str

    @property
    def banner(self) -> str:
        """What a person must know before wiring anything: simulated or real."""
        kind = "Simulated pins" if self.simulated else "REAL PINS"
        return f"{kind} · {self.name}. {self.why}"


class Bench:
    """A session on one set of pins, made by `labkit.bench()`.

    Devices are plain gpiozero ones: making one after the bench puts it on the bench's pins.
    All methods are callable from any thread.
    """

    def __init__(self, factory: Any, board: Board, views: Views) -> None:
        self.board = board
        self.clock: Clock = factory.board.clock if isinstance(factory, SimulatedFactory) else RealClock()
        self.tap = Tap(self.clock)
        self.cells = CellWatch()
        self._factory = factory
        self._views = views
        self._changed: set[str] = set()
        self._closing: dict[int, tuple[str, weakref.ref[Any], int]] = {}
        self._listeners: list[tuple[frozenset[str] | None, Callable[[], None]]] = []
        self._lock = threading.Lock()
        self._pacer = Pacer(1 / FRAMES_PER_S, self._refresh)
        self._claims = Claims(self.cells, self._note_holder)
        self._kept: list[tuple[Cell, Closable]] = []
        self.closed = False
        tap_factory(factory, self.tap)
        self._claims.attach(factory)
        self.tap.subscribe(lambda edge: self._note_change(edge.pin))
        Device.pin_factory = factory

    @property
    def factory(self) -> Any:
        """The gpiozero pin factory underneath."""
        return self._factory

    @property
    def devices(self) -> list[Any]:
        """The devices that hold pins now, as the user made them."""
        found: dict[int, Any] = {}
        for claim in self._claims.holders():
            device = claim.device()
            if device is not None:
                found[id(device)] = device
        return list(found.values())

    def claims(self) -> list[Claim]:
        """Who holds which pin, in the order of the pins' numbers."""
        return self._claims.holders()

    def name_of(self, device: Any) -> str:
        """What to call a device: its variable, else its class and pins."""
        pins = ", ".join(sorted(pins_of(device), key=lambda pin: (len(pin), pin)))
        kind = type(device).__name__
        return variable_of(device) or (f"{kind} on {pins}" if pins else kind)

    def pin_name(self, pin: Any) -> str:
        """The name, `"GPIO17"`, for any way of writing a pin: 17, `"BOARD11"`, `"GPIO17"`.

        Raises:
            NoSuchPin: The board has none of that name.
        """
        return self._claims.pin_name(pin)

    def part(self, pin: Any) -> Any:
        """The simulated component on a pin.

        Raises:
            NoSuchPin: The board has no such pin.
            UnknownBench: These are real pins.
        """
        if not self.board.simulated:
            raise UnknownBench(
                f"{self.board.name} has real pins: press the real button. labkit.bench('simulated') has parts."
            )
        gpio = self._factory.gpio(self.pin_name(pin))
        board = self._factory.board
        return board.parts[gpio] if gpio in board.parts else board.add(PushButton(gpio))

    @property
    def parts(self) -> _Parts:
        """The simulated components by pin: `bench.parts[2].press(0.2)`."""
        return _Parts(self)

    def free(self, *pins: Any) -> None:
        """Close whatever devices hold these pins."""
        for pin in pins:
            self._claims.free(self.pin_name(pin))

    def panel(self, device: Any) -> Any:
        """The live panel of one device."""
        return self._views.panel(self, device)

    def scope(self, *devices: Any, window: float = 10.0) -> Any:
        """A live plot of the devices' pins over the last `window` seconds; none named: all of the bench's.

        Raises:
            ValueError: The window is not a positive number of seconds.
        """
        self._check_open()
        return self._views.scope(self, devices, window)

    def watch(self, pins: Iterable[str] | None, refresh: Callable[[], None]) -> Callable[[], None]:
        """Call refresh after these pins (None: any) changed state or holder; what is returned ends that.

        It runs on the bench's view thread, at most 20 times a second, and reads the newest state
        itself. Inputs without a handler are armed, so that hardware reports their edges too.
        """
        entry = (None if pins is None else frozenset(pins), refresh)
        for pin in entry[0] or ():
            self._factory.pin(pin).labkit_watch()
        with self._lock:
            self._listeners.append(entry)

        def unwatch() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not entry]

        return unwatch

    def keep(self, view: Closable) -> None:
        """Close a view when its cell runs again, or with the bench: views must not pile up."""
        cell = self.cells.current
        for made, old in self._kept:
            if made.key == cell.key and made.run != cell.run:
                old.close()
        self._kept = [each for each in self._kept if each[0].key != cell.key or each[0].run == cell.run]
        self._kept.append((cell, view))

    def close(self) -> None:
        """Close every device and let go of the pins; closing twice does nothing."""
        if self.closed:
            return
        self.closed = True
        for device in self.devices:
            device.close()
        for _, view in self._kept:
            view.close()
        self._refresh()
        self._claims.detach()
        self._pacer.close()
        self.cells.close()
        if Device.pin_factory is self._factory:
            Device.pin_factory = None

    def __repr__(self) -> str:
        return f"<labkit bench: {self.board.banner}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._views.header(self)._repr_mimebundle_(**kwargs)

    def _check_open(self) -> None:
        if self.closed:
            raise BenchClosed("This bench was closed. Run the cell with labkit.bench() again.")

    def _note_change(self, pin: str) -> None:
        self._changed.add(pin)
        self._pacer.poke()

    def _note_holder(self, pin: str, reserver: Any) -> None:
        # gpiozero releases a pin first and counts the device as closed a moment later.
        self._closing[id(reserver)] = (pin, weakref.ref(reserver), 0)
        self._note_change(pin)

    def _refresh(self) -> None:
        changed, self._changed = self._changed, set()
        self._expect_closed()
        for pins, refresh in tuple(self._listeners):
            if pins is None or not pins.isdisjoint(changed):
                refresh()

    def _expect_closed(self) -> None:
        """Look again at a device that released its pins but is not closed yet; not for ever."""
        holding = [claim.reserver() for claim in self._claims.holders()] if self._closing else []
        for key, (pin, reserver, looks) in list(self._closing.items()):
            del self._closing[key]
            device = reserver()
            if device is None or device.closed or any(device is held for held in holding):
                continue
            if looks < FRAMES_PER_S:
                self._closing[key] = (pin, reserver, looks + 1)
                self._note_change(pin)


class _Parts:
    """Looks simulated components up by pin."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __getitem__(self, pin: Any) -> Any:
        return self._bench.part(pin)


def pins_of(device: Any) -> set[str]:
    """The names of the pins a device, or any piece of it, sits on; empty once it is closed."""
    pin = getattr(device, "pin", None)
    if pin is not None and hasattr(pin, "info"):
        return {pin.info.name}
    if getattr(device, "closed", True):
        return set()
    pieces = getattr(device, "all", ())
    return set().union(*(pins_of(piece) for piece in pieces if piece is not device))


_KINDS = ("simulated", "real")
_current: Bench | None = None


def open_bench(kind: str | None, views: Views) -> Bench:
    """The session's bench: the open one when it is of that kind, else a new one.

    Raises:
        UnknownBench: No such kind.
        BadPinFactory: The pins that were asked for can't be had.
    """
    global _current
    if kind not in (None, *_KINDS):
        kinds = " or ".join(f"labkit.bench({known!r})" for known in _KINDS)
        raise UnknownBench(f"There is no bench {kind!r}. Write labkit.bench(), {kinds}.")
    if _current is not None and not _current.closed:
        if kind is None or _current.board.simulated == (kind == "simulated"):
            return _current
        _current.close()
    factory, board = _choose(kind)
    _current = Bench(factory, board, views)
    return _current


@contextmanager
def program_pins(factory: Any) -> Iterator[None]:
    """Devices made inside go on these pins; afterwards gpiozero has the pins that it had before."""
    before, Device.pin_factory = Device.pin_factory, factory
    try:
        yield
    finally:
        Device.pin_factory = before


def _choose(kind: str | None) -> tuple[Any, Board]:
    asked = os.environ.get("GPIOZERO_PIN_FACTORY")
    if kind == "simulated":
        return _simulated("As asked for: no real pin moves.")
    if kind is None and Device.pin_factory is not None:
        # Devices were made before the bench: stay on their pins.
        return _described(Device.pin_factory, "These pins were in use before the bench came.")
    if kind is None and asked:
        return _described(_load_factory(), f"GPIOZERO_PIN_FACTORY is {asked!r}.")
    if kind is None and not _is_raspberry_pi():
        return _simulated("This machine is no Raspberry Pi: no real pin moves.")
    try:
        return _described(_load_factory(), "What you switch here switches for real.")
    except BadPinFactory as error:
        if kind == "real":
            raise
        return _simulated(f"This is a Raspberry Pi, but its pins can't be reached: {error}")


def _simulated(why: str) -> tuple[Any, Board]:
    factory = SimulatedFactory("c03114", SimulatedPWMPin)
    return factory, Board(f"Raspberry Pi {factory.board_info.model}", simulated=True, why=why)


def _described(factory: Any, why: str) -> tuple[Any, Board]:
    mocked = type(factory).__module__ == "gpiozero.pins.mock" or isinstance(factory, SimulatedFactory)
    return factory, Board(f"Raspberry Pi {factory.board_info.model}", simulated=mocked, why=why)


def _load_factory() -> Any:
    """gpiozero's own choice of factory, with its reasons in one sentence where there is none."""
    asked = os.environ.get("GPIOZERO_PIN_FACTORY")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return Device._default_pin_factory()
        except GpiozeroBadPinFactory as error:
            reasons = [str(warning.message) for warning in caught] or [str(error)]
        except Exception as error:  # noqa: BLE001 - a backend may raise anything: lgpio.error, OSError, ImportError
            reasons = [f"{type(error).__name__}: {error}"]
    if asked:
        raise BadPinFactory(
            f"GPIOZERO_PIN_FACTORY names {asked!r}, which does not work here ({'; '.join(reasons)}). "
            f"Unset it, set one that exists, such as 'lgpio' or 'mock', or write labkit.bench('simulated')."
        )
    raise BadPinFactory(
        f"No way to the pins works here ({'; '.join(reasons)}). "
        f"On a Raspberry Pi run: sudo apt install python3-lgpio, then set labkit up again."
    )


def _is_raspberry_pi() -> bool:
    model = Path("/proc/device-tree/model")
    if model.exists() and model.read_bytes().startswith(b"Raspberry Pi"):
        return True
    # gpiozero asks the same file where there is no device tree.
    cpuinfo = Path("/proc/cpuinfo")
    return sys.platform == "linux" and cpuinfo.exists() and "\nRevision" in cpuinfo.read_text(errors="replace")


@atexit.register
def _close_at_exit() -> None:
    if _current is not None:
        _current.close()
