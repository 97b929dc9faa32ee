"""The live picture: one model for a circuit, shown in as many cells as display it."""

from __future__ import annotations

import threading
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Any

import traitlets
from gpiozero import GPIODevice

from labkit.bench import Bench
from labkit.circuits.circuit import Circuit
from labkit.circuits.drawing.sheet import draw
from labkit.circuits.words import needs, steps
from labkit.comms import serve_while_busy
from labkit.controls import PartControls
from labkit.frontend import front_end
from labkit.link.comm import Linked
from labkit.parts.nodes import gpio_number
from labkit.picture.looks import by_levels, by_part
from labkit.rounds import join_round, leave_round
from labkit.still import Still
from labkit.words import sentence

__all__ = ["Picture", "picture"]

MOVING_S, RESTING_S = 0.05, 1.0
"""Seconds between two looks: while something moves by itself, and while only code could change what no pin tells."""
CALM_LOOKS = 5
"""So many looks without a change, and nothing moves any more."""


class Picture(Still, Linked):
    """The picture of the circuit on a bench. Refreshed on the bench's view thread and on that of a round.

    Traits:
        drawing: The SVG.
        simulated: It can be operated.
        levels: The level of each of the circuit's GPIO pins that a program uses, 0.0 to 1.0.
        looks: How each part looks; see `labkit.picture.looks`.
        parts: The simulated parts that a person can do something to; see `PartControls`.
        values: What their handles are at.
        findings: What the lint found: rule, severity, where, text, remedy.
        needs: The list of parts: quantity, what, parts.
        steps: How to build it: text and target.
        code: The line of code that does what was done last.
        problem: What did not go as asked; empty when all did.
        ended: Why nothing changes any more; empty while it is live.
    """

    _esm = front_end("picture.js")
    _css = Path(__file__).parents[1] / "static" / "picture.css"
    drawing = traitlets.Unicode().tag(sync=True)
    simulated = traitlets.Bool().tag(sync=True)
    levels = traitlets.Dict().tag(sync=True)
    looks = traitlets.Dict().tag(sync=True)
    parts: Any = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    findings: Any = traitlets.List().tag(sync=True)
    needs: Any = traitlets.List().tag(sync=True)
    steps: Any = traitlets.List().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    ended = traitlets.Unicode().tag(sync=True)

    def __init__(self, bench: Bench, circuit: Circuit) -> None:
        self.bench = bench
        self.circuit = circuit
        names = {made.name for name, part in circuit.items() for made in part.simulated(name)}
        self._controls = PartControls(bench, lambda part: part.name in names)
        self._pins = _pins(circuit)
        self._armed: set[str] = set()
        self._calm = CALM_LOOKS
        # The view thread shows while the subshell's obeys and a round's looks.
        self._showing = threading.RLock()
        super().__init__(**_described(bench, circuit))
        serve_while_busy(self)
        self._unwatch = bench.watch(None, self.refresh)
        self.refresh()
        self.on_msg(self._receive)
        self._view_count = 0  # asks the browser to count the views
        self.observe(self._seen, "_view_count")

    def refresh(self) -> None:
        """Show the newest state of pins and parts, and look again soon: what a pin set going moves by itself."""
        with self._showing:
            self._calm = 0
            self._show()
            if self._view_count and not self.ended:
                join_round(MOVING_S, self._look)

    def end(self, why: str) -> None:
        """Show it as it is, and why nothing changes any more. Ending twice does nothing."""
        with self._showing:
            if not self.ended:
                self.ended = why
                self._unwatch()
                self._rest()

    def close(self) -> None:
        """Take it out of every cell."""
        self.end("closed")
        super().close()

    def still(self) -> str:
        """The drawing, as an image: sanitizers let nothing else through."""
        drawing = b64encode(self.drawing.encode()).decode()
        title = escape(self.circuit.title or "The circuit")
        return f'{title}<br><img alt="The wiring picture of the circuit" src="data:image/svg+xml;base64,{drawing}">'

    def _show(self) -> bool:
        """Bring the traits up to date; whether anything had changed."""
        if self.bench.closed:
            self.end("The bench was closed: run its cell again, then this one.")
        if self.ended:
            return False
        levels = self._levels()
        looks = self._looks(levels)
        self._controls.look()
        values = self._controls.values()
        changed = (levels, looks, values) != (self.levels, self.looks, self.values)
        with self.hold_sync():
            self.parts = self._controls.described
            self.levels, self.looks, self.values = levels, looks, values
        return changed

    def _levels(self) -> dict[str, float]:
        """Of pins that a program uses here; none is made, claimed or armed for the sake of being looked at."""
        there = {str(info.name): pin for info, pin in list(self.bench.factory.pins.items())}
        found: dict[str, float] = {}
        for holder in self.bench.holders():
            pin = there.get(holder.pin)
            if pin is None or holder.pin not in self._pins or not isinstance(holder.reserver(), GPIODevice):
                continue  # a bus is no level to look at
            if holder.pin not in self._armed:
                # So that hardware reports the edges of an input without a handler.
                pin.labkit_watch()
                self._armed.add(holder.pin)
            edge = self.bench.tap.latest.get(holder.pin)
            found[holder.pin] = float(pin.labkit_level() if edge is None or self.simulated else edge.level)
        self._armed &= set(found)
        return found

    def _looks(self, levels: dict[str, float]) -> dict[str, Any]:
        if not self.simulated:
            return {name: look for name, part in self.circuit.items() if (look := by_levels(part, levels))}
        there = {part.name: part for part in self.bench.parts}
        return {name: by_part(there[name]) for name in self.circuit if name in there}

    # ---- what a hand does

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        if "type" not in message:
            return
        code, problem = "", ""
        try:
            if message.get("type") == "use" and isinstance(message.get("moves"), list):
                code = self._use(message["moves"])
        except Exception as error:  # noqa: BLE001 - there is no cell to raise it in: who clicked must see it
            problem = sentence(error)
        with self._showing, self.hold_sync():
            self.code = code or self.code
            self.problem = problem
        self.refresh()

    def _use(self, moves: list[Any]) -> str:
        # The browser keeps what a hand does meanwhile, and sends the newest of it once it hears that this is done.
        return self._controls.use_all(moves, lambda: self.send({"type": "used"}))

    # ---- looking at what no pin tells, while somebody sees it

    def _seen(self, change: Any) -> None:
        with self._showing:
            if change.new and not self.ended:
                join_round(RESTING_S, self._glance)
                self.refresh()
            else:
                self._rest()

    def _rest(self) -> None:
        leave_round(MOVING_S, self._look)
        leave_round(RESTING_S, self._glance)

    def _look(self) -> None:
        """Runs on the thread of the fast round, until nothing has moved for a while."""
        with self._showing:
            self._calm = 0 if self._show() else self._calm + 1
            if self._calm >= CALM_LOOKS:
                leave_round(MOVING_S, self._look)

    def _glance(self) -> None:
        """Runs on the thread of the slow round."""
        with self._showing:
            if self._show():
                self.refresh()


_newest: Picture | None = None
_before: Picture | None = None


def picture(bench: Bench, circuit: Circuit) -> Picture:
    """The picture of the circuit on a bench; asking again, or for an equal circuit, gives the same one.

    The picture of the circuit before says that it was replaced; older ones are gone, for they must not pile up.
    """
    global _newest, _before
    if _newest is not None and _newest.bench is bench and _newest.circuit == circuit and not _newest.ended:
        return _newest
    if _before is not None:
        _before.close()
    if _newest is not None:
        _newest.end("Another circuit has taken the place of this one.")
    _before, _newest = _newest, Picture(bench, circuit)
    return _newest


def _pins(circuit: Circuit) -> frozenset[str]:
    """The circuit's GPIO pins that are there."""
    nets = {end.net for piece in circuit.pieces for end in piece.terminals.values()}
    return frozenset(net for net in nets if net and gpio_number(net) in circuit.header.gpios)


def _described(bench: Bench, circuit: Circuit) -> dict[str, Any]:
    """What never changes."""
    return {
        "drawing": draw(circuit.plan, inside=True),
        "simulated": bench.board.simulated,
        "needs": [
            {"quantity": need.quantity, "what": need.what, "parts": list(need.parts)} for need in needs(circuit.plan)
        ],
        "steps": [{"text": step.text, "target": step.target} for step in steps(circuit.plan)],
        "findings": [
            {
                "rule": one.rule, "severity": one.severity, "where": one.where, "text": f"{one.what} {one.why}",
                "remedy": one.remedy,
            }
            for one in circuit.lint()
        ],
    }  # fmt: skip
