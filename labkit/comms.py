"""Lets widgets answer while a cell runs.

JupyterLab sends widget messages to a subshell of the kernel, which runs beside the cell. ipykernel 7.4 routes
them back to the shell that last published on the widget's comm, though: for a widget made in a cell that is the
shell that is busy. There is no public way to say otherwise, so this overrides the private choice where it exists.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

from labkit.cells import notebook_shell

__all__ = ["serve_while_busy"]


STOCK_S, QUICK_S = 0.005, 0.001
# Three columns of a hundred panels, some 25 MB where a server does not read at all; ZeroMQ's own is 1,000.
WAITING_MESSAGES = 20_000
_widened: weakref.WeakSet[Any] = weakref.WeakSet()


def serve_while_busy(widget: Any) -> None:
    """Serve a widget, and the widgets it is made of, on the subshell that the browser asked for.

    Callbacks then run on the subshell's thread, beside the cell's. So that they come to run while the cell
    loops, Python lets a waiting thread go on after one millisecond instead of five, from the first widget on. From
    then on, too, the kernel keeps more of what it has told for a server that is slow to read.
    """
    _keep_for_slow_servers()
    _take_turns_sooner()
    _serve_as_asked(widget)


def _take_turns_sooner() -> None:
    # Each message passes several threads, and waits for the interpreter in each. Somebody's own choice stays.
    if sys.getswitchinterval() == STOCK_S:
        sys.setswitchinterval(QUICK_S)


def _serve_as_asked(widget: Any) -> None:
    comm: Any = getattr(widget, "comm", None)
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_asked
    for child in getattr(widget, "children", ()):
        _serve_as_asked(child)


def _keep_for_slow_servers() -> None:
    """Have messages to pages wait where ZeroMQ would drop them without a word.

    A page that misses one that a widget is made of waits for it for ever, and with it all that the widgets after it
    are told. A hundred panels are six thousand messages, which a server on a busy machine takes seconds to read.
    """
    published = getattr(getattr(notebook_shell(), "kernel", None), "iopub_thread", None)
    if published is None or published in _widened:
        return
    _widened.add(published)
    import zmq

    # A socket is its thread's alone. Those who listen already are taken into account, too.
    published.schedule(lambda: published.socket.setsockopt(zmq.SNDHWM, WAITING_MESSAGES))


def _as_asked(data: Any, default: Any) -> Any:
    return default
