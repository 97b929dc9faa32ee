"""Which process it is: a number may be given out again, a number and a start time together are not."""

from __future__ import annotations

from pathlib import Path

__all__ = ["start_time"]


def start_time(pid: int) -> int | None:
    """When a process started, in the kernel's ticks since boot; None where it is gone or not to be known."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in parentheses, and may hold anything.
    fields = told.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])
