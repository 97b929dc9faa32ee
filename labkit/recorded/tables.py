"""Runs as tables in a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkit.recorded.run import RecordedRun

__all__ = ["html_table", "length_text", "run_table", "size_text"]


def html_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str, raw: frozenset[int] = frozenset()
) -> str:
    """A table; cells are text, but for the columns that are HTML already."""
    head = "".join(f'<th scope="col" style="text-align:left">{escape(word)}</th>' for word in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:left">{cell if place in raw else escape(cell)}</td>'
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="labkit-table"><caption style="text-align:left;caption-side:top">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def run_table(run: RecordedRun) -> str:
    """A run with its channels; counts come from the file's index, nothing is read for them."""
    blocks = run.windows.blocks
    rows = []
    for channel in run.file.channels:
        if channel.kind == "digital":
            count = int(blocks.entries["count"][blocks.entries_of(channel.number)].sum())
            held = f"{count:,} edges"
        else:
            own = blocks.samples[blocks.samples["channel"] == channel.number]
            held = f"{int(own['count'].sum()):,} samples at {channel.rate:g} Hz"
        missing = run.missing.get(channel.name, 0)
        where = channel.pin or channel.unit
        rows.append((channel.name, channel.device, where, held, f"{missing:,}" if missing else "none"))
    started = f"{run.started:%Y-%m-%d %H:%M:%S}"
    caption = f"<b>{escape(run.name)}</b> · {started} · {length_text(run.seconds)} · {escape(run.ended)}"
    problems = "".join(f'<div style="color:var(--jp-warn-color1)">{escape(problem)}</div>' for problem in run.problems)
    return html_table(("channel", "device", "pin or unit", "holds", "missing"), rows, caption) + problems


def length_text(seconds: float) -> str:
    """`"2 min 5 s"`, `"350 ms"`."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(math.floor(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def size_text(count: float) -> str:
    """`"12.3 MB"`."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
