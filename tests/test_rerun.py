"""Cells run again in a real kernel: the same cell takes its own pins back, another one may not."""

RED = "red = LED(17)\nred"


def test_a_displayed_device_gives_its_pin_back_to_its_own_cell(kernel):
    for _ in range(3):
        ran = kernel.check(RED, cell="a")
        assert "application/vnd.jupyter.widget-view+json" in ran.mimetypes
    assert kernel.check("len(bench.holders()), red.closed", cell="z").text == "(1, False)"


def test_the_previous_device_is_closed_not_merely_forgotten(kernel):
    kernel.check("red = LED(17)\nred.on()", cell="a")
    kernel.check("old = red", cell="b")
    kernel.check("red = LED(17)", cell="a")
    assert kernel.check("old.closed, red.value", cell="z").text == "(True, 0)"


def test_a_blinking_device_gives_its_pin_back(kernel):
    for _ in range(2):
        kernel.check("red = LED(17)\nred.blink(0.01, 0.01)", cell="a")
    kernel.check("red.off()", cell="b")
    assert kernel.check("len(bench.devices)", cell="z").text == "1"


def test_an_exception_in_the_same_cell_does_not_hold_the_pin(kernel):
    for _ in range(3):
        ran = kernel.run("red = LED(17)\n1 / 0", cell="a")
        assert "ZeroDivisionError" in ran.error
    kernel.check(RED, cell="a")


def test_a_constructor_that_failed_half_way_does_not_hold_its_pins(kernel):
    for _ in range(2):
        ran = kernel.run("bot = Robot(left=Motor(4, 14), right=Motor(17, 99))", cell="a")
        assert "no GPIO pin 99" in ran.error
    kernel.check("bot = Robot(left=Motor(4, 14), right=Motor(17, 18))", cell="a")


def test_another_cell_is_told_who_holds_the_pin_and_what_to_do(kernel):
    kernel.check(RED, cell="a")
    ran = kernel.run("green = LED(17)", cell="b")
    assert "PinTaken: GPIO17 is in use by red (LED), made in cell [" in ran.error
    assert "Close it with red.close(), or use a free pin: 2, 3, 4" in ran.error


def test_after_pin_taken_both_cells_still_work(kernel):
    kernel.check(RED, cell="a")
    assert "PinTaken" in kernel.run("green = LED(17)", cell="b").error
    kernel.check(RED, cell="a")
    kernel.check("red.close()", cell="c")
    kernel.check("green = LED(17)\ngreen", cell="b")
    assert "PinTaken" in kernel.run(RED, cell="a").error


def test_pin_taken_shows_the_users_line_and_no_frame_of_a_library(kernel):
    kernel.check(RED, cell="a")
    ran = kernel.run("x = 1\ngreen = LED(17)", cell="b")
    assert "----> 2 green = LED(17)" in ran.error
    assert "site-packages" not in ran.error


def test_a_holder_built_into_a_robot_is_named_by_the_robots_variable(kernel):
    kernel.check("bot = Robot(Motor(4, 14), Motor(17, 18))", cell="a")
    assert "in use by bot (Robot)" in kernel.run("red = LED(17)", cell="b").error
    kernel.check("bench.free(17)\nred = LED(17)", cell="b")
    assert kernel.check("bot.closed, len(bench.holders())", cell="z").text == "(True, 1)"


def test_the_same_pin_twice_in_one_run_of_a_cell_is_taken(kernel):
    assert "PinTaken" in kernel.run("a = LED(17)\nb = LED(17)", cell="a").error


def test_without_a_cell_id_the_same_source_is_the_same_cell(kernel):
    kernel.check(RED)
    kernel.check(RED)
    assert "PinTaken" in kernel.run("green = LED(17)").error


def test_an_edited_cell_is_still_the_same_cell_by_its_id(kernel):
    kernel.check("red = LED(17)", cell="a")
    kernel.check("red = PWMLED(17)", cell="a")
    assert kernel.check("type(red).__name__", cell="z").text == "'PWMLED'"


def test_the_first_cell_counts_too(kernel):
    kernel.check("bench.close()", cell="y")
    source = "import labkit\nbench = labkit.bench('simulated')\nred = LED(17)"
    kernel.check(source, cell="first")
    kernel.check(source, cell="first")
    assert "PinTaken" in kernel.run("LED(17)", cell="other").error


def test_a_device_without_a_variable_can_be_freed_by_its_pin(kernel):
    kernel.check("LED(17)", cell="a")
    kernel.check("0", cell="b")  # takes `_` off the device; Out[] still holds it
    ran = kernel.run("red = LED(17)", cell="c")
    assert "in use by an LED" in ran.error
    assert "labkit.bench().free(17)" in ran.error
    kernel.check("labkit.bench().free(17)", cell="d")
    kernel.check("red = LED(17)", cell="c")


def test_a_restarted_kernel_starts_clean(kernel):
    kernel.check(RED, cell="a")
    kernel.restart()
    kernel.check("import labkit\nfrom gpiozero import LED\nbench = labkit.bench('simulated')", cell="start")
    kernel.check(RED, cell="b")


def test_the_banner_is_shown_with_the_bench(kernel):
    ran = kernel.check("b = labkit.bench()", cell="a")
    assert ran.mimetypes == ["text/plain", "text/html"]


def test_every_cell_of_a_notebook_can_be_run_again_out_of_order(kernel):
    cells = {
        "led": RED,
        "button": "go = Button(2)\ngo.when_pressed = red.toggle\ngo",
        "header": "bench",
        "plot": "bench.scope(red, go)",
        "blink": "red.blink(0.01, 0.01)",
    }
    for name in [*cells, *reversed(cells), "led", "led", "plot", "button"]:
        kernel.check(cells[name], cell=name)


def test_a_notebook_is_called_by_its_name_and_lists_its_claims(kernel):
    kernel.check("import os; os.environ['JPY_SESSION_NAME'] = '/home/pi/blink.ipynb'")
    try:
        kernel.check("red = LED(17)", cell="a")
        assert "made in cell [" in (taken := kernel.run("LED(17)", cell="b").error)
        assert "] of blink.ipynb. Close it with red.close()" in taken
        listed = kernel.check("bench.claims()")
        assert "text/html" in listed.mimetypes
        assert "blink.ipynb (here)" in listed.text
    finally:
        kernel.check("del os.environ['JPY_SESSION_NAME']")
