"""One at a time: what switches a device, whatever thread it comes from.

gpiozero's `on`, `blink` and the like end the thread that blinks, then start another or write. Two threads at once, a
cell's and a panel's, break that: the device raises from then on, whatever is asked of it, or a motor is driven
both ways.
"""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from gpiozero import Device, boards, output_devices

__all__ = ["Turns"]

VERBS = {
    "on", "off", "toggle", "blink", "beep", "pulse", "play",
    "forward", "backward", "left", "right", "reverse", "stop", "min", "mid", "max", "detach",
}  # fmt: skip
# A turn takes microseconds, and where a thread that blinks is ended, its last write. Whoever waits longer goes on as
# gpiozero alone would: two callbacks that wait for each other's device must not wait for ever.
PATIENCE_S = 2.0


class Turns:
    """A lock for each device: its verbs, and setting its properties, wait for each other's end.

    A whole comes before its pieces, so that nobody holds a piece who waits for its whole. What waits for the end
    (`blink(n=3, background=False)`) does so outside its turn, so that `off()` ends it as ever.

    Args:
        is_on: Asked each time; where not, nothing is locked.
    """

    def __init__(self, is_on: Callable[[], bool]) -> None:
        self._is_on = is_on
        self._locks: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        # Again by the same thread: the collector may close a device in the middle of this.
        self._making = threading.RLock()

    def methods(self) -> Iterator[tuple[type, str, Any]]:
        """What to put in place of gpiozero's own: class, name, function or property."""
        for kind in _output_classes():
            for name, found in list(vars(kind).items()):
                if isinstance(found, property) and found.fset is not None and not name.startswith("_"):
                    yield kind, name, found.setter(self._in_turn(found.fset))
                elif isinstance(found, FunctionType) and name in VERBS:
                    waits = "background" in inspect.signature(found).parameters
                    yield kind, name, self._in_background(found) if waits else self._in_turn(found)

    @contextmanager
    def turn(self, device: Any) -> Iterator[None]:
        """Nobody else switches that device meanwhile."""
        lock = self._locks.get(device)
        if lock is None:
            with self._making:
                lock = self._locks.setdefault(device, threading.RLock())
        has_it = lock.acquire(timeout=PATIENCE_S)
        try:
            yield
        finally:
            if has_it:
                lock.release()

    def _in_turn(self, act: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(act)
        def in_turn(device: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._is_on():
                return act(device, *args, **kwargs)
            with self.turn(device):
                return act(device, *args, **kwargs)

        return in_turn

    def _in_background(self, act: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(act)

        @functools.wraps(act)
        def in_turn(device: Any, *args: Any, **kwargs: Any) -> None:
            if not self._is_on():
                act(device, *args, **kwargs)
                return
            asked = signature.bind(device, *args, **kwargs)
            waits = not asked.arguments.get("background", True)
            asked.arguments["background"] = True
            with self.turn(device):
                act(*asked.args, **asked.kwargs)
                thread = device._blink_thread
            if waits and thread is not None:
                thread.join()
                with self.turn(device):
                    if device._blink_thread is thread:
                        device._blink_thread = None

        return in_turn


def _output_classes() -> list[type]:
    found = {kind for module in (output_devices, boards) for kind in vars(module).values() if isinstance(kind, type)}
    return sorted((kind for kind in found if issubclass(kind, Device)), key=lambda kind: kind.__qualname__)
