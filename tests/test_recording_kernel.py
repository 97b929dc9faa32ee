"""Recordings in a real kernel: cells run again, are interrupted, and mark what is recorded."""

import os
import signal
import subprocess
import sys

import pytest

import labkit


@pytest.fixture
def lab(kernel, tmp_path):
    kernel.check(f"%cd -q {tmp_path}\nred = LED(17)")
    yield kernel
    kernel.check("bench.close()\n%cd -q /")


def test_running_the_cell_again_ends_the_recording_and_begins_one_with_a_new_name(lab, tmp_path):
    cell = "run = bench.record('same', red)\nrun.path.name"
    assert lab.check(cell, cell="r").text.endswith("'same.labrun'")
    lab.check("red.on()")
    assert lab.check(cell, cell="r").text.endswith("'same-2.labrun'")
    first = labkit.open_run(tmp_path / "runs" / "same.labrun")
    assert (first.how, first.ended) == ("stopped", "its cell ran again")
    assert first["red"].statistics().rising == 1
    assert labkit.open_run(tmp_path / "runs" / "same-2.labrun").how == "recording"


def test_fifteen_runs_of_a_cell_leave_one_recording_and_no_threads(lab):
    cell = "run = bench.record('again', red)"
    count = (
        "import threading\n"
        "sorted(t.name for t in threading.enumerate() if t.name.startswith('labkit')), len(bench.tap._subscribers), "
        "len(bench._viewing._kept), len(bench._viewing._listeners), len(bench.cells._followers)"
    )
    lab.check(cell, cell="r")
    lab.check(cell, cell="r")
    before = lab.check(count, cell="count").text
    for _ in range(15):
        lab.check(cell, cell="r")
    assert lab.check(count, cell="count").text == before


def test_cells_are_marked_with_what_they_ran_and_how_it_went(lab, tmp_path):
    lab.check("run = bench.record('cells', red)", cell="a")
    lab.check("red.on()\nred.off()", cell="b")
    lab.run("1 / 0", cell="c")
    lab.check("_ = run.stop()", cell="d")
    texts = [mark.text for mark in labkit.open_run(tmp_path / "runs" / "cells.labrun").marks]
    numbers = [text[text.index("[") : text.index("]") + 1] for text in texts]
    assert [text.replace(number, "[n]") for text, number in zip(texts, numbers, strict=True)] == [
        "cell [n] ended",
        "cell [n] began: red.on()",
        "cell [n] ended",
        "cell [n] began: 1 / 0",
        "cell [n] ended with ZeroDivisionError",
        "cell [n] began: _ = run.stop()",
    ]


def test_an_interrupted_cell_leaves_the_recording_going(lab, tmp_path):
    lab.check("run = bench.record('interrupted', red)", cell="a")
    pid = int(lab.check("import os; os.getpid()").text)
    lab.interrupt_after(
        "print('busy', flush=True)\nwhile True: red.toggle()", "busy", lambda: os.kill(pid, signal.SIGINT)
    )
    assert lab.check("run.is_recording").text == "True"
    lab.check("red.off(); red.on()")
    lab.check("_ = run.stop()")
    run = labkit.open_run(tmp_path / "runs" / "interrupted.labrun")
    assert run.how == "stopped"
    # The interrupt may come just after an edge got its number: one is missing then, and it says so.
    assert sum(run.missing.values()) <= 1
    assert run["red"].values[-1] == 1
    assert any("ended with KeyboardInterrupt" in mark.text for mark in run.marks)


def test_an_interrupt_while_it_stops_does_not_leave_it_half_ended(lab, tmp_path):
    lab.check("run = bench.record('halfway', red)", cell="a")
    pid = int(lab.check("import os; os.getpid()").text)
    # Its thread is kept from running until the interrupt has come.
    source = "with run._recorder._packing:\n    print('stopping', flush=True)\n    run.stop()"
    lab.interrupt_after(source, "stopping", lambda: os.kill(pid, signal.SIGINT))
    lab.check("_ = run.stop()")
    assert labkit.open_run(tmp_path / "runs" / "halfway.labrun").how == "stopped"


def test_a_restart_ends_the_recording_cleanly(lab, tmp_path):
    lab.check("run = bench.record('restarted', red)\nred.on()", cell="a")
    lab.restart()
    run = labkit.open_run(tmp_path / "runs" / "restarted.labrun")
    assert (run.how, run.ended) == ("stopped", "the bench was closed")
    assert run["red"].rising.tolist() != []
    lab.check("import labkit\nbench = labkit.bench('simulated')")


def test_in_a_notebook_the_line_shows_itself_and_the_list_is_a_table(lab):
    shown = lab.check("run = bench.record('shown', red)", cell="a")
    assert "application/vnd.jupyter.widget-view+json" in shown.mimetypes
    assert "text/html" in lab.check("import labkit\nlabkit.runs()").mimetypes
    assert "text/html" in lab.check("run").mimetypes


@pytest.mark.process
def test_recording_loads_neither_numpy_nor_pandas_nor_bokeh(tmp_path):
    program = (
        "import sys, labkit\nfrom gpiozero import LED\nred = LED(17, pin_factory=labkit.bench('simulated').factory)\n"
        "labkit.bench().record('light', red).stop()\n"
        "print([name for name in ('numpy', 'pandas', 'pyarrow', 'bokeh', 'ipywidgets') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.stdout == "[]\n", ran.stderr
