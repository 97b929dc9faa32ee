"""Colours of the picture for light and dark surroundings; its strokes are in static/circuit.css."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["style"]

SHEET = Path(__file__).parents[2] / "static" / "circuit.css"
LIGHT = {
    "sheet": "#fff", "ink": "#1c2128", "faint": "#68717d", "board": "#f3efe4", "edge": "#cbc4b3", "trench": "#e2dccb",
    "hole": "#5a564d", "inkboard": "#3a3730", "module": "#f5f7fa", "moduleedge": "#c5ccd6",
    "casing": "#ffffffd9", "outline": "#ffffffd9",
}  # fmt: skip
DARK = {
    "sheet": "#14171c", "ink": "#e6eaf0", "faint": "#9aa4b1", "board": "#d8d3c6", "edge": "#8d877a",
    "trench": "#c4beae", "hole": "#4b473f", "inkboard": "#2d2a24", "module": "#232831", "moduleedge": "#48515e",
    "casing": "#0c0e12b8", "outline": "#c3cbd6",
}  # fmt: skip
JUPYTER = {
    "sheet": "var(--jp-layout-color0,#fff)", "ink": "var(--jp-ui-font-color1,#1c2128)",
    "faint": "var(--jp-ui-font-color2,#68717d)",
}  # fmt: skip


@cache
def style(inside: bool) -> str:
    """The style sheet; inside JupyterLab its theme decides, elsewhere the system's does."""
    rules = re.sub(
        r"/\*.*?\*/|\s*\n\s*|(?<=[{};:,])\s+|\s+(?=[{}])|;\s*(?=})", "", SHEET.read_text("utf-8"), flags=re.DOTALL
    )
    if not inside:
        return f".lk{{{_variables(LIGHT)}}}@media (prefers-color-scheme:dark){{.lk{{{_variables(DARK)}}}}}{rules}"
    dark = f'[data-jp-theme-light="false"] .lk-inside{{{_variables(DARK | JUPYTER)}}}'
    return f".lk-inside{{{_variables(LIGHT | JUPYTER)}}}{dark}{rules}"


def _variables(colours: Mapping[str, str]) -> str:
    return ";".join(f"--lk-{name}:{value}" for name, value in colours.items())
