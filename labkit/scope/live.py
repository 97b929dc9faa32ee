"""The live scope: lanes of levels and traces of values over the last seconds, or standing still at a trigger."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labkit.bench import Bench
from labkit.history import Lane
from labkit.sampling import check_rate
from labkit.scope.channels import Channel, channels_of, drawable
from labkit.scope.desk import ViewKey
from labkit.scope.export import csv_pieces
from labkit.scope.feed import COLUMNS, Feed
from labkit.scope.lanes import Lanes
from labkit.scope.measuring import Measurement, measure
from labkit.scope.plot import Plot
from labkit.scope.pump import pump_of
from labkit.scope.settings import TriggerSettings

__all__ = ["Scope", "scope"]

NS_PER_S = 1_000_000_000
SHORTEST_S, LONGEST_S = 1e-6, 7 * 86_400.0


class Scope(Plot):
    """What `bench.scope()` shows, in any number of cells and browsers. Callable from any thread."""

    def __init__(self, bench: Bench, channels: list[Channel], window: float, rate: float) -> None:
        self._bench = bench
        self._rate = rate
        self._pump = pump_of(bench)
        self._lanes = Lanes(bench, self._pump)
        self._settings: TriggerSettings | None = None
        self._changing = threading.RLock()
        super().__init__(self._lanes)
        self._feed = Feed(self._lanes, self._desk, _window_ns(window), self._tell_setup)
        self._lanes.add(channels)
        self._pump.join(self._feed)

    def close(self) -> None:
        """Follow nothing any more, and end every view."""
        self._pump.leave(self._feed)
        self._lanes.remove(lambda channel: True)
        for view in self._feed.views:
            self._desk.send(view, {"type": "gone"})
            self._feed.leave(view)
        super().close()

    @property
    def channels(self) -> list[str]:
        """The names of the lanes, from the top."""
        return [lane.name for lane in self._lanes.lanes]

    @property
    def window(self) -> float:
        """Seconds from edge to edge. It can be set."""
        return self._feed.window_ns / NS_PER_S

    @window.setter
    def window(self, seconds: float) -> None:
        self._change(_window_ns(seconds))

    def add(self, *devices: Any) -> Scope:
        """Show more devices, below."""
        self._lanes.add([each for device in devices for each in channels_of(self._bench, device, self._rate)])
        self._change()
        return self

    def remove(self, *devices: Any) -> Scope:
        """Show these no more: devices, or names of channels."""
        self._lanes.remove(lambda channel: any(each is channel.device or each == channel.name for each in devices))
        if self._settings is not None and not set(self._settings.channels) <= set(self.channels):
            self._settings = None
        self._change()
        return self

    def trigger(
        self, on: Any, how: str = "rising", *, level: float | None = None, shorter: float | None = None,
        longer: float | None = None, mode: str = "auto", pre: float = 0.2,
    ) -> Scope:  # fmt: skip
        """Make the picture stand still at an event.

        Args:
            on: A device or a channel's name; or several with wanted levels, `{red: 1, go: 0}`; or None for no trigger.
            how: A `"rising"`, `"falling"` or `"either"` edge; `"above"` or `"below"` a level; a `"high pulse"` or a
                `"low pulse"` of some width.
            level: Where an edge or a pulse begins; 0.5 by default, which is right for pins.
            shorter: The pulse is shorter than so many seconds.
            longer: The pulse is longer than so many seconds.
            mode: `"auto"` runs on when nothing happens, `"normal"` keeps the last picture, `"single"` stops at
                the first.
            pre: How much of the window lies before the event, 0.0 to 1.0.

        Raises:
            ValueError: There is no such channel, or the settings contradict each other.
        """
        if on is None:
            return self._use(None)
        wanted: dict[str, bool] = {}
        if isinstance(on, Mapping):
            wanted = {self._lanes.named(each).name: bool(value) for each, value in on.items()}
        channel = "" if wanted else self._lanes.named(on).name
        kind, height = "pattern" if wanted else how, 0.5 if level is None else level
        return self._use(TriggerSettings(channel, kind, wanted, height, shorter, longer, mode, pre))

    def arm(self) -> Scope:
        """Wait for the next event, after a single one as well."""
        if self._feed.trigger is not None:
            self._feed.trigger.arm()
        self._tell_setup()
        return self

    def measure(self, begin: float | None = None, end: float | None = None) -> dict[str, Measurement]:
        """What can be read off each channel between two instants of lab time, in seconds; by default off a window."""
        end_ns = self._lanes.span_ns[1] if end is None else round(end * NS_PER_S)
        begin_ns = end_ns - self._feed.window_ns if begin is None else round(begin * NS_PER_S)
        self._pump.turn()
        found = measure(self._lanes, begin_ns, end_ns)
        return {lane.name: found[lane.number] for lane in self._lanes.lanes}

    def to_csv(self, path: str | Path, begin: float | None = None, end: float | None = None) -> Path:
        """Write every edge and sample between two instants of lab time, in seconds; by default all that is there.

        Raises:
            FileExistsError: There is such a file.
            LookupError: Part of the time is not kept edge by edge any more.
        """
        self._pump.turn()
        first_ns, last_ns = self._lanes.span_ns
        begin_ns = first_ns if begin is None else round(begin * NS_PER_S)
        end_ns = last_ns + 1 if end is None else round(end * NS_PER_S)
        with Path(path).open("x", encoding="utf-8") as file:
            file.writelines(text for text, _ in csv_pieces(self._lanes, begin_ns, end_ns))
        return Path(path)

    # ---- what pages are told, and say

    @property
    def layout(self) -> int:
        return self._feed.layout

    def setup(self) -> dict[str, Any]:
        feed = self._feed
        shown = {channel.device for channel, _ in self._lanes.pairs}
        return {
            **super().setup(), "live": True, "window": feed.window_ns, "column": feed.column_ns,
            "columns": COLUMNS, "lost": self._pump.lost,
            "trigger": self._settings.tell() if self._settings is not None else None,
            "state": feed.trigger.state if feed.trigger is not None else "",
            "addable": sorted(name for name, device in drawable(self._bench).items() if device not in shown),
        }  # fmt: skip

    def forget(self, page: str) -> None:
        super().forget(page)
        self._feed.forget(page)

    def _answer(self, view: ViewKey, kind: str, message: dict[str, Any]) -> None:
        match kind:
            case "painted":
                if self._feed.painted(view, int(message["number"])):
                    self._pump.wake()
            case "hello":
                super()._answer(view, kind, message)
                self._feed.start(view)
                self._pump.wake()
            case "follow":
                self._feed.follow(view, bool(message["live"]))
                self._pump.wake()
            case "bye":
                self._feed.leave(view)
            case "span":
                self.window = float(message["seconds"])
            case "add":
                self.add(drawable(self._bench)[message["name"]])
            case "remove":
                self.remove(message["name"])
            case "trigger":
                settings = message["settings"]
                self._use(TriggerSettings.told(settings) if settings is not None else None)
            case "arm":
                self.arm()
            case _:
                super()._answer(view, kind, message)

    def _use(self, settings: TriggerSettings | None) -> Scope:
        for channel in settings.channels if settings is not None else ():
            self._lanes.named(channel)
        self._settings = settings
        self._change()
        return self

    def _change(self, window_ns: int | None = None) -> None:
        with self._changing:
            trigger = None
            if self._settings is not None:
                trigger = self._settings.trigger(lambda name: self._lanes.named(name).key)
            self._feed.restart(window_ns, trigger)
        self._tell_setup()
        self._pump.wake()

    def _tell_setup(self, view: ViewKey | None = None) -> None:
        told = self.setup()
        for view in self._feed.views:
            self._desk.send(view, told)

    def _lane(self, lane: Lane, beside: list[str]) -> dict[str, Any]:
        channel, track = self._lanes.pairs[lane.number]
        told = {
            **super()._lane(lane, beside), "span": channel.span, "rate": channel.rate, "begin": track.begin_ns,
            "trouble": self._pump.trouble_with(channel),
        }  # fmt: skip
        return told if track.end_ns is None else {**told, "ended": track.end_ns}


def _window_ns(seconds: float) -> int:
    """A window, checked.

    Raises:
        ValueError: It is no time that a picture could show.
    """
    if not (isinstance(seconds, int | float) and math.isfinite(seconds) and SHORTEST_S <= seconds <= LONGEST_S):
        raise ValueError(
            f"a window of {seconds!r} seconds shows nothing: give more than 0, such as window=10, and a week at most"
        )
    return round(seconds * NS_PER_S)


def scope(bench: Bench, devices: tuple[Any, ...], window: float, rate: float) -> Scope:
    """A live plot of the devices; running the same cell again closes the one it made before.

    Raises:
        ValueError: The window is none, a device is closed, or there is none at all.
        BadRate: The rate is none.
        TypeError: A device has nothing to plot.
    """
    check_rate(rate)
    _window_ns(window)
    wanted = devices or tuple(bench.devices)
    channels = [channel for device in wanted for channel in channels_of(bench, device, rate)]
    if not channels:
        raise ValueError("There is no device yet: make one first, such as red = LED(17).")
    new = Scope(bench, channels, window, rate)
    bench.keep(new)
    return new
