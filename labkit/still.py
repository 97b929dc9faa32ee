"""What an output keeps for those who open its notebook without its kernel: the view as it was, in words."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

__all__ = ["Still", "plain", "words_of"]

MIME = "application/vnd.labkit.view+json"
NOTE = "This is how it was when its cell ran. Run the cell again to have it live."


class Still:
    """Beside a widget's class: its outputs hold its `still`, too, in the notebook's file.

    JupyterLab shows it where there is no live view (see `static/lab.js`); whatever renders the notebook without
    widgets shows it anyway, as HTML or as text.
    """

    def still(self) -> str:
        """The view's newest state as plain HTML: what a sanitizer would take away is not worth writing."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if shown is None:
            return None
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        picture = self.still()
        note = f'<div class="labkit-still-note"><em>{NOTE}</em></div>'
        return {
            **data,
            MIME: {"version": 1},
            "text/html": f"<div>{picture}</div>{note}",
            "text/plain": words_of(picture),
        }, metadata


def words_of(html: str) -> str:
    """The words of a piece of HTML, a line for each of its lines."""
    lines = re.split(r"<br\s*/?>|</(?:div|li|p|tr)>", html)
    plain = (" ".join(unescape(re.sub(r"<[^>]*>", " ", line)).split()) for line in lines)
    return "\n".join(filter(None, plain))


def plain(html: str) -> str:
    """The words of what a view shows as HTML, as HTML again: without styles and pictures."""
    return "<br>".join(escape(line) for line in words_of(html).splitlines())
