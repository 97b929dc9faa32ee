"""Pins of the simulated board: what gpiozero drives and reads.

They derive from gpiozero's mock pins, so that code written for those (`drive_high`, `assert_states`,
`isinstance` checks, pin classes with a `super()._set_state`) works on them; everything a mock pin leaves
out is here. Nothing of the mock's own timekeeping and threads is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpiozero.exc import (
    PinFixedPull,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinInvalidState,
    PinSetInput,
)
from gpiozero.pins.mock import MockPWMPin
from gpiozero.pins.pi import PiPin

from labkit.errors import FloatingInput
from labkit.sim.edges import EdgeDetector
from labkit.sim.lead import LeadPin
from labkit.sim.net import FIXED_PULL_OHMS, HELD_NS, OPEN, OUTPUT_OHMS, PULL_OHMS, VDD, Drive

if TYPE_CHECKING:
    from labkit.sim.factory import SimulatedFactory
    from labkit.sim.grid import Grid

__all__ = ["SimulatedPWMPin", "SimulatedPin"]

NS_PER_S = 1_000_000_000

HIGH = Drive(VDD, OUTPUT_OHMS)
LOW = Drive(0.0, OUTPUT_OHMS)


class SimulatedPin(LeadPin):
    """A pin on a net: with edges, pulls, debounce and PWM.

    An input reads its net, through the hysteresis of the processor's pads. `drive_high` and `drive_low`
    are test leads: they hold the net until the pull or the function is set again, stronger than any part.
    """

    _takes_duty = False
    brings_circuit = False
    """It stands in for whatever would be wired to it: it gets no part by default."""

    def __init__(self, factory: SimulatedFactory, info: Any) -> None:
        if "gpio" not in info.interfaces:
            raise PinInvalidPin(f"{info} is not a GPIO pin")
        self._grid: Grid = factory.board.grid
        self._function: str = "input"
        self._frequency: float | None = None
        net = self._grid.net(int(info.name[4:]))
        self._leg = net.leg(info.name)
        self._leg.pin = info.name
        self._detector = EdgeDetector(self._grid, self._call_when_changed)
        super().__init__(factory, info)
        self._state = False
        with self._grid.hold():
            self._leg.put(self._pull_drive())
        self._leg.listen(self._net_changed)
        self._state = bool(net.level)
        self.clear_states()

    def close(self) -> None:
        self.when_changed = None
        self._detector.bounce, self._detector.edges = None, "both"
        if self._frequency is not None:
            self.frequency = None
        self.function = "input"

    def leave(self) -> None:
        """Take it off its net: the factory forgets it."""
        self._disable_event_detect()
        with self._grid.hold():
            self._unprobe()
            self._leg.net.drop(self._leg)

    # What it is: input or output, and its pull

    def _set_function(self, value: str) -> None:
        if value not in ("input", "output"):
            raise PinInvalidFunction("function must be input or output")
        with self._grid.hold():
            self._function = value
            self._unprobe()
            if value == "input":
                self._frequency = None
                self._leg.put(self._pull_drive())
                self._leg.listen(self._net_changed)
            else:
                self._leg.listen(None)
                self._leg.put(self._output_drive())
        if value == "input":
            self._look()

    def output_with_state(self, state: float) -> None:
        """Become an output at that level, without passing through another."""
        self._check(state)
        with self._grid.hold():
            self._set_function("output")
            self._change_state(self._quantized(state))
        self.state = state  # for who overrides or taps `_set_state`; it changes nothing any more

    def input_with_pull(self, pull: str) -> None:
        """Become an input with that pull, without floating on the way."""
        with self._grid.hold():
            self._set_function("input")
            self._set_pull(pull)
        self._look()

    def _set_pull(self, value: str) -> None:
        if self._function != "input":
            raise PinFixedPull(f"cannot set pull on non-input pin {self!r}")
        if self.info.pull and value != self.info.pull:
            raise PinFixedPull(f"{self!r} has a fixed pull resistor")
        if value not in ("floating", "up", "down"):
            raise PinInvalidPull("pull must be floating, up, or down")
        self._pull = value
        with self._grid.hold():
            if value != "floating":
                self._unprobe()
            self._leg.put(self._pull_drive())
        self._look()

    def _pull_drive(self) -> Drive:
        ohms = FIXED_PULL_OHMS if self.info.pull else PULL_OHMS
        return OPEN if self._pull == "floating" else PULLS[self._pull, ohms]

    # What it reads, and drives

    def _get_state(self) -> Any:
        grid = self._grid
        grid.clock.poll()
        if self._function == "output":
            return self._state
        net = self._leg.net
        if net.solution.floating or net.frequency_hz:
            return self._sample()
        return self._state

    def labkit_level(self) -> Any:
        """What a record of it shows: like `state`, but nobody looked, so nothing is noticed or warned of."""
        return self._state if self._function == "output" else self._leg.net.level

    def _sample(self) -> bool:
        """Read a net whose level is a matter of the instant: it floats, or it pulses."""
        net, now_ns = self._leg.net, self._grid.clock.now_ns()
        if net.solution.floating and now_ns - net.loose_ns > HELD_NS:
            fault = FloatingInput(
                f"{self!r} was read while nothing drives it: it shows noise. "
                f"Give it a pull (pull_up=True or False), or wire something to it."
            )
            self._grid.report(net, fault)
        level = bool(net.level_at(now_ns))
        if level != self._state:
            with self._grid.hold():
                self._input_changed(level, now_ns)
        return level

    def _set_state(self, value: float) -> None:
        if self._function != "output":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        if value is not True and value is not False:
            self._check(value)
        self._grid.clock.poll()
        if self._frequency is not None or self._takes_duty:
            self._change_state(float(value))
        else:
            self._change_state(True if value else False)  # noqa: SIM210 - half the time of bool()

    def _check(self, value: float) -> None:
        if not 0 <= value <= 1:
            raise PinInvalidState(f"state of {self!r} must be 0 to 1, not {value!r}")

    def _quantized(self, value: float) -> Any:
        return float(value) if self._takes_duty or self._frequency is not None else bool(value)

    def _change_state(self, value: Any) -> bool:
        if self._state == value:
            return False
        grid = self._grid
        with grid.lock:  # so that what was written last is what the net gets last
            self._state = value
            now_ns = grid.clock.now_ns()
            self._kept.append((now_ns, value))
            if self._function != "output":
                return True
            drive = HIGH if value is True else LOW if value is False else self._output_drive()
            settled = grid.step(self._leg, drive, now_ns)
        if not settled:
            grid.update(self._leg)
        return True

    def _output_drive(self) -> Drive:
        value = self._state
        if value == 0 or value == 1:
            return HIGH if value else LOW
        return Drive(VDD, OUTPUT_OHMS, value, self._frequency or NOMINAL_PWM_HZ, key=HIGH_PULSES)

    def _get_frequency(self) -> float | None:
        return self._frequency

    def _set_frequency(self, value: float | None) -> None:
        if value is None:
            self._frequency = None
            if self._function == "output":
                self._change_state(self._quantized(0))
            return
        if self._function != "output":
            raise PinSetInput(f"cannot set frequency of pin {self!r}: it is an input")
        if value <= 0:
            raise PinInvalidState(f"frequency of {self!r} must be above 0 Hz, not {value!r}")
        self._frequency = value
        self._leg.put(self._output_drive())

    def _look(self) -> None:
        """Take up the present level of the net, as a change if it is one."""
        with self._grid.hold():
            self._net_changed()

    def _net_changed(self) -> None:
        if self._function == "input":
            net = self._leg.net
            if net.frequency_hz or bool(net.level) == self._state:
                return
            self._input_changed(bool(net.level), self._grid.clock.now_ns())

    def _pulsed(self, level: int) -> None:
        if self._function == "input" and bool(level) != self._state:
            self._input_changed(bool(level), self._grid.clock.now_ns())

    # Edges

    def _input_changed(self, level: bool, now_ns: int) -> None:
        self._change_state(level)
        self._detector.see(level, now_ns)

    def _call_when_changed(self, ticks: float | None = None, state: int | None = None) -> None:
        if self._when_changed is not None:
            PiPin._call_when_changed(
                self,
                self._kept[-1][0] / NS_PER_S if ticks is None else ticks,
                self._state if state is None else state,
            )

    def _get_bounce(self) -> float | None:
        return self._detector.bounce

    def _set_bounce(self, value: Any) -> None:
        try:
            self._detector.bounce = None if value is None else float(value)
        except ValueError:
            raise PinInvalidBounce(f"bounce of {self!r} must be None or seconds, not {value!r}") from None

    def _get_edges(self) -> str:
        return self._detector.edges

    def _set_edges(self, value: str) -> None:
        if value not in ("none", "falling", "rising", "both"):
            raise PinInvalidEdges(f"edges of {self!r} must be none, falling, rising or both, not {value!r}")
        self._detector.edges = value

    def _enable_event_detect(self) -> None:
        self._detector.arm(bool(self._state))
        self._leg.count_pulses(self._pulsed)

    def _disable_event_detect(self) -> None:
        self._detector.disarm()
        self._leg.count_pulses(None)


class SimulatedPWMPin(SimulatedPin, MockPWMPin):
    """Takes a duty cycle as its state at all times, with a frequency or without, as MockPWMPin does."""

    _takes_duty = True


NOMINAL_PWM_HZ = 100.0
"""A mock PWM pin may have a duty cycle without a frequency; gpiozero's own default stands in."""
HIGH_PULSES = object()
PULLS = {
    (pull, ohms): Drive(VDD if pull == "up" else 0.0, ohms)
    for pull in ("up", "down")
    for ohms in (FIXED_PULL_OHMS, PULL_OHMS)
}
