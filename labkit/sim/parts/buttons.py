"""Contacts that people close: push buttons and switches."""

from __future__ import annotations

from functools import partial
from typing import Literal

from labkit.clock import Scheduled
from labkit.sim.net import VDD, WIRE_OHMS
from labkit.sim.part import Part

__all__ = ["PushButton", "Switch"]

Side = Literal["auto", "ground", "supply"]


class Contact(Part):
    """Two pieces of metal between a pin and ground or the supply, which chatter as they meet."""

    def __init__(
        self,
        pin: int,
        *,
        to: Side = "auto",
        bounces: int = 0,
        within: float = 0.0016,
        name: str | None = None,
    ) -> None:
        super().__init__({"pin": pin}, name=name)
        self.to = to
        self.bounces = bounces
        self.within = within
        self._pending: list[Scheduled] = []
        self._volts = 0.0
        self._closed = False

    def detach(self) -> None:
        self._cancel()

    def _move(self, closed: bool, bounces: int | None, within: float | None, back_after: float | None = None) -> None:
        self._cancel()
        self._closed = closed
        if closed:
            self._volts = self._other_side()
        # All that follows is set before the first touch: what a program does about that may take its time, or move
        # this contact again.
        times = self.bounces if bounces is None else bounces
        window = self.within if within is None else within
        touches = closed
        for instant in sorted(self.random.uniform(0, window) for _ in range(2 * times)):
            touches = not touches
            self._pending.append(self.after(instant, partial(self._touch, touches)))
        if back_after is not None:
            self._pending.append(self.after(back_after, lambda: self._move(not closed, bounces, within)))
        self._touch(closed)

    def _cancel(self) -> None:
        for scheduled in self._pending:
            scheduled.cancel()
        self._pending.clear()

    def _touch(self, closed: bool) -> None:
        if closed:
            self.legs["pin"].drive(self._volts, WIRE_OHMS)
        else:
            self.legs["pin"].release()

    def _other_side(self) -> float:
        if self.to == "auto":
            return VDD if self.legs["pin"].net.pull == "down" else 0.0
        return VDD if self.to == "supply" else 0.0


class PushButton(Contact):
    """A momentary contact between a pin and ground or the 3.3 V supply.

    Model: an ideal contact of 0.1 Ω that chatters after each change: `bounces` extra closings and
    openings at seeded random instants within `within` seconds (Ganssle, "A Guide to Debouncing":
    typical switches bounce for 1.6 ms, up to 6.2 ms). By default it does not bounce.

    Wired "auto", its other side goes to ground, or to 3.3 V when the pin has its pull-down on at the
    moment of pressing: so that a press always does something.
    """

    kind = "button"
    settable = {"bounces": "", "within": "s"}
    readable = {"is_pressed": ""}

    @property
    def is_pressed(self) -> bool:
        """The finger is on it; its contact may still chatter."""
        return self._closed

    def press(self, seconds: float | None = 0.1, *, bounces: int | None = None, within: float | None = None) -> None:
        """Hold the button down, then let it go.

        Args:
            seconds: How long, in lab time; None holds it until `release`.
            bounces: How often the contact opens and closes again after each change; this time only.
            within: For how many seconds it does so; this time only.

        Returns at once. Callable from any thread.
        """
        self._move(True, bounces, within, back_after=seconds)

    def hold(self) -> None:
        """Press and stay pressed."""
        self.press(None)

    def release(self) -> None:
        """Let go; does nothing when it is not pressed."""
        if self._closed:
            self._move(False, None, None)


class Switch(Contact):
    """A latching switch: like a `PushButton` that stays where it was put."""

    kind = "switch"
    settable = {"is_on": ""}
    readable = {"is_on": ""}

    @property
    def is_on(self) -> bool:
        """The contact is closed; setting it moves the lever. Any thread."""
        return self._closed

    @is_on.setter
    def is_on(self, is_on: bool) -> None:
        if bool(is_on) != self._closed:
            self._move(bool(is_on), None, None)

    def flip(self) -> None:
        """Move the lever over."""
        self.is_on = not self.is_on
