"""What a person does to a control, while a view thread shows something else in it at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["ByHand", "Held"]


class ByHand:
    """Beside a widget's class: what a browser sends is taken whole, and what it leads to is done after that.

    ipywidgets gathers the changes of a message and tells of the newest value of each trait only. Without this, a value
    that a view thread shows meanwhile would take the place of the one under the hand, and be told as if a person had
    chosen it.

    Attributes:
        showing: Held while a value is taken, and by whoever shows values in the control; not while anything is done.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.showing = threading.RLock()
        self._taker: int | None = None
        self._asked: list[Callable[[], None]] = []
        super().__init__(*args, **kwargs)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a browser sends; a front end's own call."""
        self._take(lambda: super(ByHand, self).set_state(sync_data))  # type: ignore[misc]

    def _take(self, take: Callable[[], None]) -> None:
        with self.showing:
            asked: list[Callable[[], None]] = []
            self._taker, self._asked = threading.get_ident(), asked
            try:
                take()
            finally:
                self._taker = None
        for act in asked:
            act()

    def after(self, act: Callable[[], None]) -> None:
        """Act once what this thread takes from a browser is taken; at once, where it takes nothing."""
        if self._taker == threading.get_ident():
            self._asked.append(act)
        else:
            act()


class Held(ByHand):
    """A control of which every change counts, in its order: pages send each by itself, as `{"set": {"held": …}}`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_msg(self._receive)  # type: ignore[attr-defined]

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        match message:
            case {"set": {"held": held}}:
                self._take(lambda: self.set_trait("held", held))  # type: ignore[attr-defined]
