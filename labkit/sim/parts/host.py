"""The computer itself: its temperature, load, disk, network and time of day, as a part one can set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from labkit.sim.part import Part

__all__ = ["Host"]


class Host(Part):
    """What gpiozero's internal devices read, scripted instead of the machine's own.

    Model: plain values that stay as set. The time of day goes on from where it was set, with lab time;
    until then it is the machine's (or a virtual clock's) own.

    Attributes:
        cpu_temperature: In degrees Celsius.
        load: The load averages of the last 1, 5 and 15 minutes.
        disk_used: The part of every filesystem that is used, 0 to 1.
        unreachable: Hosts that don't answer a ping; all others do.
        time_set: Called when the time of day was set, or given back to the machine.
    """

    kind = "host"
    settable = {"cpu_temperature": "°C", "load": "", "disk_used": "", "time": ""}
    readable = {"cpu_temperature": "°C", "load": "", "disk_used": ""}

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__({}, name=name)
        self.cpu_temperature = 45.0
        self._load = (0.1, 0.1, 0.1)
        self.disk_used = 0.4
        self.unreachable: set[str] = set()
        self._time: tuple[datetime, int] | None = None
        self.time_set: Callable[[], None] | None = None

    @property
    def load(self) -> tuple[float, float, float]:
        return self._load

    @load.setter
    def load(self, load: float | tuple[float, float, float]) -> None:
        """One number stands for all three."""
        self._load = load if isinstance(load, tuple) else (load, load, load)

    @property
    def time(self) -> datetime | None:
        """The time of day on the bench; None while it is the machine's own."""
        if self._time is None:
            return None
        then, since_ns = self._time
        return then + timedelta(microseconds=(self.now_ns - since_ns) // 1000)

    @time.setter
    def time(self, time: datetime | None) -> None:
        self._time = None if time is None else (time, self.now_ns)
        if self.time_set is not None:
            self.time_set()
