"""Bokeh's own figures in a cell: drawn without the internet, in the page's colours, and gone with their cell."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.soak  # at the pace of people, one after another

PLOT = """from bokeh.plotting import figure
plot = figure(height=240, x_axis_label="time (s)", y_axis_label="distance (cm)", title="ranging")
plot.line([1, 2, 3], [4, 6, 5], legend_label="measured")
plot.segment([1, 2, 3], [3.5, 5.5, 4.5], [1, 2, 3], [4.5, 6.5, 5.5], line_width=2)
plot"""
SECOND = """
from bokeh.layouts import row
other = figure(width=300, height=240)
other.line([0, 1], [0, 1])
row(plot, other)"""
COLOUR = """name => { const [plot] = Bokeh.documents.at(-1).roots();
    return name === 'ground' ? plot.border_fill_color : plot.below[0].axis_label_text_color }"""


def test_a_figure_of_bokehs_is_drawn_as_a_cells_last_line(sheet):
    sheet.run(1, PLOT)
    assert sheet.errors() == []
    drawn = sheet.page.locator(".labkit-drawn")
    expect(drawn).to_have_attribute("data-drawn", "true")
    box = drawn.bounding_box()
    assert (box["width"] >= 600, box["height"] >= 240) == (True, True)
    sheet.picture_of("figure-light", ".labkit-drawn")
    # In the colours of the page, also when these change.
    sheet.use_theme("Dark")
    assert sheet.page.evaluate(COLOUR, "ground") != "#ffffff"
    sheet.picture_of("figure-dark", ".labkit-drawn")
    sheet.use_theme("Light")
    # Nothing piles up when the cell runs again.
    for _ in range(3):
        sheet.run(1)
    expect(drawn).to_have_count(1)
    expect(drawn).to_have_attribute("data-drawn", "true")
    assert sheet.page.evaluate("Bokeh.documents.length") == 1


def test_colours_that_somebody_chose_stay(sheet):
    sheet.run(1, PLOT.replace("height=240", "height=240, border_fill_color='#ffe4b5'"))
    expect(sheet.page.locator(".labkit-drawn")).to_have_attribute("data-drawn", "true")
    assert sheet.page.evaluate(COLOUR, "ground") == "#ffe4b5"
    assert sheet.page.evaluate(COLOUR, "text") != "#444444"


def test_a_layout_of_several_is_drawn_as_well(sheet):
    sheet.run(1, PLOT + SECOND)
    assert sheet.errors() == []
    expect(sheet.page.locator(".labkit-drawn .bk-Figure")).to_have_count(2)
