"""Of panels of what has a heartbeat: which page uses them, and why their device was stopped."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import traitlets

from labkit.comms import serve_while_busy
from labkit.frontend import front_end
from labkit.link.beating import serve_heartbeat
from labkit.link.comm import Linked

if TYPE_CHECKING:
    from labkit.panels.base import Panel

__all__ = ["Touch", "accompany"]


class Touch(Linked):
    """Lies in a panel; its views tell when the panel is used in their page, and show why the device was stopped.

    Traits:
        device: What the channel `heartbeat` calls the device.
    """

    _esm = front_end("touch.js")
    device = traitlets.Unicode().tag(sync=True)


def accompany(panel: Panel) -> None:
    """Give a panel its touch as soon as its device has a heartbeat: now, or when one is asked for."""
    heartbeat = panel.bench.safety.heartbeat
    _alone.add(panel)
    heartbeat.when_set = _appear
    if heartbeat.seconds(panel.device) is not None:
        _appear()


_alone: weakref.WeakSet[Any] = weakref.WeakSet()


def _appear() -> None:
    for panel in list(_alone):
        if panel.is_closed:
            _alone.discard(panel)
        elif panel.bench.safety.heartbeat.seconds(panel.device) is not None:
            _alone.discard(panel)
            _add_touch(panel)


def _add_touch(panel: Panel) -> None:
    channel, device = serve_heartbeat(panel.bench), panel.device
    touch = Touch(device=channel.token(device))
    serve_while_busy(touch)
    head, *others = panel.children
    panel.children = (head, touch, *others)

    def refresh() -> None:
        if panel.is_closed:
            unwatch()
        else:
            channel.tell(device)

    unwatch = panel.bench.watch(panel.watched(), refresh)
