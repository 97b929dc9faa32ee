"""Lets widgets answer while a cell runs.

JupyterLab sends widget messages to a subshell of the kernel, which runs beside the cell. ipykernel 7.4 routes
them back to the shell that last published on the widget's comm, though: for a widget made in a cell that is the
shell that is busy. There is no public way to say otherwise, so this overrides the private choice where it exists.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["serve_while_busy"]


STOCK_S, QUICK_S = 0.005, 0.001


def serve_while_busy(widget: Any) -> None:
    """Serve a widget, and the widgets it is made of, on the subshell that the browser asked for.

    Callbacks then run on the subshell's thread, beside the cell's. So that they come to run while the cell
    loops, Python lets a waiting thread go on after one millisecond instead of five, from the first widget on.
    """
    # Each message passes several threads, and waits for the interpreter in each. Somebody's own choice stays.
    if sys.getswitchinterval() == STOCK_S:
        sys.setswitchinterval(QUICK_S)
    comm: Any = getattr(widget, "comm", None)
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_asked
    for child in getattr(widget, "children", ()):
        serve_while_busy(child)


def _as_asked(data: Any, default: Any) -> Any:
    return default
