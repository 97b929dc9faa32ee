"""When the picture stands still: a condition, a mode, and how much of what came before belongs into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from labkit.scope.conditions import Condition, Fresh

__all__ = ["MODES", "Mode", "Trigger"]

Mode = Literal["auto", "normal", "single"]
MODES: tuple[Mode, ...] = ("auto", "normal", "single")
MOST = 4096  # instants that wait for their picture to be complete
# Without a trigger for that long, or for a window, "auto" goes on as if there were none.
PATIENCE_NS = 500_000_000


class Trigger:
    """Chooses the instants that the picture is fixed to. One thread only, but for `arm` and `state`.

    Attributes:
        mode: `"auto"` runs on while nothing is met, `"normal"` keeps the last picture, `"single"` stops at the first.
        pre: How much of the window lies before the instant, 0.0 to 1.0.
    """

    def __init__(self, condition: Condition, mode: Mode, pre: float) -> None:
        self.condition = condition
        self.mode: Mode = mode
        self.pre = pre
        self._waiting = np.empty(0, np.int64)
        self._after_ns: int | None = None  # earlier instants belong to a picture that was shown
        self._shown_ns: int | None = None
        self._is_armed = True

    def arm(self) -> None:
        """Wait for the next instant, after a single one as well."""
        self._is_armed = True
        self._waiting = np.empty(0, np.int64)

    @property
    def state(self) -> str:
        """`"armed"`, or `"stopped"` after a single one."""
        return "armed" if self._is_armed else "stopped"

    def runs_on(self, now_ns: int, window_ns: int) -> bool:
        """Whether the picture should move as if there were no trigger."""
        if self.mode != "auto":
            return False
        return self._shown_ns is None or now_ns - self._shown_ns > max(window_ns, PATIENCE_NS)

    def look(self, fresh: Mapping[str, Fresh], now_ns: int, window_ns: int) -> int | None:
        """The instant of a picture that is complete now: the first for a single one, else the newest."""
        met = self.condition.met(fresh, now_ns)
        if not self._is_armed:
            return None
        if self._after_ns is None:
            self._after_ns = now_ns - window_ns if len(met) == 0 else min(now_ns - window_ns, int(met[0]))
        self._waiting = np.concatenate((self._waiting, met))[-MOST if self.mode != "single" else None :][:MOST]
        rest_ns = round((1 - self.pre) * window_ns)
        chosen = None
        while True:
            self._waiting = self._waiting[np.searchsorted(self._waiting, self._after_ns) :]
            if not len(self._waiting) or int(self._waiting[0]) + rest_ns > now_ns:
                break
            chosen = int(self._waiting[0])
            self._after_ns = chosen + max(1, rest_ns)
            if self.mode == "single":
                self._is_armed = False
                break
        if chosen is not None:
            self._shown_ns = chosen
        return chosen
