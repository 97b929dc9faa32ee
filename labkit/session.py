"""The session's one bench: running its cell again gives the same."""

from __future__ import annotations

import atexit

from labkit.bench import Bench
from labkit.boards import choose
from labkit.errors import UnknownBench
from labkit.viewing import Views

__all__ = ["open_bench"]

_KINDS = ("simulated", "real")
_current: Bench | None = None


def open_bench(kind: str | None, views: Views) -> Bench:
    """The session's bench: the open one when it is of that kind, else a new one.

    Raises:
        UnknownBench: No such kind.
        BadPinFactory: The pins that were asked for can't be had.
    """
    global _current
    if kind not in (None, *_KINDS):
        kinds = " or ".join(f"labkit.bench({known!r})" for known in _KINDS)
        raise UnknownBench(f"There is no bench {kind!r}. Write labkit.bench(), {kinds}.")
    is_open = _current is not None and not _current.closed
    if _current is not None and is_open and (kind is None or _current.board.simulated == (kind == "simulated")):
        return _current
    # Chosen before the open one is closed: pins that can't be had must not cost those that there are.
    factory, board = choose(kind)
    if _current is not None:
        _current.close()
    _current = Bench(factory, board, views)
    return _current


@atexit.register
def _close_at_exit() -> None:
    if _current is not None:
        _current.close()
