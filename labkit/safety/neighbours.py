"""The other notebooks and programs on this machine: what they hold, and what they are told."""

from __future__ import annotations

import os
import threading
from typing import Any

from labkit.cells import PROGRAM, notebook_name, variable_of
from labkit.claims import Claims
from labkit.claimtable import SIMULATED, ClaimTable, PinClaim
from labkit.errors import UnsafeFolder
from labkit.safety.lines import lines_in_use
from labkit.safety.registry import Registry

__all__ = ["Neighbours"]


class Neighbours:
    """Keeps the registry up to date with one factory's pins. Callable from any thread.

    On real pins taking part is a must, for pins conflict. A simulated board is its process's own: there the
    registry is for the eye alone, and where it can't be had the bench goes without.
    """

    def __init__(self, factory: Any, claims: Claims, simulated: bool) -> None:
        self._factory = factory
        self._claims = claims
        self._simulated = simulated
        self._board = SIMULATED if simulated else _board_of(factory)
        self._registry: Registry | None = None
        self._missing = ""
        self._lock = threading.Lock()
        if not simulated:
            self._registry = Registry(self._board)
            claims.elsewhere = self._holder_of
            self.tell()

    def claims(self) -> ClaimTable:
        """What this process and all others of this user hold now."""
        self.tell()
        here = self._held_here()
        if self._registry is None:
            return ClaimTable(here, f"Other notebooks are not listed: {self._missing}")
        others = self._registry.others()
        known = {claim.pin for claim in (*here, *others) if claim.board == self._board}
        if not self._simulated:
            used = lines_in_use(self._factory)
            others += [
                PinClaim(pin, "", "", "", f"another program or driver ({consumer or 'nameless'})", None, self._board)
                for pin, consumer in used.items()
                if pin not in known
            ]
        return ClaimTable((*here, *others))

    def tell(self) -> None:
        """Publish who holds which pin here."""
        with self._lock:
            if self._missing:
                return
            try:
                self._registry = self._registry or Registry(self._board)
                self._registry.tell(self._held_here())
            except (OSError, UnsafeFolder) as error:
                if not self._simulated:
                    raise
                self._registry, self._missing = None, str(error)

    def close(self) -> None:
        """Say that this process holds nothing any more."""
        with self._lock:
            if self._registry is not None:
                self._registry.close()

    def _held_here(self) -> list[PinClaim]:
        notebook, pid = notebook_name(), os.getpid()
        # Linux keeps a line for this process even after its device was closed, until the bench closes.
        kept = [] if self._simulated else [str(info.name) for info in list(self._factory.pins)]
        held = {pin: PinClaim(pin, "", "", "", notebook, pid, self._board, is_here=True) for pin in kept}
        for holder in self._claims.holders():
            device = holder.device()
            if device is not None:
                cell = "" if holder.cell is PROGRAM else holder.cell.label
                name, kind = variable_of(device) or "", type(device).__name__
                held[holder.pin] = PinClaim(holder.pin, name, kind, cell, notebook, pid, self._board, is_here=True)
        return list(held.values())

    def _holder_of(self, pin: str) -> str:
        others = self._registry.others() if self._registry is not None else []
        return next((str(claim) for claim in others if claim.pin == pin and claim.board == self._board), "")


def _board_of(factory: Any) -> str:
    """What names a board among the processes of this machine: itself, the host that pigpio talks to, or files."""
    lines, host = getattr(factory, "labkit_lines", None), getattr(factory, "host", None)
    if lines:
        return ":".join(lines)
    return f"{host}:{getattr(factory, 'port', '')}" if host else "this machine"
