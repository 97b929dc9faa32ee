"""The other notebooks and programs at the same real board: what they hold, and what they are told."""

from __future__ import annotations

from typing import Any

from labkit.cells import variable_of
from labkit.claims import Claims
from labkit.safety.registry import Registry, RemoteClaim

__all__ = ["Neighbours"]


class Neighbours:
    """Keeps the registry up to date with one factory's pins. Callable from any thread."""

    def __init__(self, factory: Any, claims: Claims) -> None:
        self._factory = factory
        self._claims = claims
        self._registry = Registry(_board_of(factory))
        claims.elsewhere = self._holder_of
        self.tell()

    def claims(self) -> list[RemoteClaim]:
        """What other processes hold now, in the order of the pins' numbers."""
        return sorted(self._registry.others(), key=lambda claim: (len(claim.pin), claim.pin))

    def tell(self) -> None:
        """Publish who holds which pin here."""
        # Linux keeps a line for this process even after its device was closed, until the bench closes.
        pins = {str(info.name): ("", "") for info in list(self._factory.pins)}
        for claim in self._claims.holders():
            device = claim.device()
            if device is not None:
                pins[claim.pin] = (variable_of(device) or "", type(device).__name__)
        self._registry.tell(pins)

    def close(self) -> None:
        """Say that this process holds nothing any more."""
        self._registry.close()

    def _holder_of(self, pin: str) -> str:
        return next((str(claim) for claim in self._registry.others() if claim.pin == pin), "")


def _board_of(factory: Any) -> str:
    """What names a board among the processes of this machine: itself, or the host that pigpio talks to."""
    host = getattr(factory, "host", None)
    return f"{host}:{getattr(factory, 'port', '')}" if host else "this machine"
