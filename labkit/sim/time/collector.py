"""Keeps Python's garbage collector from running at moments that differ from run to run."""

from __future__ import annotations

import gc
from functools import cache

__all__ = ["Collector"]


class Collector:
    """Off from `pause` to `resume`; in between, sleeps collect, see `threads.sleep`."""

    def __init__(self) -> None:
        self._was_enabled = False
        self._froze = False

    def pause(self) -> None:
        if gc.isenabled():
            gc.collect()
            gc.disable()
            self._was_enabled = True
            if not _others_froze():
                gc.freeze()  # so that the collections to come look at the program's objects only
                self._froze = True

    def resume(self) -> None:
        if self._froze:
            gc.unfreeze()
            self._froze = False
        if self._was_enabled:
            self._was_enabled = False
            gc.enable()


@cache
def _others_froze() -> bool:
    """Whether somebody else did so, whose objects are not ours to unfreeze; asked once: Python counts them."""
    return gc.get_freeze_count() > 0
