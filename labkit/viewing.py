"""Who looks at a bench: wakes its views when pins change, and ends them when their cell runs again."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from labkit.cells import Cell, CellWatch
from labkit.claims import Claims
from labkit.clock import report_errors
from labkit.pacing import Pacer

__all__ = ["Closable", "Viewing", "Views"]

# People see no more than this, and Jupyter drops messages above 1000 a second.
FRAMES_PER_S = 20
AT_ONCE = 4
"""So many looks follow one another without a pause after a rest: a press and its release, a few quick clicks."""


class Closable(Protocol):
    """What ends with a cell or a bench."""

    def close(self) -> None: ...


class Views(Protocol):
    """What the bench can show; the layers above hand it in, so that the bench needs no front end."""

    def header(self, bench: Any) -> Any: ...

    def panel(self, bench: Any, device: Any) -> Any: ...

    def panels(self, bench: Any) -> Any: ...

    def scope(self, bench: Any, devices: tuple[Any, ...], window: float, rate: float) -> Any: ...

    def picture(self, bench: Any, circuit: Any) -> Any: ...

    def record(self, bench: Any, name: Any, devices: tuple[Any, ...], rate: float, folder: Any) -> Any: ...

    def log(self, bench: Any) -> Any: ...


class Viewing:
    """One view thread for all views of a bench. Callable from any thread.

    Args:
        claims: Who holds which pin.
        tell: Called after the views, when devices may have got their variables by now.
    """

    def __init__(self, claims: Claims, tell: Callable[[], None]) -> None:
        self._claims = claims
        self._tell = tell
        self._changed: set[str] = set()
        self._closing: dict[int, tuple[str, weakref.ref[Any], int]] = {}
        self._listeners: list[tuple[frozenset[str] | None, Callable[[], None]]] = []
        self._hand_watchers: tuple[Callable[[str], None], ...] = ()
        self._kept: list[tuple[Cell, Closable]] = []
        self._lock = threading.Lock()
        self._refreshing = threading.RLock()
        self._pacer = Pacer(1 / FRAMES_PER_S, self.refresh, AT_ONCE)

    def watch(self, pins: frozenset[str] | None, refresh: Callable[[], None]) -> Callable[[], None]:
        """Call refresh after these pins (None: any) changed; what is returned ends that."""
        entry = (pins, refresh)
        with self._lock:
            self._listeners.append(entry)

        def unwatch() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not entry]

        return unwatch

    def note_change(self, pin: str) -> None:
        """A pin changed state or holder."""
        self._changed.add(pin)
        self._pacer.poke()

    def note_release(self, pin: str, reserver: Any) -> None:
        """A pin changed hands. gpiozero releases it first and counts the device as closed a moment later."""
        self._closing[id(reserver)] = (pin, weakref.ref(reserver), 0)
        for changed in self._hand_watchers:
            changed(pin)
        self.note_change(pin)

    def watch_hands(self, changed: Callable[[str], None]) -> Callable[[], None]:
        """Call changed with each pin that changes hands, there and then; what is returned ends that."""
        with self._lock:
            self._hand_watchers = (*self._hand_watchers, changed)

        def unwatch() -> None:
            with self._lock:
                self._hand_watchers = tuple(other for other in self._hand_watchers if other is not changed)

        return unwatch

    def poke(self) -> None:
        """Ask for a look although no pin changed: those that watch any pin come."""
        self._pacer.poke()

    def keep(self, view: Closable, cells: CellWatch) -> Callable[[], None]:
        """Close a view when its cell runs again, or with the bench: views must not pile up.

        What is returned lets go of one that is closed already.
        """
        cell = cells.current
        for made, old in self._kept:
            if made.key == cell.key and made.run != cell.run:
                old.close()
        self._kept = [each for each in self._kept if each[0].key != cell.key or each[0].run == cell.run]
        self._kept.append((cell, view))

        def forget() -> None:
            self._kept = [each for each in self._kept if each[1] is not view]

        return forget

    def refresh(self) -> None:
        """Have the views that show something changed look at it, here and now."""
        with self._refreshing:
            changed = set()
            # Emptied, not replaced: another thread may be about to add to this very set.
            while self._changed:
                changed.add(self._changed.pop())
            self._expect_closed()
            for pins, refresh in tuple(self._listeners):
                if pins is None or not pins.isdisjoint(changed):
                    # One view's error must not cost the others their look.
                    report_errors(refresh)
            # Last: somebody waits for the picture.
            self._tell()

    def close_views(self) -> None:
        """Close what was kept, and have the others look once more: at a closed bench."""
        for _, view in self._kept:
            view.close()
        self.refresh()

    def close(self) -> None:
        """End the view thread."""
        self._pacer.close()

    def _expect_closed(self) -> None:
        """Look again at a device that released its pins but is not closed yet; not for ever."""
        holding = [claim.reserver() for claim in self._claims.holders()] if self._closing else []
        for key, (pin, reserver, looks) in list(self._closing.items()):
            del self._closing[key]
            device = reserver()
            if device is None or device.closed or any(device is held for held in holding):
                continue
            if looks < FRAMES_PER_S:
                self._closing[key] = (pin, reserver, looks + 1)
                self.note_change(pin)
