"""The bench: one session on one set of pins. It chooses the pins, knows the devices and takes pins back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gpiozero import Device

from labkit.background import Background
from labkit.benchparts import BenchParts
from labkit.boards import Board
from labkit.cells import CellWatch, variable_of
from labkit.claims import Claims, Holder
from labkit.claimtable import ClaimTable
from labkit.clock import RealClock
from labkit.errors import BenchClosed
from labkit.labtime import LabTime
from labkit.leads import Leads
from labkit.pieces import pins_of
from labkit.safety.heartbeat import DEFAULT_S
from labkit.safety.safeguards import Safeguards
from labkit.sampling import Sampling
from labkit.seams import seams_for
from labkit.sim.factory import SimulatedFactory
from labkit.tap import Tap, tap_factory, untap_factory
from labkit.viewing import Closable, Viewing, Views
from labkit.virtualtime import VirtualTime

__all__ = ["Bench", "program_pins"]

if TYPE_CHECKING:
    from labkit.circuits.circuit import Circuit


class Bench:
    """A session on one set of pins, made by `labkit.bench()`.

    Devices are plain gpiozero ones: making one after the bench puts it on the bench's pins.
    All methods are callable from any thread.
    """

    def __init__(self, factory: Any, board: Board, views: Views) -> None:
        self.board = board
        self.clock = LabTime(RealClock())
        self.tap = Tap(self.clock)
        self.sampling = Sampling(self.clock)
        self.cells = CellWatch()
        self._factory = factory
        self._views = views
        self._claims = Claims(self.cells, self._note_holder)
        self.viewing = self._viewing = Viewing(self._claims, self._tell_neighbours)
        self.parts = BenchParts(factory, board.name, self._claims.pin_name)
        """The simulated components by pin or name, `bench.parts[2].press(0.2)`; iterating gives all of them."""
        self._leads = Leads(factory, board, self._viewing.note_change)
        if isinstance(factory, SimulatedFactory):
            factory.board.clock = self.clock
            factory.board.when_part_set = self._viewing.poke
        self._virtual_time: VirtualTime | None = None
        self.safety = Safeguards(factory, self._claims, self.tap, board.simulated, self.stop, self._viewing.note_change)
        self.background = Background(self.cells, self.clock, self.name_of, self._viewing, lambda: views.log(self))
        self.log = self.background.log
        """What callbacks and background threads print and raise in a notebook, the newest of it; it shows live."""
        self._seams = seams_for(self.background, self.tap, self.clock)
        self.closed = False
        self.claims_made = 0
        """How often a pin was taken or released here: while it is the same, so are the holders."""
        self.tap.noted = self._viewing.note_change
        tap_factory(factory, self.tap)
        self._claims.attach(factory)
        self.tap.subscribe(lambda edge: self._viewing.note_change(edge.pin))
        Device.pin_factory = factory

    @property
    def factory(self) -> Any:
        """The gpiozero pin factory underneath."""
        return self._factory

    @property
    def devices(self) -> list[Any]:
        """The devices that hold pins now, as the user made them."""
        found: dict[int, Any] = {}
        for holder in self._claims.holders():
            device = holder.device()
            if device is not None:
                found[id(device)] = device
        return list(found.values())

    def holders(self) -> list[Holder]:
        """This bench's own pins in use, each with its device and cell, in the order of the pins' numbers."""
        return self._claims.holders()

    def claims(self) -> ClaimTable:
        """Who holds which pin: here, and in the other notebooks and programs on this machine.

        Shows as a table. Each notebook on simulated pins has a board of its own, and is listed so.
        """
        self._check_open()
        return self.safety.neighbours.claims()

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
        """The simulated component on a pin, or of that name, as `bench.parts[2]`, `bench.parts["led17"]` give it."""
        return self.parts[pin]

    def drive(self, pin: Any, level: bool | int) -> None:
        """Hold a simulated input high or low, as with a test lead: stronger than any part wired to it.

        It stays until `let_go`, or until a device takes the pin.

        Raises:
            NoSuchPin: The board has none of that name.
            PinDrives: The pin is an output.
            RealPins: These are real pins: nothing here drives a real input.
        """
        self._check_open()
        self._leads.put(self.pin_name(pin), bool(level))

    def let_go(self, pin: Any) -> None:
        """Take the test lead off a simulated pin; nothing happens where there is none. Raises as `drive` does."""
        self._check_open()
        self._leads.take_off(self.pin_name(pin))

    def wire(self, circuit: Circuit) -> Circuit:
        """Have a circuit on this bench, in place of the one before: wired up on simulated pins, drawn on real ones.

        Raises:
            CircuitError: A simulated part of the same name is there that no circuit brought.
        """
        from labkit.circuits.wiring import put_on  # many small classes: whoever has no circuit needs none of them

        self._check_open()
        put_on(circuit, self._factory, lambda: self._views.picture(self, circuit))
        return circuit

    def virtual_time(self, seconds: float | None = None) -> VirtualTime:
        """Lab time that jumps from event to event: ten minutes of waiting take milliseconds.

        `with bench.virtual_time():` for a block; `bench.virtual_time().start()` for the cells of a notebook from
        here on, until `bench.virtual_time().stop()`. The code within takes part, and every thread it starts;
        devices and threads from before go on in real time. Simulated parts live in it, too.

        Args:
            seconds: After that much lab time the block ends, which is no error: for `while True` loops. With
                `start`, what each cell may use.

        Raises:
            RealPins: Real pins live in real time.
            Deadlock: From within: every thread waits, and nothing that could wake one is going to happen.
        """
        self.parts.board("virtual time")
        if self._virtual_time is None or not self._virtual_time.is_started:
            self._virtual_time = VirtualTime(self.clock, seconds)
        return self._virtual_time

    def free(self, *pins: Any) -> None:
        """Close whatever devices hold these pins."""
        for pin in pins:
            self._claims.free(self.pin_name(pin))

    def panel(self, device: Any) -> Any:
        """The live panel of one device."""
        return self._views.panel(self, device)

    def panels(self) -> Any:
        """The live panels of all devices in one column, which follows as devices come and go."""
        self._check_open()
        return self._views.panels(self)

    def scope(self, *devices: Any, window: float = 10.0, rate: float = 1000.0) -> Any:
        """A live plot of the devices over the last `window` seconds; none named: all of the bench's.

        Pins are lanes with every edge; what measures is a trace, read `rate` times a second.

        Raises:
            ValueError, BadRate: No such window or rate, or nothing to plot.
        """
        self._check_open()
        return self._views.scope(self, devices, window, rate)

    def record(self, name: Any = None, *devices: Any, rate: float = 1000, folder: Any = "runs") -> Any:
        """Record devices (none: all, and those to come) into a file, until `stop()` or until the cell runs again.

        See docs/recording.md. What can't be recorded raises BadRunFile, BadRate, ValueError or TypeError.
        """
        self._check_open()
        return self._views.record(self, name, devices, rate, folder)

    def stop(self, by: str = "") -> None:
        """Switch every output off, what moves first, end what drives them, and latch it until `resume`.

        While stopped, switching anything on raises `Stopped`, and so does making an output; inputs, reading and
        switching off go on. It works while a cell runs, from any thread, callbacks included.

        Args:
            by: What the message says stopped it; this call, by default.

        Raises:
            StopIncomplete: Some pin could not be switched off; all others are.
        """
        self._check_open()
        try:
            self.safety.switch.stop(by or f"bench.stop() in {self.cells.current.label}")
        finally:
            self._viewing.poke()

    def resume(self) -> None:
        """Let outputs switch again after `stop`. They stay off until something switches them on."""
        self._check_open()
        self.safety.switch.resume()
        self._viewing.poke()

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` is in force."""
        return self.tap.latch.stop is not None

    @property
    def stopped(self) -> str:
        """What stopped the bench, and when: `"stopped at 14:03:22 by the STOP button"`; empty while it runs."""
        return str(self.tap.latch.stop or "")

    def heartbeat(self, device: Any, seconds: float | None = DEFAULT_S, code: bool = False) -> None:
        """Stop a device when the page that drives it, by its panel, has been gone for so long; None: never.

        Motors, robots and servos do so after 2 seconds unless something else is asked for here. A page that is
        closed counts as gone at once, one that is cut off or asleep from its last sign of life; one that is hidden,
        or whose kernel is busy, is there. Driving again takes a new act in a panel, or code.

        Args:
            device: Any with outputs; of a robot or a board each piece on its own.
            seconds: More than 2 leaves time for a network that hiccups.
            code: Also while code drives it. As code would switch on again at once, the whole bench stops, until
                `resume`, when the last page that showed it has been gone for so long.

        Raises:
            ValueError: That is no positive number of seconds.
        """
        self._check_open()
        self.safety.heartbeat.set(device, seconds, code)

    def watch(self, pins: Iterable[str] | None, refresh: Callable[[], None]) -> Callable[[], None]:
        """Call refresh after these pins (None: any) changed state or holder; what is returned ends that.

        It runs on the bench's view thread, at most 20 times a second, and reads the newest state
        itself. Inputs without a handler are armed, so that hardware reports their edges too.
        """
        watched = None if pins is None else frozenset(pins)
        for pin in watched or ():
            self._factory.pin(pin).labkit_watch()
        return self._viewing.watch(watched, refresh)

    def keep(self, view: Closable) -> Callable[[], None]:
        """Close a view when its cell runs again, or with the bench; what is returned lets go of a closed one."""
        return self._viewing.keep(view, self.cells)

    def close(self) -> None:
        """Close every device and let go of the pins; closing twice does nothing."""
        if self.closed:
            return
        self.closed = True
        if self._virtual_time is not None:
            self._virtual_time.stop()
        # First of all: closing a device may wait ten seconds for its thread, and Jupyter kills after five.
        self.safety.rest()
        self._claims.close_devices()
        if isinstance(self._factory, SimulatedFactory):
            self._factory.board.when_part_set = None
        self._viewing.close_views()
        self.safety.close()
        self.sampling.close()
        self._claims.detach()
        self._viewing.close()
        if self._seams is not None:
            self._seams.undo()
        self.cells.close()
        untap_factory(self._factory)
        # Lets go of the lines: lgpio gives a line to one process, and to one handle in it.
        self._factory.close()
        if Device.pin_factory is self._factory:
            Device.pin_factory = None

    def __repr__(self) -> str:
        return f"<labkit bench: {self.board.banner}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._views.header(self)._repr_mimebundle_(**kwargs)

    def _check_open(self) -> None:
        if self.closed:
            raise BenchClosed("This bench was closed. Run the cell with labkit.bench() again.")

    def _note_holder(self, pin: str, reserver: Any) -> None:
        self.claims_made += 1
        if not self.board.simulated:
            # At once, for the pin is gone for others from now on; simulated ones are told with the next look.
            self._tell_neighbours()
        self.safety.heartbeat.released(pin)
        self._viewing.note_release(pin, reserver)

    def _tell_neighbours(self) -> None:
        """Publish who holds what; again before each look of the views, for by then the variables are bound."""
        if not self.closed:
            self.safety.neighbours.tell()


@contextmanager
def program_pins(factory: Any) -> Iterator[None]:
    """Devices made inside go on these pins; afterwards gpiozero has the pins that it had before."""
    before, Device.pin_factory = Device.pin_factory, factory
    try:
        yield
    finally:
        Device.pin_factory = before
