"""What goes into a recording: edges from the tap, samples, and marks for what happens meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from labkit.bench import Bench
from labkit.cells import Cell
from labkit.pieces import pins_of
from labkit.recordables import Recordable, pin_label, recordable, unique
from labkit.recorder import Recorder
from labkit.runfile.contents import Channel, Mark
from labkit.sampling import Sampler, Source
from labkit.trace import Edge

__all__ = ["Capture"]

MOST_CHANNELS = 256
NS_PER_S = 1_000_000_000
LINE = 80


class Capture:
    """Connects a bench with a recorder, from `begin` to `leave`.

    Attributes:
        samplers: What reads values for it.
        leaving: What `leave` calls.
    """

    def __init__(self, bench: Bench, rate: float) -> None:
        self.samplers: list[Sampler] = []
        self.leaving: list[Callable[[], object]] = []
        self._bench = bench
        self._rate = rate
        self._recorder: Recorder
        self._names: set[str] = set()
        self._by_pin: dict[str, Channel] = {}
        self._open_pins: set[str] = set()
        self._sampled: list[Any] = []
        self._numbers = 0
        self._naming = threading.Lock()
        self._has_left = False

    @property
    def problem(self) -> str:
        """What goes wrong with the samples, in words; empty where all is well."""
        missed = sum(sampler.missed for sampler in self.samplers)
        if not missed:
            return ""
        longest_ns = max(sampler.longest_ns for sampler in self.samplers)
        why = "the computer was busy elsewhere"
        if longest_ns * self._rate > NS_PER_S:
            why = f"reading took up to {longest_ns / 1e6:.3g} ms, and {self._rate:g} Hz leaves {1000 / self._rate:.3g}"
        return f"{missed:,} samples were missed: {why}."

    def leave(self) -> None:
        """Hand over nothing more."""
        self._has_left = True
        for leave in tuple(self.leaving):
            leave()

    def begin(self, recorder: Recorder, recordables: list[Recordable], *, follow: bool) -> None:
        """Hand the edges and samples of these to a recorder; `follow`: and of devices that are made later."""
        bench, self._recorder = self._bench, recorder
        self.leaving.append(bench.tap.subscribe(self._recorder.receive_edge))
        for each in recordables:
            for pin, name in each.pins:
                self._add_pin(pin, name, each.kind)
        self._sample(recordables)
        if follow:
            self._recorder.follow(self._meet)
            self.leaving.append(bench.watch(None, self._look_for_more))
        self.leaving.append(bench.viewing.watch_hands(self._hands_changed))
        self.leaving.append(bench.cells.follow(self._mark_cell))

    def _add_pin(self, pin: str, name: str, device: str) -> None:
        real = self._bench.factory.pin(pin)
        real.labkit_watch()
        latest = self._bench.tap.latest.get(pin)
        level = float(real.labkit_level()) if latest is None else latest.level
        seq = 0 if latest is None else latest.seq
        channel = self._new(name, pin=pin, device=device, initial=level, seq=seq, bounce=self._bounce(pin))
        if channel is not None:
            self._recorder.add(channel)

    def _new(self, name: str, *, kind: str = "digital", pin: str = "", **what: Any) -> Channel | None:
        """A new channel; None where the pin has one, or there are too many."""
        # Never held while the recorder is called: it calls `_meet`.
        with self._naming:
            if pin in self._by_pin or self._numbers >= MOST_CHANNELS:
                return None
            channel = Channel(self._numbers, unique(name, self._names), kind, pin, **what)
            self._numbers += 1
            if pin:
                self._by_pin[pin] = channel
                self._open_pins.add(pin)
            return channel

    def _sample(self, recordables: list[Recordable]) -> None:
        """Begin to sample the values among these."""
        start_ns = self._bench.clock.now_ns()
        sources = []
        for each in recordables:
            if each.source is None:
                continue
            about: dict[str, Any] = {"kind": "analog", "device": each.kind, "rate": self._rate, "first_ns": start_ns}
            added = [channel for name in each.source.channels if (channel := self._new(name, **about)) is not None]
            for channel in added:
                self._recorder.add(channel)
            names = tuple(channel.name for channel in added)
            sources.append(Source(names, each.source.read, each.source.is_closed))
            self._sampled.append(each.device)
        if sources:
            receive = self._recorder.receive_sample
            sampler = self._bench.sampling.add(sources, self._rate, receive, self._troubled, start_ns=start_ns)
            self.samplers.append(sampler)
            self.leaving.append(sampler.close)
            if self._has_left:
                sampler.close()

    # ---- what happens meanwhile

    def _meet(self, edge: Edge) -> Channel | None:
        """A pin that had no channel has an edge: a device that was made after the start. On the recorder's thread."""
        bench = self._bench
        if bench.tap.latch.is_bus(edge.pin):
            return None
        device = next((device for device in bench.devices if edge.pin in pins_of(device)), None)
        name, kind = edge.pin, ""
        if device is not None:
            name, kind = pin_label(bench, device, edge.pin), type(device).__name__
        return self._new(name, pin=edge.pin, device=kind, initial=0, seq=edge.seq - 1, bounce=self._bounce(edge.pin))

    def _bounce(self, pin: str) -> float:
        real = self._bench.factory.pin(pin)
        return float(real.bounce or 0) if real.function == "input" else 0.0

    def _look_for_more(self) -> None:
        """Devices may have come: watch their pins, and sample their values. On the view thread."""
        for device in self._bench.devices:
            if any(device is known for known in self._sampled) or getattr(device, "closed", False):
                continue
            for pin in pins_of(device) - self._by_pin.keys():
                self._bench.factory.pin(pin).labkit_watch()
            with contextlib.suppress(TypeError, ValueError):
                if not self._has_left:
                    self._sample([recordable(self._bench, device)])

    def _hands_changed(self, pin: str) -> None:
        """A pin was taken or released; in the thread that did it."""
        channel = self._by_pin.get(pin)
        if channel is None:
            return
        is_held = any(holder.pin == pin for holder in self._bench.holders())
        if is_held != (pin in self._open_pins):
            (self._open_pins.add if is_held else self._open_pins.discard)(pin)
            kind, text = ("opened", "was opened again") if is_held else ("closed", "was closed")
            self._mark(kind, f"{channel.name} {text}", channel.number)

    def _troubled(self, source: Source, trouble: str) -> None:
        """A value can't be read; on the sampling thread."""
        name = ", ".join(source.channels)
        self._mark("failed" if trouble else "closed", f"{name}: {trouble}" if trouble else f"{name} was closed")

    def _mark_cell(self, what: str, cell: Cell, detail: Any) -> None:
        first = str(detail or "").strip().partition("\n")[0][:LINE]
        if what == "ended":
            first = f"with {type(detail).__name__}" if detail is not None else ""
        text = f"{cell.label} {what}" + (f"{':' if what == 'began' else ''} {first}" if first else "")
        self._mark("cell", text)

    def _mark(self, kind: str, text: str, channel: int | None = None) -> None:
        self._recorder.mark(Mark(self._bench.clock.now_ns(), kind, text, channel))
