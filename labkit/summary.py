"""The page that tells what a program did to its devices: one line for each pin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labkit.sightings import Sighting
from labkit.sim.expectations import Failure
from labkit.sim.faults import Fault
from labkit.sim.quantities import time_text
from labkit.tally import PinTally, Tally, sparkline

__all__ = ["summary"]

COLUMNS = 32
HEADS = ("device", "pin", "edges", "on", "duty", "trace")


def summary(
    program: str,
    sightings: Iterable[Sighting],
    tally: Tally,
    faults: Sequence[Fault],
    failures: Sequence[Failure],
    lab_ns: int,
    wall_s: float,
) -> str:
    """Everything worth knowing after a run, in lines for a terminal.

    Args:
        program: What ran.
        sightings: The devices it made.
        tally: What their pins did.
        faults: Electrical ones.
        failures: Expectations that were not met.
        lab_ns: How long it ran in lab time.
        wall_s: And in real time.
    """
    lines = [f"{program}: {time_text(round(lab_ns, -6))} of lab time in {wall_s:.2f} s", ""]
    rows = [HEADS, *_rows(sightings, tally, lab_ns)]
    if len(rows) == 1:
        lines.append("It made no device.")
    else:
        lines += _table(rows)
    for title, entries in (("Electrical warnings", faults), ("Expectations not met", failures)):
        if entries:
            lines += ["", f"{title}:", *(f"  {entry}" for entry in entries)]
    return "\n".join(lines) + "\n"


def _rows(sightings: Iterable[Sighting], tally: Tally, lab_ns: int) -> Iterable[tuple[str, ...]]:
    for sighting in sightings:
        for index, pin in enumerate(sighting.pins):
            title = sighting.title if index == 0 else ""
            yield (title, pin, *_cells(tally.pins.get(pin, PinTally()), lab_ns))


def _cells(pin: PinTally, lab_ns: int) -> tuple[str, ...]:
    shares = pin.shares(lab_ns, COLUMNS)
    duty = f"{100 * pin.on_ns / lab_ns:.1f} %" if lab_ns else "-"
    return str(pin.changes), f"{pin.on_ns / 1e9:.3f} s", duty, sparkline(shares)


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    aligned = []
    for row in rows:
        cells = [
            cell.rjust(width) if head in ("edges", "on", "duty") else cell.ljust(width)
            for cell, width, head in zip(row, widths, HEADS, strict=True)
        ]
        aligned.append("  ".join(cells).rstrip())
    return aligned
