"""Push buttons."""

from __future__ import annotations

from typing import Any

from labkit.clock import Clock

__all__ = ["PushButton"]

NS_PER_S = 1_000_000_000


class PushButton:
    """A momentary switch on one pin, wired against the pin's pull: to ground, or to 3.3 V with a pull-down."""

    def __init__(self, pin: Any, clock: Clock) -> None:
        self._pin = pin
        self._clock = clock
        self.is_pressed = False

    def press(self, seconds: float | None = None) -> None:
        """Push the button down, and let it go after that much lab time; without a time, hold it.

        Callable from any thread.
        """
        self._set(pressed=True)
        if seconds is not None:
            self._clock.call_later(round(seconds * NS_PER_S), self.release)

    def release(self) -> None:
        """Let the button go. Callable from any thread."""
        self._set(pressed=False)

    def _set(self, *, pressed: bool) -> None:
        if self._pin.function != "input":
            return
        self.is_pressed = pressed
        idle_high = self._pin.pull == "up"
        (self._pin.drive_low if pressed == idle_high else self._pin.drive_high)()
