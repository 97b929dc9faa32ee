"""Energenie's radio-controlled mains sockets."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.clock import Scheduled
from labkit.sim.part import Part

__all__ = ["EnergenieSockets"]

LISTEN_SECONDS = 0.1
SOCKETS = 4


class EnergenieSockets(Part):
    """The Pi-mote 433 MHz transmitter on the header, and four sockets that listen to it.

    Model: ENER314 user guide: the code on K0 to K3 says which socket (1111 socket 1, 1110 socket 2, … by
    its low three bits) and, by K3, on or off; it is sent while the enable pin is high, and a socket obeys
    once it has heard it for 0.1 s.
    """

    kind = "sockets"
    readable = {"on": ""}

    def __init__(
        self,
        data: Sequence[int] = (17, 22, 23, 27),
        *,
        mode: int = 24,
        enable: int = 25,
        name: str | None = None,
    ) -> None:
        pins = {f"k{index}": gpio for index, gpio in enumerate(data)}
        super().__init__(pins | {"mode": mode, "enable": enable}, name=name)
        self.on = dict.fromkeys(range(1, SOCKETS + 1), False)
        self._listening: Scheduled | None = None

    def attach(self) -> None:
        self.legs["enable"].listen(self._enable_changed)

    def detach(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    def _enable_changed(self) -> None:
        if not self.legs["enable"].level:
            self.detach()
        elif self._listening is None:
            self._listening = self.after(LISTEN_SECONDS, self._obey)

    def _obey(self) -> None:
        code = sum(self.legs[f"k{index}"].level << index for index in range(4))
        socket = 8 - (code & 7)
        if socket in self.on:
            self.on[socket] = bool(code & 8)
