"""Views don't pile up: what no output shows any more and will never change again is closed, with all it is made of."""

import pytest

# A device releases its pins first and is closed a moment later, so that views may have to look twice.
COUNT = """for _ in range(3): bench._viewing.refresh()
from ipywidgets.widgets import widget as all_widgets
len(all_widgets._instances)"""
MADE_AND_SHOWN = ["red = LED(17)\nred"]
MADE_AND_SHOWN_IN_ONE = ["from ipywidgets import VBox\nred, go = LED(17), Button(2)\ndisplay(red, go)"]
MADE_ELSEWHERE = ["red = LED(17)", "red", "bench.panels()"]
OF_PIECES = ["hat = JamHat()\nhat", "bench.panels()"]
RECORDED = ["red = LED(17)", "with bench.record('again', red): red.on()"]
FIGURE = ["from bokeh.plotting import figure\nplot = figure()\nplot.line([1, 2], [3, 4])\nplot", "red = LED(17)\nred"]
OPENED_AGAIN = ["bench.close()\nbench = labkit.bench('simulated')\nred = LED(17)\nred", "bench.panels()", "bench"]


@pytest.mark.parametrize(
    ("cells", "more"),
    [
        (MADE_AND_SHOWN, 0),
        (MADE_AND_SHOWN_IN_ONE, 0),
        (MADE_ELSEWHERE, 0),
        (OF_PIECES, 0),
        (RECORDED, 0),
        (FIGURE, 0),
        # Two of STOP's with their layouts: old panels that are still shown have them among their children.
        (OPENED_AGAIN, 4),
    ],
    ids=["shown", "both", "elsewhere", "pieces", "recorded", "figure", "opened"],
)
def test_cells_that_run_again_leave_no_widgets_behind(kernel, tmp_path, cells, more):
    kernel.check(f"import labkit, os\nos.chdir({str(tmp_path)!r})")
    counts = []
    for _ in range(4):
        for place, source in enumerate(cells):
            kernel.check(source, cell=f"cell{place}")
        counts.append(int(kernel.check(COUNT, cell="count").text))
    first, *others = counts[1:]
    assert others == [first + more, first + 2 * more]
    assert first > 20


def test_a_view_that_an_output_still_shows_stays_and_says_that_its_device_is_closed(kernel):
    kernel.check("red = LED(17)\nred", cell="made")
    kernel.check("shown = labkit.panel(red)\nred", cell="shown")
    kernel.check("red = LED(17)\nred", cell="made")
    kernel.check("bench._viewing.refresh()")
    assert kernel.check("shown.comm is not None, 'closed' in shown.state.value").text == "(True, True)"
    kernel.check("red", cell="shown")
    kernel.check("bench._viewing.refresh()")
    assert (
        kernel.check("shown.comm is None, shown.title.comm is None, labkit.panel(red).comm is None").text
        == "(True, True, False)"
    )


def test_a_panel_in_a_view_of_the_users_own_stays(kernel):
    kernel.check("from ipywidgets import VBox\nred = LED(17)\nown = VBox([labkit.panel(red)])\nown", cell="made")
    kernel.check("red.close()\nbench._viewing.refresh()", cell="closed")
    assert kernel.check("own.children[0].comm is not None").text == "True"


def test_a_panel_that_left_the_column_is_closed_unless_an_output_shows_it(kernel):
    kernel.check("red, green = LED(17), LED(27)", cell="made")
    kernel.check("bench.panels()", cell="column")
    kernel.check("first, second = labkit.panel(red), labkit.panel(green)\ngreen", cell="shown")
    kernel.check("red.close(); green.close()\nbench._viewing.refresh()", cell="closed")
    assert kernel.check("first.comm is None, second.comm is None").text == "(True, False)"
