"""The kernel's side of the guard: starts it, tells it which outputs are in use, and takes leave of it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from gpiozero import Motor, OutputDevice, PhaseEnableMotor, Robot, Servo, SPIDevice

from labkit.claims import Claims
from labkit.errors import GuardGone
from labkit.safety.processes import start_time
from labkit.safety.runtime import open_private, runtime_folder
from labkit.tap import Tap

__all__ = ["Guard", "guard_for"]

LOG_BYTES = 262_144
MOVING = (Motor, PhaseEnableMotor, Robot, Servo)


def guard_for(factory: Any, claims: Claims, tap: Tap) -> Guard | None:
    """Start a guard for the factory's pins; None where no other process can reach them."""
    lines = getattr(factory, "labkit_lines", None) or _lgpio_lines(factory)
    return Guard(lines[0], lines[1], factory, claims, tap) if lines else None


class Guard:
    """One guard process, which lives until `dismiss` or this process's end. Callable from any thread."""

    def __init__(self, kind: str, where: str, factory: Any, claims: Claims, tap: Tap) -> None:
        """Start it, for lines of that kind and place; see `guard.py`."""
        self._factory = factory
        self._claims = claims
        self._tap = tap
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._lines = kind, where
        self._pipe = _start(kind, where)
        tap.rewired = self.tell

    def tell(self) -> None:
        """Say which outputs are in use, before they switch on.

        Raises:
            GuardGone: It was killed, and so was the one that took its place.
        """
        words = " ".join(f"{name}={level}" for name, level in self._outputs())
        with self._lock:
            if os.getpid() != self._pid:
                return
            try:
                os.write(self._pipe, f"{words}\n".encode())
            except OSError:
                self._replace(words)

    def dismiss(self) -> None:
        """Send it away: this process ends in good order. A forked child has no say in it."""
        self._tap.rewired = None
        with self._lock:
            if os.getpid() == self._pid:
                # Gone already, where the pipe is broken: which is what is wanted.
                with contextlib.suppress(BrokenPipeError):
                    os.write(self._pipe, b"bye\n")
            os.close(self._pipe)

    def _replace(self, words: str) -> None:
        os.close(self._pipe)
        self._pipe = _start(*self._lines)
        try:
            os.write(self._pipe, f"{words}\n".encode())
        except OSError as error:
            raise GuardGone(
                f"The guard, which switches outputs off if this kernel is killed, does not stay ({error}). "
                f"Its log is {runtime_folder() / 'guard.log'}."
            ) from None

    def _outputs(self) -> list[tuple[str, int]]:
        """The output pins and their off levels, what moves first."""
        moving: dict[str, int] = {}
        others = {str(info.name): 0 for info, pin in list(self._factory.pins.items()) if _is_output(pin)}
        for holder in self._claims.holders():
            device, piece = holder.device(), holder.reserver()
            if isinstance(device, SPIDevice):
                others.pop(holder.pin, None)
            elif holder.pin in others and isinstance(piece, OutputDevice) and hasattr(piece, "_active_state"):
                (moving if isinstance(device, MOVING) else others)[holder.pin] = int(piece._value_to_state(0))
        return [*moving.items(), *((name, level) for name, level in others.items() if name not in moving)]


def _is_output(pin: Any) -> bool:
    return bool(pin.function == "output")


def _start(kind: str, where: str) -> int:
    """Start the process; the writing end of its pipe."""
    folder = runtime_folder()
    log = open_private(folder / "guard.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        if os.fstat(log).st_size > LOG_BYTES:
            os.ftruncate(log, 0)
        pid = os.getpid()
        program = str(Path(__file__).with_name("guard.py"))
        # A session of its own, so that killing the kernel's process group leaves it alive. What is waited for
        # is the process that forks the guard.
        subprocess.run(
            [sys.executable, "-I", "-S", program, str(pid), str(start_time(pid)), kind, where],
            stdin=reading, stdout=log, stderr=log, cwd=folder, start_new_session=True, check=True,
        )  # fmt: skip
    finally:
        os.close(reading)
        os.close(log)
    return writing


def _lgpio_lines(factory: Any) -> tuple[str, str] | None:
    if type(factory).__module__ != "gpiozero.pins.lgpio":
        return None
    found = importlib.util.find_spec("lgpio")
    folder = Path(found.origin).parent if found is not None and found.origin else ""
    return "lgpio", f"{factory.chip}:{folder}"
