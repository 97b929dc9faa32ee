"""A Bokeh figure shows as a widget; nothing else does, and nobody loads Bokeh for it."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
from IPython.core.formatters import DisplayFormatter

from labkit.figures import show_bokeh_figures

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def kept():
    return []


@pytest.fixture
def show(bench, kept):
    """What IPython would send to the page for a cell's last line."""
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    show_bokeh_figures(shell, kept.append)
    return lambda value: shell.display_formatter.format(value)[0]


def drawn():
    from bokeh.plotting import figure

    plot = figure(title="ranging")
    plot.scatter([1, 2], [3, 4])
    return plot


def test_a_figure_is_a_widget_that_ends_with_its_cell(show, kept):
    plot = drawn()
    assert WIDGET in show(plot)
    (view,) = kept
    assert view.item["root_id"] == plot.id
    view.close()


def test_a_layout_of_figures_is_one_as_well(show, kept):
    from bokeh.layouts import row

    assert WIDGET in show(row(drawn(), drawn()))
    assert len(kept) == 1


def test_what_is_no_figure_shows_as_it_did(show, kept):
    from bokeh.models import Range1d

    assert WIDGET not in show(Range1d(0, 1))
    assert WIDGET not in show([drawn()])
    assert kept == []


@pytest.mark.process
def test_bokeh_and_numpy_are_loaded_by_whoever_makes_a_figure_and_not_before():
    code = (
        "import sys; from types import SimpleNamespace; from IPython.core.formatters import DisplayFormatter;"
        "import labkit.figures; shell = SimpleNamespace(display_formatter=DisplayFormatter());"
        "labkit.figures.show_bokeh_figures(shell, print); shell.display_formatter.format(17);"
        "print('bokeh.models' in sys.modules, 'numpy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False False\n"
