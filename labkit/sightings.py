"""Which devices a program made, on which pins, and what it calls them: kept after they are closed or gone."""

from __future__ import annotations

import sys
import weakref
from collections import Counter
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from labkit.claims import close_reservers
from labkit.devices import BenchFactory
from labkit.making import in_the_making
from labkit.naming import name_given_in

__all__ = ["Sighting", "WatchedFactory"]

LIBRARIES = ("gpiozero", "labkit", "colorzero")


@dataclass
class Sighting:
    """One device that was made.

    Attributes:
        kind: Its class.
        name: What the program calls it; None where it gives no name.
        pins: The names of its pins, in the order it took them.
    """

    device: weakref.ref[Any]
    kind: str
    name: str | None
    pins: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """For a reader: "red (LED)"."""
        return f"{self.name} ({self.kind})" if self.name else self.kind


class WatchedFactory(BenchFactory):
    """Simulated pins that note who took them.

    Attributes:
        sightings: The devices made so far, oldest first; it grows with devices, not with time, where a
            program keeps making the same ones on the same pins.
    """

    def __init__(self, **given: Any) -> None:
        self.sightings: list[Sighting] = []
        super().__init__(**given)

    def reserve_pins(self, requester: Any, *names: Any) -> None:
        super().reserve_pins(requester, *names)
        makings = in_the_making(self)
        sighting = self._sighting_of(makings[0].device if makings else requester)
        for name in names:
            pin = f"GPIO{self.gpio(name)}"
            if pin not in sighting.pins:
                sighting.pins.append(pin)

    def end(self) -> None:
        """Close the program's devices, and the pins after them."""
        close_reservers(self)
        self.close()

    def pin_names(self) -> dict[str, str]:
        """What to call each pin: its newest device's name, with the pin's own behind it where there are several."""
        names: dict[str, str] = {}
        for sighting in self.sightings:
            for pin in sighting.pins:
                if sighting.name:
                    names[pin] = sighting.name if len(sighting.pins) == 1 else f"{sighting.name}.{pin}"
        return names

    def _sighting_of(self, device: Any) -> Sighting:
        for sighting in reversed(self.sightings):
            if sighting.device() is device:
                return sighting
        frame = _caller()
        found = Sighting(weakref.ref(device), type(device).__name__, name_given_in(frame) if frame else None)
        if found.name and found.name.endswith("[]"):
            found.name = f"{found.name[:-2]}[{self._so_far(found.name[:-1])}]"
        self._forget_the_like(found)
        self.sightings.append(found)
        return found

    def _so_far(self, start: str) -> int:
        counted = Counter(one.name.rpartition("[")[0] + "[" for one in self.sightings if one.name)
        return counted[start]

    def _forget_the_like(self, found: Sighting) -> None:
        """A loop that makes and closes one device again and again is one line of a summary, not thousands."""
        self.sightings = [
            one for one in self.sightings if (one.name, one.kind) != (found.name, found.kind) or _is_open(one.device())
        ]


def _is_open(device: Any) -> bool:
    return device is not None and not device.closed


def _caller() -> FrameType | None:
    """The program's line that makes the device."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in LIBRARIES:
        frame = frame.f_back
    return frame
