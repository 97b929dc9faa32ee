"""The board's pin header, live: what each pin is, who holds it, and its level now."""

from __future__ import annotations

from typing import Any

import traitlets

from labkit.bench import Bench
from labkit.cells import variable_of
from labkit.comms import serve_while_busy
from labkit.frontend import front_end
from labkit.link.comm import Linked

__all__ = ["Header", "header"]


class Header(Linked):
    """One model per bench, shown in as many cells as display the bench.

    Traits:
        board: What never changes: name, `simulated`, and `rows` of two pins each, as on the board:
            `{"number": 11, "name": "GPIO17", "kind": "gpio"}`.
        pins: The newest state of every pin that is in use, by name: its level (0.0 to 1.0), its
            function and who holds it.
        stopped: What stopped the bench, and when; empty while it runs.
    """

    _esm = front_end("header.js")
    board = traitlets.Dict().tag(sync=True)
    pins = traitlets.Dict().tag(sync=True)
    stopped = traitlets.Unicode().tag(sync=True)

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        super().__init__(board=_board(bench), pins=_pins(bench), stopped=bench.stopped)
        serve_while_busy(self)
        bench.watch(None, self._refresh)

    def _refresh(self) -> None:
        with self.hold_sync():
            self.pins = _pins(self._bench)
            self.stopped = self._bench.stopped


_header: Header | None = None


def header(bench: Bench) -> Header:
    """The bench's header; asking again gives the same one."""
    global _header
    if _header is None or _header._bench is not bench:
        _header = Header(bench)
    return _header


def _board(bench: Bench) -> dict[str, Any]:
    board = bench.factory.board_info
    # J8 since the B+; P1 on the first boards; compute modules have no header but a socket.
    name = next((name for name in ("J8", "P1") if name in board.headers), next(iter(board.headers)))
    found = board.headers[name]
    rows = [
        [_place(found.pins.get(row * found.columns + column)) for column in range(1, found.columns + 1)]
        for row in range(found.rows)
    ]
    return {"name": bench.board.name, "header": name, "simulated": bench.board.simulated, "rows": rows}


def _place(pin: Any) -> dict[str, Any] | None:
    if pin is None:
        return None
    kind = "gpio" if "gpio" in pin.interfaces else "ground" if pin.name == "GND" else "power"
    return {"number": pin.number, "name": pin.name, "kind": kind}


def _pins(bench: Bench) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for holder in bench.holders():
        device = holder.device()
        if device is None:
            continue
        pin = bench.factory.pin(holder.pin)
        shown[holder.pin] = {
            "level": float(pin.state),
            "function": pin.function,
            "holder": variable_of(device) or type(device).__name__,
            "kind": type(device).__name__,
            "cell": holder.cell.label,
        }
    return shown
