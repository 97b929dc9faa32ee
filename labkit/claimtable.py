"""What `bench.claims()` lists: pins and who holds them, in this notebook and in others on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

__all__ = ["SIMULATED", "ClaimTable", "PinClaim", "article"]

SIMULATED = "simulated"
HEADS = ("pin", "device", "made in", "notebook or program", "board")


@dataclass(frozen=True)
class PinClaim:
    """A pin, and what holds it.

    Attributes:
        pin: The pin's name, `"GPIO17"`.
        holder: The variable of the device that holds it; empty where it has none.
        kind: That device's class; empty where a process keeps the line without a device.
        cell: `"cell [3]"`; empty for a program's.
        notebook: The notebook or program.
        pid: Its process; None where the system does not tell.
        board: What the pin belongs to: `"this machine"`, `"pi.local:8888"` behind a daemon, or `SIMULATED`: a
            board of that process's own, where nothing can conflict with it.
        is_here: This very process holds it.
    """

    pin: str
    holder: str
    kind: str
    cell: str
    notebook: str
    pid: int | None
    board: str
    is_here: bool = False

    @property
    def device(self) -> str:
        """What to call the device: `"red (LED)"`, `"an LED"`; empty where there is none."""
        if self.holder:
            return f"{self.holder} ({self.kind})"
        return f"{article(self.kind)} {self.kind}" if self.kind else ""

    @property
    def place(self) -> str:
        """Which notebook or program, and which process: `"robot.ipynb (process 4711)"`."""
        if self.is_here:
            return f"{self.notebook} (here)"
        return self.notebook if self.pid is None else f"{self.notebook} (process {self.pid})"

    @property
    def pins(self) -> str:
        """Which pins these are, in words."""
        if self.board == SIMULATED:
            return "its own simulated board"
        return "real pins" if self.board == "this machine" else f"real pins of {self.board}"

    def __str__(self) -> str:
        if not self.kind:
            return f"{self.place}, which has no device on it any more" if self.pid else self.place
        return f"{self.device}, made in {f'{self.cell} of ' if self.cell else ''}{self.place}"


class ClaimTable(tuple[PinClaim, ...]):
    """Claims in the order of their pins, which show as a table.

    Attributes:
        note: What the table lacks, and why; empty where it is complete.
    """

    note: str

    def __new__(cls, claims: Iterable[PinClaim], note: str = "") -> ClaimTable:
        """Sort them: this process's first, then those on real pins."""
        made = super().__new__(cls, sorted(claims, key=_order))
        made.note = note
        return made

    def __repr__(self) -> str:
        rows = [HEADS, *(_row(claim) for claim in self)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*(lines if self else ["No pin is in use."]), *filter(None, [self.note])])

    def _repr_html_(self) -> str:
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        if not self:
            return f'<p class="labkit-claims">No pin is in use.</p>{note}'
        heads = "".join(f'<th scope="col" style="text-align:left">{head}</th>' for head in HEADS)
        return (
            f'<table class="labkit-claims"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{''.join(map(_html_row, self))}</tbody></table>{note}"
        )


def article(kind: str) -> str:
    """The indefinite article before a class's name, as one reads it aloud."""
    return "an" if kind.startswith(("A", "E", "I", "O", "U", "LED")) else "a"


def _order(claim: PinClaim) -> tuple[bool, bool, int, str, int]:
    return not claim.is_here, claim.board == SIMULATED, len(claim.pin), claim.pin, claim.pid or 0


def _row(claim: PinClaim) -> tuple[str, ...]:
    device = claim.device or ("none any more" if claim.pid else "unknown")
    return claim.pin, device, claim.cell, claim.place, claim.pins


def _html_row(claim: PinClaim) -> str:
    pin, *others = map(escape, _row(claim))
    # What can't conflict with this notebook steps back.
    dim = "" if claim.is_here or claim.board != SIMULATED else ' style="opacity:.7"'
    cells = "".join(f'<td style="text-align:left">{text}</td>' for text in others)
    return f'<tr{dim}><th scope="row" style="text-align:left">{pin}</th>{cells}</tr>'
