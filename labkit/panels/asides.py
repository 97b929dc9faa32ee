"""What a panel tells of its device's callbacks: the last line they printed, and what they raised."""

from __future__ import annotations

import re
from html import escape

from labkit.background import Failed, Printed

__all__ = ["aside"]

# As Python prints a warning, with the file that it is from; the line after it is that file's.
WARNING = re.compile(r"^\S.*:\d+: (?=\w+: )")
LINE = "font-family:var(--jp-code-font-family);overflow-wrap:anywhere"


def aside(printed: Printed, failed: Failed | None) -> str:
    """Both as HTML; empty where there is neither."""
    return _failure(failed) + _line(printed)


def _failure(failed: Failed | None) -> str:
    if failed is None:
        return ""
    last = failed.last
    times = "once" if failed.count == 1 else f"{failed.count} times, the last"
    where = f" in {escape(last.where)}" if last.where else ""
    source = f": <code>{escape(last.source)}</code>" if last.source else ""
    return (
        f'<div role="status" class="labkit-failure" data-count="{failed.count}" style="color:var(--jp-error-color1)">'
        f"A callback failed {times} at {failed.time_s:.3f} s: <b>{escape(last.sentence)}</b>{where}{source}"
        f' <span style="color:var(--jp-ui-font-color2)">bench.log has the traceback</span></div>'
    )


def _line(printed: Printed) -> str:
    if not printed.count:
        return ""
    return (
        f'<div class="labkit-printed" style="{LINE}" title="What callbacks print goes to bench.log; this came last">'
        f"▸ {escape(WARNING.sub('', printed.last))}</div>"
    )
