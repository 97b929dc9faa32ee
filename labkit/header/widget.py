"""The header's widget: one model per bench, shown in as many cells as display the bench."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

import traitlets

from labkit.bench import Bench
from labkit.comms import serve_while_busy
from labkit.controls import PartControls
from labkit.frontend import front_end
from labkit.header.hand import Hand
from labkit.header.pinout import PinStrip, strips
from labkit.header.states import PinStates
from labkit.link.comm import Linked
from labkit.rounds import join_round, leave_round
from labkit.shown import Shown
from labkit.words import sentence

__all__ = ["Header", "header"]

ELSEWHERE_S = 1.0
"""Seconds between two looks at what other processes hold, while somebody sees the header."""


class Header(Shown, Linked):
    """The pins of one bench; made by `header`, which adds a trait for each pin: its newest state.

    Of a pin's state see `PinStates.changed`. Only what changed goes to the browser, at most 20 times a second.

    Traits:
        board: What never changes: `name`, `simulated`, and `strips`, each with its `name` and `rows` of places
            as on the board; see `Place`.
        parts: The simulated parts that a person can do something to; see `PartControls`.
        values: What their handles are at.
        code: The line of code that does what was done last.
        problem: What did not go as asked; empty when all did.
        closed: The bench is closed, and nothing changes any more.
    """

    _esm = front_end("header.js")
    _css = Path(__file__).parent.parent / "static" / "header.css"
    board = traitlets.Dict().tag(sync=True)
    parts: Any = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    closed = traitlets.Bool(False).tag(sync=True)

    def __init__(self, bench: Bench, found: list[PinStrip]) -> None:
        self.bench = bench
        self._controls = PartControls(bench)
        self._hand = Hand(bench, self._controls)
        self._names = [name for strip in found for name in strip.gpio_names]
        self._states = PinStates(bench, self._names, self._hand)
        # The view thread shows while the subshell's obeys.
        self._showing = threading.Lock()
        super().__init__(board=_board(bench, found))
        serve_while_busy(self)
        self.refresh()
        self.on_msg(self._receive)
        bench.watch(None, self.refresh)
        if not bench.board.simulated:
            self._look_elsewhere()
            self._view_count = 0  # asks the browser to count the views
            self.observe(self._seen, "_view_count")

    def still(self) -> str:
        """The board, and a table of the pins in use."""
        kind = "simulated" if self.board["simulated"] else "real pins"
        rows = "".join(self._pins_in_use())
        head = "<tr><th>pin</th><th>holder</th><th>function</th><th>level</th></tr>"
        pins = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else "No pin is in use."
        return f"<strong>{escape(self.board['name'])} · {kind}</strong><br>{pins}"

    def _pins_in_use(self) -> Iterator[str]:
        for name in self._names:
            state = getattr(self, name)
            if "holder" in state:
                holder = f"{state['holder']} ({state['kind']})"
                cells = (name, holder, state.get("function", ""), state.get("reading", state.get("level", "")))
                yield f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"

    def refresh(self) -> None:
        """Show the newest state of everything; runs on the bench's view thread."""
        with self._showing, self.hold_sync():
            self._show()

    def _show(self) -> None:
        self.closed = self.bench.closed
        if self.closed:
            leave_round(ELSEWHERE_S, self._look_elsewhere)
            self.close_if_unseen()
            return
        self._controls.look()
        for name, state in self._states.changed().items():
            self.set_trait(name, state)
        self.parts, self.values = self._controls.described, self._controls.values()

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        if "type" not in message:
            return
        code, problem = "", ""
        try:
            code = self._obey(message)
        except Exception as error:  # noqa: BLE001 - there is no cell to raise it in: who clicked must see it
            problem = sentence(error)
        with self._showing, self.hold_sync():
            # In one message with what it changed.
            self._show()
            self.code = code or self.code
            self.problem = problem

    def _obey(self, message: dict[str, Any]) -> str:
        match message:
            case {"type": "down", "pin": str(pin), "kind": str(kind)}:
                return self._hand.down(self.bench.pin_name(pin), kind)
            case {"type": "up", "pin": str(pin), "long": bool(long)}:
                return self._hand.up(self.bench.pin_name(pin), long)
            case {"type": "take lead", "pin": str(pin)}:
                return self._hand.take_lead(self.bench.pin_name(pin))
            case {"type": "use", "moves": list(moves)}:
                return self._use(moves)
        return ""

    def _use(self, moves: list[Any]) -> str:
        # The browser keeps what a hand does meanwhile, and sends the newest of it once it hears that this is done.
        return self._controls.use_all(moves, lambda: self.send({"type": "used"}))

    def _seen(self, change: Any) -> None:
        (join_round if change.new and not self.closed else leave_round)(ELSEWHERE_S, self._look_elsewhere)

    def _look_elsewhere(self) -> None:
        if not self.bench.closed and self._states.look_elsewhere():
            self.refresh()


_header: Header | None = None


def header(bench: Bench) -> Header:
    """The bench's header; asking again gives the same one."""
    global _header
    if _header is None or _header.bench is not bench:
        found = strips(bench.factory.board_info)
        names = [name for strip in found for name in strip.gpio_names]
        pins = {name: traitlets.Dict().tag(sync=True) for name in names}
        _header = type("Header", (Header,), {"__doc__": Header.__doc__, **pins})(bench, found)
    return _header


def _board(bench: Bench, found: list[PinStrip]) -> dict[str, Any]:
    return {
        "name": bench.board.name,
        "simulated": bench.board.simulated,
        "strips": [
            {
                "name": strip.name,
                "rows": [[None if place is None else asdict(place) for place in row] for row in strip.rows],
            }
            for strip in found
        ],
    }
