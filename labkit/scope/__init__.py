"""Figures of what pins did: live (`bench.scope`), and of anything that is a `labkit.history.History`.

numpy is loaded with this; Bokeh is not: its front end draws in the page.
"""

from labkit.scope.live import Scope, scope
from labkit.scope.plot import Plot

__all__ = ["Plot", "Scope", "scope"]
