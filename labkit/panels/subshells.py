"""Panels that answer while a cell runs."""

from __future__ import annotations

from typing import Any

__all__ = ["answer_while_busy"]


def answer_while_busy(widget: Any) -> None:
    """Take a widget's messages on the subshell that they were sent to.

    JupyterLab sends them to a subshell, which is free while a cell runs. ipykernel 7.4 hands them on to the shell
    that showed the widget last, the cell's, which is busy: a click would wait for the cell's end. Kernels
    without that detour are left alone.
    """
    comm: Any = getattr(widget, "comm", None)
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = _as_sent


def _as_sent(data: Any, default: Any) -> Any:
    return default
