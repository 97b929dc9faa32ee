"""Simulated pins.

A stand-in on gpiozero's mock pins: outputs can be written and inputs driven by hand, but there are
no wires between pins and no physics. The simulated board on nets takes this file's place.
"""

from __future__ import annotations

from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

__all__ = ["SimulatedFactory"]


class SimulatedFactory(MockFactory):  # type: ignore[misc]
    """Pins of a simulated Raspberry Pi 4B, every one of them able to do PWM."""

    def __init__(self, revision: str = "c03114") -> None:
        super().__init__(revision=revision, pin_class=SimulatedPin)


class SimulatedPin(MockPWMPin):  # type: ignore[misc]
    """A pin whose history is bounded: the tap keeps what is worth keeping."""

    def _change_state(self, value: Any) -> bool:
        del self.states[:-16]
        return bool(super()._change_state(value))
