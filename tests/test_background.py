"""What callbacks and threads print and raise in a real kernel: the log and the device know it, and no cell."""

import json
import textwrap
import threading

import pytest
from gpiozero import Button, mixins


def log(kernel):
    """The entries: source, kind, text, repeats."""
    ran = kernel.check("import json; print(json.dumps([(e.source, e.kind, e.text, e.repeats) for e in bench.log]))")
    return [tuple(entry) for entry in json.loads(ran.text)]


def told(kernel, device):
    """How often the device's callbacks failed, the last sentence, and where."""
    ran = kernel.check(f"f = bench.background.failed({device}); print(f.count, f.last.sentence, f.last.where, sep='|')")
    count, sentence, where = ran.text.strip().split("|")
    return int(count), sentence, where


@pytest.fixture
def cell(kernel):
    """Runs a cell, given with any indentation, and gives what it printed."""
    kernel.check(
        "import threading, time, warnings\ngo, red = Button(2), LED(17)\n"
        "def until(claim):\n    end = time.monotonic() + 20\n"
        "    while not claim():\n        assert time.monotonic() < end\n        time.sleep(0.01)\n"
        "def count(device):\n    return getattr(bench.background.failed(device), 'count', 0)"
    )
    return lambda source: kernel.check(textwrap.dedent(source).strip()).text


def test_what_a_callback_prints_goes_to_the_log_and_what_the_cell_prints_stays(cell, kernel):
    cell("""
        def pressed():
            print('pressed', 1)
        go.when_pressed = pressed
    """)
    assert cell("print('before'); bench.parts[2].press(); print('after')") == "before\nafter\n"
    assert log(kernel) == [("go", "out", "pressed 1", 1)]


def test_an_exception_is_noted_with_its_line_and_the_cell_goes_on(cell, kernel):
    where = cell("""
        def pressed():
            sum([])
            return 1 / 0
        go.when_pressed = pressed
        print(bench.cells.current.label)
    """).strip()
    assert cell("for _ in range(2): bench.parts[2].hold(); bench.parts[2].release()\nprint('goes on')") == "goes on\n"
    assert told(kernel, "go") == (2, "ZeroDivisionError: division by zero", f"{where}, line 3")
    ((source, kind, text, repeats),) = log(kernel)
    assert (source, kind, repeats) == ("go", "error", 2)
    assert f'File "{where}", line 3, in pressed\n    return 1 / 0' in text


def test_a_held_callback_that_failed_is_called_the_next_time(cell, kernel):
    said = cell("""
        held = threading.Semaphore(0)
        def hold():
            held.release()
            raise ValueError('held')
        go.hold_time, go.when_held = 0.01, hold
        for _ in range(3):
            bench.parts[2].hold(); assert held.acquire(timeout=10); bench.parts[2].release()
        until(lambda: count(go) == 3)
    """)
    assert said == ""
    assert told(kernel, "go")[:2] == (3, "ValueError: held")


def test_a_sensor_goes_on_after_its_callback_failed(cell, kernel):
    cell("""
        line = LineSensor(4, queue_len=1, sample_rate=1000)
        def seen():
            raise ValueError('seen')
        line.when_line = seen
        for times in (1, 2):
            assert line.wait_for_no_line(10)
            bench.parts[4].over_line = True
            until(lambda: count(line) == times)
            bench.parts[4].over_line = False
    """)
    assert told(kernel, "line")[:2] == (2, "ValueError: seen")


WAYS = {
    "a source": ("red", """
        def values():
            say_and_fail()
            yield
        red.source = values()
    """),
    "a knob": ("knob", """
        knob = RotaryEncoder(5, 6)
        knob.when_rotated = say_and_fail
        bench.parts[5].rotate(1)
    """),
    "a blinking subclass": ("torch", """
        class Torch(LED):
            def _write(self, value):
                if threading.current_thread() is not threading.main_thread():
                    say_and_fail()
                super()._write(value)
        torch = Torch(13)
        torch.blink()
    """),
    "a subclass's own state": ("watched", """
        is_ready = False
        class Watched(DigitalInputDevice):
            def _state_to_value(self, state):
                if is_ready:
                    say_and_fail()
                return super()._state_to_value(state)
        watched = Watched(19)
        is_ready = True
        bench.parts[19].is_on = True
        is_ready = False
    """),
    "a thread of a callback": ("go", """
        go.when_pressed = lambda: threading.Thread(target=say_and_fail).start()
        bench.parts[2].press()
    """),
    "a timer of its thread": ("go", """
        later = lambda: threading.Timer(0.01, say_and_fail).start()
        go.when_pressed = lambda: threading.Thread(target=later).start()
        bench.parts[2].press()
    """),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_whoever_calls_the_users_code_its_device_is_found(cell, kernel, way):
    device, begin = WAYS[way]
    cell("def say_and_fail():\n    print('said')\n    raise ValueError('failed')")
    assert cell(f"{textwrap.dedent(begin)}\nuntil(lambda: count({device}))") == ""
    assert told(kernel, device)[:2] == (1, "ValueError: failed")
    assert [entry[:3] for entry in log(kernel) if entry[1] == "out"] == [(device, "out", "said")]


def test_a_callback_that_fails_thousands_of_times_is_counted_in_bounded_memory(cell, kernel):
    cell("""
        go.when_pressed = lambda: [][0]
        for _ in range(5000): bench.parts[2].hold(); bench.parts[2].release()
        assert sum(len(entry.text) for entry in bench.log) < 20_000, bench.log
    """)
    assert told(kernel, "go")[:2] == (5000, "IndexError: list index out of range")
    cell("bench.background.forget(go); assert bench.background.failed(go) is None")


def test_a_thread_prints_into_its_cell_while_that_runs_and_into_the_log_later(cell, kernel):
    said = cell("""
        started, over, done = (threading.Event() for _ in range(3))
        def work():
            print('now')
            started.set()
            over.wait(10)
            print('later')
            done.set()
        threading.Thread(target=work, name='worker').start()
        started.wait(10);
    """)
    assert said == "now\n"
    assert cell("over.set(); done.wait(10); print('cell')") == "cell\n"
    assert log(kernel) == [("worker", "out", "later", 1)]


def test_an_exception_in_a_thread_that_outlived_its_cell_is_in_the_log(cell, kernel):
    cell("""
        over = threading.Event()
        def work():
            over.wait(10)
            1 / 0
        worker = threading.Thread(target=work, name='worker')
        worker.start()
    """)
    assert cell("over.set(); worker.join(); print('cell')") == "cell\n"
    ((source, kind, text, _),) = log(kernel)
    assert (source, kind) == ("worker", "error")
    assert text.endswith("ZeroDivisionError: division by zero")


def test_a_display_and_a_warning_of_a_callback_are_in_the_log_as_text(cell, kernel):
    cell("""
        def pressed():
            display({'a': 1})
            warnings.warn('careful', stacklevel=1)
        go.when_pressed = pressed
    """)
    assert cell("bench.parts[2].press()") == ""
    shown, warned = log(kernel)[:2]
    assert shown[:3] == ("go", "out", "{'a': 1}")
    assert warned[1] == "err"
    assert "careful" in warned[2]


def test_what_a_panels_action_prints_is_in_the_log(cell, kernel):
    said = cell("""
        class Torch(LED):
            def on(self):
                print('lit')
                super().on()
        torch = Torch(13)
        labkit.panel(torch).on.click()
    """)
    assert said == ""
    assert log(kernel) == [("torch", "out", "lit", 1)]


def test_in_virtual_time_a_callbacks_error_ends_what_it_ends_in_a_program(cell, kernel):
    cell("""
        def pressed():
            print('pressed')
            1 / 0
        go.when_pressed = pressed
    """)
    ran = kernel.run("with bench.virtual_time():\n    bench.parts[2].press(); time.sleep(1)")
    assert "ZeroDivisionError" in ran.error
    assert "pressed" in ran.text
    assert log(kernel) == []


def test_closing_the_bench_leaves_everything_as_it_was(kernel):
    kernel.check(
        textwrap.dedent("""
            import sys, threading
            from gpiozero import mixins
            state = lambda: (threading.Thread.start, threading.excepthook, type(sys.stdout), type(sys.stderr),
                             mixins.EventsMixin._fire_activated, mixins.HoldMixin._fire_held)
            bench.close()
            before = state()
            bench = labkit.bench('simulated')
            assert all(one is not two for one, two in zip(before, state()))
            bench.close()
            assert state() == before
        """)
    )


def test_a_program_keeps_pythons_ways(bench):
    start, fire = threading.Thread.start, mixins.EventsMixin._fire_activated
    with Button(2) as go:
        go.when_pressed = lambda: 1 / 0
        with pytest.raises(ZeroDivisionError):
            bench.parts[2].press()
        assert bench.background.failed(go) is None
    assert bench.log.text == ""
    assert threading.Thread.start is start
    assert not hasattr(start, "__wrapped__")
    assert mixins.EventsMixin._fire_activated is fire
    assert not hasattr(fire, "__wrapped__")
