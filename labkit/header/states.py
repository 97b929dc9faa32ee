"""The newest state of every pin of a bench, as the header shows it."""

from __future__ import annotations

from typing import Any, NamedTuple

from labkit.bench import Bench
from labkit.claimtable import SIMULATED, PinClaim
from labkit.header.hand import Hand
from labkit.header.holding import Held, holding
from labkit.header.readings import EdgeRate, reading
from labkit.trace import Edge

__all__ = ["PinStates"]

LOOKS = 20
"""Who holds what is asked anew at this many looks after it changed, for variables are bound a moment later; then
at every so many."""


class _Setup(NamedTuple):
    pin: Any
    revision: int
    function: str
    pull: str
    frequency_hz: float | None


class _Seen(NamedTuple):
    """All that a pin's state is made of: while it is the same, so is the state."""

    held: Held | None
    elsewhere: str
    setup: _Setup | None
    level: float | None
    edge: Edge | None
    lead: int | None
    floating: bool
    wired: Any


class PinStates:
    """Looks at pins without touching them: no pin is made, claimed or read as a program would read it.

    Not safe from several threads at once.
    """

    def __init__(self, bench: Bench, names: list[str], hand: Hand) -> None:
        self._bench = bench
        self._names = names
        self._hand = hand
        self._rates = {name: EdgeRate() for name in names}
        self._setups: dict[str, _Setup] = {}
        self._held: dict[str, Held] = {}
        self._looks = 0
        self._claims = -1
        self._seen: dict[str, _Seen] = {}
        self._elsewhere: dict[str, str] = {}

    def changed(self) -> dict[str, dict[str, Any]]:
        """The state of each pin that is another than at the look before; what a pin has nothing of is left out.

        `level` (0, 1, or a duty cycle between), `reading` (the same in words), `frequency` (of its pulses, in Hz),
        `function`, `pull`, `holder` (how code calls what holds it), `kind` (that device's class), `cell`, `edges`
        (so far), `rate` (edges a second), `lead` (the level a test lead holds), `floating`, `touch` (what a press
        does: see `Hand.kind`), `elsewhere` (who holds it in another notebook or program).
        """
        self._look_at_holders()
        pins = {str(info.name): pin for info, pin in list(self._bench.factory.pins.items())}
        found: dict[str, dict[str, Any]] = {}
        for name in self._names:
            seen = self._look(name, pins.get(name))
            if seen != self._seen.get(name):
                self._seen[name] = seen
                found[name] = self._state(name, seen)
        return found

    def look_elsewhere(self) -> bool:
        """Ask what other processes hold of the same board; whether that changed."""
        claims = self._bench.claims()
        found = {claim.pin: _in_words(claim) for claim in claims if not claim.is_here and claim.board != SIMULATED}
        changed = found != self._elsewhere
        self._elsewhere = found
        return changed

    def _look_at_holders(self) -> None:
        if self._claims != self._bench.claims_made:
            self._claims, self._looks = self._bench.claims_made, 0
        if self._looks < LOOKS or self._looks % LOOKS == 0:
            self._held = holding(self._bench)
        self._looks += 1

    def _look(self, name: str, pin: Any) -> _Seen:
        held = self._held.get(name)
        elsewhere = "" if held is not None else self._elsewhere.get(name, "")
        wired = self._hand.wired(name)
        simulated = self._bench.board.simulated
        # A real pin that nobody holds here is somebody else's to look at, too.
        if pin is None or (held is not None and held.is_bus) or not (held or simulated):
            return _Seen(held, elsewhere, None, None, None, None, False, wired)
        edge = self._bench.tap.latest.get(name)
        level = pin.labkit_level() if edge is None or simulated else edge.level
        lead, floating = getattr(pin, "lead", None), getattr(pin, "is_floating", False)
        return _Seen(held, elsewhere, self._setup(name, pin, held is not None), level, edge, lead, floating, wired)

    def _setup(self, name: str, pin: Any, in_use: bool) -> _Setup:
        """Function, pull and frequency; asked anew only after one was set, for some backends ask over a network."""
        revision = self._bench.tap.setups.get(name, 0)
        known = self._setups.get(name)
        if known is None or known.pin is not pin or known.revision != revision:
            if in_use:
                # So that hardware reports the edges of an input without a handler.
                pin.labkit_watch()
            known = self._setups[name] = _Setup(pin, revision, str(pin.function), str(pin.pull), pin.frequency)
        return known

    def _state(self, name: str, seen: _Seen) -> dict[str, Any]:
        state: dict[str, Any] = {}
        held, setup = seen.held, seen.setup
        if held is not None:
            state |= {"holder": held.name, "kind": held.kind, "cell": held.cell}
        elif seen.elsewhere:
            state["elsewhere"] = seen.elsewhere
        if held is not None and held.is_bus:
            state["function"] = "SPI"
        if setup is not None and seen.level is not None:
            level = int(seen.level) if seen.level in (0, 1) else round(float(seen.level), 4)
            state |= {"function": setup.function, "level": level}
            state["reading"] = reading(level, setup.frequency_hz, "" if held is None else held.shows)
            if setup.frequency_hz:
                state["frequency"] = setup.frequency_hz
            if setup.function == "input":
                state["pull"] = setup.pull
        if seen.edge is not None:
            state |= {"edges": seen.edge.seq, "rate": float(f"{self._rates[name].see(seen.edge):.3g}")}
        if seen.lead is not None:
            state["lead"] = seen.lead
        elif seen.floating:
            state["floating"] = True
        touch = self._hand.kind(name, held, None if setup is None else setup.function)
        return state | {"touch": touch} if touch else state


def _in_words(claim: PinClaim) -> str:
    device = f"{claim.device} in " if claim.device else ""
    return f"{device}{claim.place}"
