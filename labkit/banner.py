"""The line that says loudly whether pins are real."""

from __future__ import annotations

from html import escape

from IPython.display import HTML, display

from labkit.boards import Board

__all__ = ["show_banner"]

# Colours that read on JupyterLab's light and dark theme alike.
_REAL, _SIMULATED = ("#b3261e", "rgba(179,38,30,.10)"), ("#2563eb", "rgba(37,99,235,.10)")


def show_banner(board: Board) -> None:
    """Display the board's banner under the running cell."""
    colour, tint = _SIMULATED if board.simulated else _REAL
    kind, rest = board.banner.split(" · ", 1)
    display(
        HTML(
            f'<div role="status" class="labkit-banner" style="border-left:4px solid {colour};background:{tint};'
            f'padding:6px 12px;border-radius:4px;font-family:var(--jp-ui-font-family)">'
            f'<b style="color:{colour}">{escape(kind)}</b> · {escape(rest)}</div>'
        )
    )
