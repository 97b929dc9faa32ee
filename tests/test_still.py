"""What an output keeps for those who have no kernel for it."""

from __future__ import annotations

from gpiozero import LED, Button

from labkit.logview import log_view
from labkit.still import words_of


def bundle_of(view):
    data, _ = view._repr_mimebundle_()
    return data


def test_a_panels_output_has_its_state_in_words_beside_the_widget(bench):
    red = LED(17)
    shown = bench.panel(red)
    red.on()
    shown.refresh()
    shown.switch(on=True)
    data = bundle_of(shown)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.model_id
    assert data["application/vnd.labkit.view+json"] == {"version": 1}
    assert data["text/plain"].splitlines()[0].endswith("LED GPIO17 · simulated: on")
    assert "<code>led.on()</code>" in data["text/html"]
    assert "Run the cell again" in data["text/html"]


def test_a_column_has_all_its_panels_and_a_bench_its_pins_in_use(bench):
    devices = [LED(17), Button(2)]
    shown = bundle_of(bench.panels())["text/plain"]
    assert [kind in shown for kind in ("Button GPIO2", "LED GPIO17")] == [True, True]
    table = bundle_of(bench)["text/html"]
    assert "<td>GPIO17</td>" in table
    assert "<td>input</td>" in table
    for device in devices:
        device.close()


def test_the_log_has_its_newest_lines_and_nothing_of_theirs_is_taken_for_html(bench):
    for number in range(30):
        bench.log.write(f"<b>{number}</b>\n", "red")
    data = bundle_of(log_view(bench))
    assert "&lt;b&gt;29&lt;/b&gt;" in data["text/html"]
    assert "<b>29</b>" in data["text/plain"]
    assert "<b>9</b>" not in data["text/plain"]


def test_words_of_html_are_a_line_for_each_of_its_lines():
    assert words_of("<p>a <b>&lt;b&gt;</b></p><ul><li>c</li><li>d<br>e</li></ul>") == "a <b>\nc\nd\ne"
