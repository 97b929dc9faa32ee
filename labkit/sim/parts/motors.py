"""DC motors with inertia behind an H-bridge, and the encoder on their shaft."""

from __future__ import annotations

import math

from labkit.clock import Scheduled
from labkit.sim.net import VDD
from labkit.sim.part import Part
from labkit.sim.parts.knobs import QUADRATURE

__all__ = ["HBridgeMotor", "PhaseEnableMotor"]

HORIZON = 0.02
ENCODER_OHMS = 100.0


class DcMotor(Part):
    """A motor whose speed follows its voltage with a lag; subclasses say which pins make which voltage.

    Model: the speed nears `max_rpm` x (-1 to 1) as exp(-t / tau): the electrical time constant is far below
    the mechanical one (Maxon, "Formulae handbook"); 200 rpm and 0.1 s are a TT gear motor's at 6 V.
    `drag` slows it, as a finger on its wheel does: its speed falls in proportion to the torque against it (the same
    handbook), from all of it at 0 to a standstill at 1, the stall torque at full voltage.
    With `encoder`, two more pins carry the quadrature signal of a shaft encoder with `cycles` a turn, each of
    its edges at the instant that the shaft gets there (to 0.1 µs).
    """

    kind = "motor"
    settable = {"drag": ""}
    readable = {"rpm": "1/min", "turns": ""}

    def __init__(
        self,
        pins: dict[str, int],
        max_rpm: float,
        tau: float,
        encoder: tuple[int, int] | None,
        cycles: int,
        name: str | None,
    ) -> None:
        if encoder is not None:
            pins = pins | {"encoder_a": encoder[0], "encoder_b": encoder[1]}
        super().__init__(pins, name=name)
        self.max_rpm = max_rpm
        self.tau = tau
        self.cycles = cycles
        self._drag = 0.0
        self._speed = self._turns = self._target = 0.0  # turns per second, turns, turns per second
        self._since_ns = 0
        self._quarters = 0
        self._edge: Scheduled | None = None

    def attach(self) -> None:
        self._since_ns = self.now_ns
        for leg in self._inputs():
            self.legs[leg].listen(self._inputs_changed)
        self._show_encoder()

    def detach(self) -> None:
        if self._edge is not None:
            self._edge.cancel()

    def drive(self) -> float:
        """The bridge's output: -1 for full backward to 1 for full forward."""
        raise NotImplementedError

    @property
    def drag(self) -> float:
        """What holds against it, as a part of its stall torque at full voltage: 0.0 to 1.0."""
        return self._drag

    @drag.setter
    def drag(self, share: float) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"{self.name} is held by 0 to 1 of its stall torque, not by {share}")
        self._drag = share
        if self._board is not None:
            with self.board.hold():
                self._inputs_changed()

    @property
    def rpm(self) -> float:
        """The shaft's speed, negative when it runs backward."""
        return self._state(self._passed())[0] * 60

    @property
    def turns(self) -> float:
        """How far the shaft has turned."""
        return self._state(self._passed())[1]

    def _inputs(self) -> list[str]:
        return [leg for leg in self.legs if not leg.startswith("encoder")]

    def _passed(self) -> float:
        return (self.now_ns - self._since_ns) / 1e9

    def _state(self, seconds: float) -> tuple[float, float]:
        """Speed and position that much after the last change of voltage."""
        decay = math.exp(-seconds / self.tau)
        gap = self._speed - self._target
        return self._target + gap * decay, self._turns + self._target * seconds + gap * self.tau * (1 - decay)

    def _inputs_changed(self) -> None:
        drive = self.drive()
        target = math.copysign(max(0.0, abs(drive) - self._drag), drive) * self.max_rpm / 60
        if target == self._target:
            return
        self._speed, self._turns = self._state(self._passed())
        self._since_ns, self._target = self.now_ns, target
        if "encoder_a" in self.legs:
            self.detach()
            self._plan()

    # The encoder

    def _plan(self) -> None:
        """Ask to be called at the next quarter of a cycle, or after a while when none is near."""
        start = self._passed()
        speed = self._state(start)[0]
        if abs(speed) < 1e-6 and abs(self._target) < 1e-6:
            return
        if self._quarter_at(start + HORIZON) == self._quarters:
            self._edge = self.after(HORIZON, self._plan)
            return
        early, late = start, start + HORIZON
        while late - early > 1e-7:
            middle = (early + late) / 2
            if self._quarter_at(middle) == self._quarters:
                early = middle
            else:
                late = middle
        self._edge = self.after(late - start, self._step)

    def _quarter_at(self, seconds: float) -> int:
        return math.floor(self._state(seconds)[1] * self.cycles * 4)

    def _step(self) -> None:
        now = self._quarter_at(self._passed())
        self._quarters += (now > self._quarters) - (now < self._quarters)
        self._show_encoder()
        self._plan()

    def _show_encoder(self) -> None:
        if "encoder_a" in self.legs:
            for leg, level in zip(("encoder_a", "encoder_b"), QUADRATURE[self._quarters % 4], strict=True):
                self.legs[leg].drive(VDD * level, ENCODER_OHMS)


class HBridgeMotor(DcMotor):
    """A motor on a bridge with a pin for each direction (L298N, DRV8833 and gpiozero's Motor).

    Model: the voltage is the difference of the two duty cycles; with an `enable` pin, times its duty cycle.
    Both pins alike brake it.
    """

    def __init__(
        self,
        forward: int,
        backward: int,
        *,
        enable: int | None = None,
        max_rpm: float = 200.0,
        tau: float = 0.1,
        encoder: tuple[int, int] | None = None,
        cycles: int = 20,
        name: str | None = None,
    ) -> None:
        pins = {"forward": forward, "backward": backward}
        if enable is not None:
            pins["enable"] = enable
        super().__init__(pins, max_rpm, tau, encoder, cycles, name)

    def drive(self) -> float:
        share = self.legs["enable"].duty if "enable" in self.legs else 1.0
        return (self.legs["forward"].duty - self.legs["backward"].duty) * share


class PhaseEnableMotor(DcMotor):
    """A motor on a bridge with a direction and a speed pin (DRV8835 in phase/enable mode).

    Model: the voltage is the enable pin's duty cycle, reversed while the phase pin is high.
    """

    def __init__(
        self,
        phase: int,
        enable: int,
        *,
        max_rpm: float = 200.0,
        tau: float = 0.1,
        encoder: tuple[int, int] | None = None,
        cycles: int = 20,
        name: str | None = None,
    ) -> None:
        super().__init__({"phase": phase, "enable": enable}, max_rpm, tau, encoder, cycles, name)

    def drive(self) -> float:
        return self.legs["enable"].duty * (-1.0 if self.legs["phase"].level else 1.0)
