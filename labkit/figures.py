"""Bokeh's own figures as a cell's last line: its front end comes as it does for the scope, so no internet is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from labkit.comms import serve_while_busy
from labkit.frontend import front_end
from labkit.link.comm import Linked
from labkit.shown import close_parts

__all__ = ["Figure", "show_bokeh_figures"]


class Figure(Linked):
    """A figure, or a layout of several, as it was when it was shown.

    Traits:
        item: What Bokeh's `json_item` makes of it.
        bokeh: Which version of BokehJS draws it.
    """

    _esm = front_end("figure.js")
    item = traitlets.Dict().tag(sync=True)
    bokeh = traitlets.Unicode().tag(sync=True)

    def __init__(self, drawing: Any) -> None:
        # Whoever has a figure has loaded Bokeh already; every notebook's bench gets here, and needs none of it.
        from bokeh.embed import json_item

        from labkit.scope.desk import bokeh_version
        from labkit.scope.plot import desk

        desk()  # hands out BokehJS where the server has no extension
        super().__init__(item=dict(json_item(drawing)), bokeh=bokeh_version())
        serve_while_busy(self)

    def close(self) -> None:
        """Show it no more."""
        super().close()
        close_parts(self)


def show_bokeh_figures(shell: Any, keep: Callable[[Any], Any]) -> None:
    """Let a Bokeh figure as a cell's last line be drawn in this IPython, without `output_notebook()` and `show()`.

    Args:
        shell: IPython's.
        keep: Takes a view that is to end when its cell runs again.
    """

    def bundle(drawing: Any, **kwargs: Any) -> Any:
        figure = Figure(drawing)
        keep(figure)
        return figure._repr_mimebundle_(**kwargs)

    # By name: Bokeh costs a small machine seconds, and is loaded by whoever makes a figure.
    shell.display_formatter.mimebundle_formatter.for_type_by_name("bokeh.models.layouts", "LayoutDOM", bundle)
