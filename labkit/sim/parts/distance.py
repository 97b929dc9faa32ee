"""Ultrasonic distance sensors."""

from __future__ import annotations

import math

from labkit.sim.part import Part

__all__ = ["HcSr04", "speed_of_sound"]

TRIGGER_NS = 10_000
BURST_SECONDS = 450e-6
SILENCE_SECONDS = 0.038
NEAREST, FARTHEST = 0.02, 4.0


def speed_of_sound(celsius: float) -> float:
    """In air, in m/s: 343.26 at 20 °C, as gpiozero takes it, and with the root of absolute temperature."""
    return 343.26 * math.sqrt((celsius + 273.15) / 293.15)


class HcSr04(Part):
    """An HC-SR04 ultrasonic ranger.

    Model: after a trigger pulse of at least 10 µs it sends a burst; 450 µs after the pulse's end its echo
    line rises, for as long as sound takes to the target and back; without an echo, for 38 ms. It hears
    nothing nearer than 2 cm (it reports 2 cm) or beyond 4 m, and ignores triggers while it listens
    (ElecFreaks HC-SR04 user guide; 450 µs is what such modules show on a scope). The echo is 5 V behind a
    1 kΩ / 2 kΩ divider, or bare (divider=False).
    """

    kind = "distance"
    settable = {"distance": "m", "temperature": "°C", "noise": "m"}
    readable = {"distance": "m", "pings": ""}

    def __init__(
        self,
        echo: int,
        trigger: int,
        *,
        distance: float | None = 0.5,
        temperature: float | None = None,
        noise: float = 0.0,
        divider: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__({"echo": echo, "trigger": trigger}, name=name)
        self.distance = distance
        self.temperature = temperature
        self.noise = noise
        self.pings = 0
        self._high = (5.0 * 2 / 3, 2000 / 3) if divider else (5.0, 100.0)
        self._raised_ns: int | None = None
        self._busy = False

    def attach(self) -> None:
        self.legs["echo"].drive(0.0, self._high[1])
        self.legs["trigger"].listen(self._trigger_changed)

    def echo_seconds(self) -> float:
        """How long the echo line will be high for the present distance."""
        distance = self.distance
        if distance is not None and self.noise:
            distance += self.random.gauss(0.0, self.noise)
        if distance is None or distance > FARTHEST:
            return SILENCE_SECONDS
        celsius = self.board.environment.temperature if self.temperature is None else self.temperature
        return 2 * max(distance, NEAREST) / speed_of_sound(celsius)

    def _trigger_changed(self) -> None:
        if self.legs["trigger"].level:
            if self._raised_ns is None:
                self._raised_ns = self.now_ns
        elif self._raised_ns is not None:
            width_ns, self._raised_ns = self.now_ns - self._raised_ns, None
            if width_ns >= TRIGGER_NS and not self._busy:
                self._busy = True
                self.after(BURST_SECONDS, self._rise)

    def _rise(self) -> None:
        self.pings += 1
        self.legs["echo"].drive(*self._high)
        self.after(self.echo_seconds(), self._fall)

    def _fall(self) -> None:
        self._busy = False
        self.legs["echo"].drive(0.0, self._high[1])
