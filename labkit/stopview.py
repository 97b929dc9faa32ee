"""STOP as a widget: a bar above panels, and the reason why JupyterLab's page has a STOP button at its top."""

from __future__ import annotations

import traitlets

from labkit.bench import Bench
from labkit.comms import serve_while_busy
from labkit.frontend import front_end
from labkit.link.comm import Linked
from labkit.still import Still

__all__ = ["StopView"]


class StopView(Still, Linked):
    """A view of it puts a STOP button at the top of the page, one for each kernel; what it does goes over the link.

    Traits:
        bar: Views show STOP, Resume and the state themselves, too; else they are empty.
    """

    _esm = front_end("stopview.js")
    bar = traitlets.Bool(False).tag(sync=True)

    def still(self) -> str:
        """What it was."""
        return "The STOP button of a bench."


_views: dict[bool, tuple[Bench, StopView]] = {}


def stop_view(bench: Bench, *, bar: bool) -> StopView:
    """The bench's, with the bar or without; asking again gives the same one."""
    known = _views.get(bar)
    if known is None or known[0] is not bench:
        view = StopView(bar=bar)
        serve_while_busy(view)
        _views[bar] = bench, view
    return _views[bar][1]
