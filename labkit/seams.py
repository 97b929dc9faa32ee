"""Where a notebook's bench comes between gpiozero, Python and Jupyter, to know whose code runs; undone by `undo`.

Only here and in `sim/time` is anything patched. Each seam is passed through untouched while `is_on` says no: in
virtual time, where callbacks run, fail and print as in a program.
"""

from __future__ import annotations

import functools
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import gpiozero
from gpiozero import mixins

from labkit.background import Background
from labkit.cells import notebook_shell
from labkit.labtime import LabTime
from labkit.tap import Tap
from labkit.turns import Turns

__all__ = ["Seams", "seams_for"]

UNSET = object()


class Seams:
    """What is patched, and what was there before."""

    def __init__(self, background: Background, tap: Tap, shell: Any, is_on: Callable[[], bool]) -> None:
        self._background = background
        self._tap = tap
        self._is_on = is_on
        self._before: list[tuple[Any, str, Any]] = []
        self._parents: weakref.WeakKeyDictionary[threading.Thread, Any] = weakref.WeakKeyDictionary()
        self._streams = {name: stream for name in ("stdout", "stderr") if _is_jupyters(stream := getattr(sys, name))}
        for kind, name, fire in callbacks_of_gpiozero():
            self._put(kind, name, self._guarded(fire))
        for kind, name, made in Turns(is_on).methods():
            self._put(kind, name, made)
        self._put(threading.Thread, "start", self._starting(threading.Thread.start))
        self._put(threading, "excepthook", self._ending(threading.excepthook))
        for name, stream in self._streams.items():
            self._put(stream, "__class__", _routed(type(stream), functools.partial(self._write, name)))
        publisher = getattr(shell, "display_pub", None)
        if publisher is not None:
            self._put(publisher, "publish", self._publishing(publisher.publish))
        tap.deliver = self._deliver

    def undo(self) -> None:
        """Put back what was there."""
        self._tap.deliver = None
        for place, name, before in reversed(self._before):
            if before is UNSET:
                delattr(place, name)
            else:
                setattr(place, name, before)
        self._before.clear()

    def _put(self, place: Any, name: str, new: Any) -> None:
        self._before.append((place, name, type(place) if name == "__class__" else vars(place).get(name, UNSET)))
        setattr(place, name, new)

    def _guarded(self, fire: Callable[[Any], None]) -> Callable[[Any], None]:
        """Calls a device's callback; its thread goes on whatever that raises."""

        @functools.wraps(fire)
        def guarded(device: Any) -> None:
            if self._is_on():
                self._background.call(device, lambda: fire(device))
            else:
                fire(device)

        return guarded

    def _deliver(self, handler: Callable[[Any, Any], None], ticks: Any, state: Any) -> None:
        """A pin's handler: gpiozero's own, which calls the callbacks, or one that a user or a subclass set."""
        if self._is_on():
            self._background.call(getattr(handler, "__self__", None), lambda: handler(ticks, state))
        else:
            handler(ticks, state)

    def _starting(self, start: Callable[[Any], None]) -> Callable[[Any], None]:
        @functools.wraps(start)
        def starting(thread: Any) -> None:
            if self._is_on():
                self._background.bear(thread)
                here = self._parents.get(threading.current_thread())
                self._parents[thread] = here or [stream.parent_header for stream in self._streams.values()]
            start(thread)

        return starting

    def _ending(self, report: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def ending(args: Any) -> None:
            error = args.exc_value
            if not (self._is_on() and isinstance(error, Exception) and self._background.end(args.thread, error)):
                report(args)

        return ending

    def _write(self, name: str, stream: Any, write: Callable[[str], Any], text: str) -> Any:
        if not (self._is_on() and isinstance(text, str)):
            return write(text)
        whose = self._background.whose()
        if whose is None:
            self._belong(stream)
            return write(text)
        self._background.wrote(text, whose, name)
        return len(text)

    def _publishing(self, publish: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(publish)
        def publishing(data: Any, *args: Any, **kwargs: Any) -> Any:
            whose = self._background.whose() if self._is_on() else None
            if whose is None:
                return publish(data, *args, **kwargs)
            # A log takes text: of a picture or a table what it says of itself.
            self._background.wrote(f"{data.get('text/plain', ', '.join(data))}\n", whose, "stdout")
            return None

        return publishing

    def _belong(self, stream: Any) -> None:
        """Have a thread's output appear in the cell that started it, and not where Jupyter heard of last."""
        parents = self._parents.get(threading.current_thread())
        if parents is None or not hasattr(stream, "set_thread_parent"):
            return
        own = getattr(stream, "_parent_header", None)
        if own is not None and own.get(None) is None:
            own.set(parents[list(self._streams.values()).index(stream)])


def seams_for(background: Background, tap: Tap, clock: LabTime) -> Seams | None:
    """In a notebook, and nowhere else."""
    shell = notebook_shell()
    return Seams(background, tap, shell, lambda: clock.is_real) if hasattr(shell, "kernel") else None


def callbacks_of_gpiozero() -> Iterator[tuple[type, str, Callable[[Any], None]]]:
    """The methods that call users' callbacks: class, name, function."""
    kinds = {kind for module in (gpiozero, mixins) for kind in vars(module).values() if isinstance(kind, type)}
    for kind in kinds:
        for name, found in list(vars(kind).items()):
            if name.startswith("_fire_") and isinstance(found, FunctionType) and _calls_back(found):
                yield kind, name, found


def _calls_back(function: FunctionType) -> bool:
    return any(name.startswith("when_") for name in function.__code__.co_names)


def _routed(kind: Any, route: Callable[[Any, Callable[[str], Any], str], Any]) -> Any:
    """A stream's class whose `write` asks the way first.

    IPython puts a `write` of its own on the stream for each cell, and takes it away again; so this one can't be
    an attribute beside it.
    """

    class Routed(kind):  # type: ignore[misc]
        @property
        def write(self) -> Any:
            inner = self.__dict__.get("write") or functools.partial(kind.write, self)
            return functools.partial(route, self, inner)

        @write.setter
        def write(self, inner: Any) -> None:
            self.__dict__["write"] = inner

        @write.deleter
        def write(self) -> None:
            del self.__dict__["write"]

    Routed.__name__ = Routed.__qualname__ = kind.__name__
    return Routed


def _is_jupyters(stream: Any) -> bool:
    return hasattr(stream, "parent_header") and hasattr(stream, "pub_thread")
