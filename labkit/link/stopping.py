"""STOP over the link: it reaches the bench on the link's own thread, whatever the cell is doing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from labkit.cells import CellWatch, notebook_name
from labkit.link.hub import Hub
from labkit.link.serving import serving

__all__ = ["StopChannel", "Stoppable", "serve_stop"]

BUTTON = "the STOP button"
LONGEST = 60


class Stoppable(Protocol):
    """What of a bench the channel needs."""

    cells: CellWatch

    @property
    def stopped(self) -> str: ...

    @property
    def closed(self) -> bool: ...

    def stop(self, by: str = "") -> None: ...

    def resume(self) -> None: ...

    def watch(self, pins: Iterable[str] | None, refresh: Callable[[], None]) -> Callable[[], None]: ...


class StopChannel:
    """The channel `stop` of one bench; a later bench takes it over.

    A page sends `{"type": "stop"}`, with `"by"` where something else than the STOP button says it, or
    `{"type": "resume"}`. The answer goes to the view that asked, and every page is told when the state changes,
    whoever changed it: `{"type": "state", "stopped": "stopped at 14:03:22 by the STOP button", "problem": "",
    "closed": false}`, where `stopped` is empty while the bench runs, `problem` says what did not go as asked, and
    a closed bench has nothing to stop any more. `{"type": "state"}` only asks. The answer to who asked has also the
    cell that is `running`, `"cell [12]"`, or `""`.
    """

    def __init__(self, hub: Hub, bench: Stoppable) -> None:
        self.bench = bench
        self._problem = ""
        self._told = self._state
        self._channel = hub.channel("stop")
        self._channel.open(self._receive, came=self._came)
        bench.watch(None, self._tell_changes)

    def _receive(self, page: str, view: str, message: Any, _buffers: Sequence[Any]) -> None:
        asked = message if isinstance(message, dict) else {}
        if asked.get("type") != "state":
            self._problem = ""
        try:
            if asked.get("type") == "stop":
                self.bench.stop(str(asked.get("by") or BUTTON)[:LONGEST])
            elif asked.get("type") == "resume":
                self.bench.resume()
        except Exception as error:  # noqa: BLE001 - no cell is there to raise it in, and who clicked must see it
            self._problem = str(error) or type(error).__name__
        cells = self.bench.cells
        running = cells.current.label if cells.is_running else ""
        whose = {"notebook": notebook_name(), "pid": os.getpid(), "running": running}
        self._channel.send(page, view, {**self._state, **whose})
        self._tell_changes()

    def _came(self, page: str) -> None:
        self._channel.send(page, "", self._state)

    def _tell_changes(self) -> None:
        state = self._state
        if state != self._told:
            self._told = state
            self._channel.broadcast(state)

    @property
    def _state(self) -> dict[str, Any]:
        closed = self.bench.closed
        stopped = "" if closed else self.bench.stopped
        return {"type": "state", "stopped": stopped, "problem": self._problem, "closed": closed}


_channel: StopChannel | None = None


def serve_stop(bench: Stoppable) -> None:
    """Let pages and terminals stop this bench from now on, and no other."""
    global _channel
    if _channel is None or _channel.bench is not bench:
        _channel = StopChannel(serving()[0], bench)
