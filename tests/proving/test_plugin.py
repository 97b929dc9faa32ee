"""`pytest --labkit`: notebooks of strangers and of teachers, each in a kernel of its own."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

pytestmark = pytest.mark.process

KERNELSPEC = {"name": "python3", "language": "python", "display_name": "Python 3"}


def cell(source, *tags, kind=new_code_cell):
    made = kind(source)
    if tags:
        made.metadata.tags = list(tags)
    return made


def text(source, *tags):
    return cell(source, *tags, kind=new_markdown_cell)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def write(folder):
    def write_it(name, *cells, **metadata):
        made = [new_code_cell(each) if isinstance(each, str) else each for each in cells]
        notebook = new_notebook(cells=made, metadata={"kernelspec": KERNELSPEC} | metadata)
        path = folder / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write_it


@pytest.fixture(scope="module")
def shared():
    """Kernels are started ahead across the tests of this file."""
    from labkit.proving.prover import Limits
    from labkit.proving.workshop import Workshop

    workshop = Workshop(Limits(lab_s=3600, wall_s=20), None, None)
    yield workshop
    workshop.close()


@pytest.fixture
def prove(shared):
    def prove_it(path, starter=False):
        return shared.prove(path, path.relative_to(path.parent), starter)

    return prove_it


BLINK = "from gpiozero import LED\nfrom time import sleep\nred = LED(17)"


def test_a_strangers_notebook_lives_an_hour_in_no_time(write, prove):
    proof = prove(write("hour", BLINK, "for _ in range(59):\n    red.toggle()\n    sleep(60)"))
    assert proof.passed
    assert proof.lab_s == 3540
    assert proof.cells[1].remark == ""
    assert "red GPIO17" in proof.waves


def test_an_endless_loop_ends_well_with_its_lab_time(write, prove):
    proof = prove(write("forever", BLINK, "while True:\n    red.toggle()\n    sleep(1)"))
    assert proof.passed
    assert "an endless loop, ended after 3600 s of lab time" in proof.cells[1].remark


def test_a_failing_cell_is_named_with_its_heading_line_and_pins(write, prove):
    waiting = "red.blink(0.5, 0.5)\nsleep(3)\ndef ratio():\n    return 1 / 0"
    proof = prove(write("fails", text("# All\n\n## Part two"), BLINK, waiting, "ratio()", "print('never')"))
    assert not proof.passed
    assert len(proof.cells) == 3
    failed = proof.cells[2]
    assert failed.step.title == "cell 3 (Part two)"
    assert failed.problem.endswith("ZeroDivisionError: division by zero")
    assert "----> 4     return 1 / 0" in failed.problem
    assert "labkit" not in failed.problem
    assert "█" in proof.waves


ENDINGS = {
    "spins": (["while True: pass"], "it never ends: .*turns in a loop"),
    "waits for input": (["input('?')"], r"waits for input\(\)"),
    "kills its kernel": (["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"], "the kernel ended in this cell"),
    "needs what is not there": (["import no_such_package"], "ModuleNotFoundError: No module named 'no_such_package'"),
    "waits in vain": (["from gpiozero import Button\nButton(2).wait_for_press()"], "Deadlock"),
    "has no real pins": (["import labkit\nlabkit.bench('real')"], "BadPinFactory"),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_each_way_to_fail_is_told_apart(write, prove, name):
    cells, says = ENDINGS[name]
    proof = prove(write("nb", *cells))
    assert not proof.passed
    problem = proof.cells[-1].problem
    assert re.search(says, problem), problem


def test_async_cells_threads_and_widgets_work(write, prove):
    proof = prove(
        write(
            "mixed",
            "import asyncio, threading, time\nawait asyncio.sleep(100)",
            "done = threading.Event()\nthreading.Timer(50, done.set).start()\nassert done.wait(60)",
            "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('in a widget')\nout",
            "import labkit\nbench = labkit.bench()\nfrom gpiozero import *\nlamp = LED(4)\ndisplay(lamp, bench)",
            "with bench.virtual_time():\n    time.sleep(10)",
        )
    )
    assert proof.problems == []
    assert [each.problem for each in proof.cells] == [""] * 5
    assert proof.lab_s == 160


def test_more_output_than_anybody_reads_is_cut(write, prove):
    proof = prove(write("chatty", "for _ in range(5000): print('x' * 1000)"))
    assert proof.passed
    assert "characters of its output were kept" in proof.cells[0].remark


def test_much_to_display_is_not_kept_either(write, prove, folder):
    path = write("wide", "from IPython.display import HTML\nHTML('x' * 3_000_000)")
    assert "characters of its output were kept" in prove(path).cells[0].remark


def test_a_notebook_that_fills_the_memory_is_ended_and_named(write, folder):
    from labkit.proving.prover import Limits
    from labkit.proving.workshop import Workshop

    workshop = Workshop(Limits(wall_s=60, memory_mb=400), None, None)
    try:
        proof = workshop.prove(
            write("leaks", "kept = []\nwhile True: kept.append(bytes(b'x' * 1_000_000))"), folder, False
        )
    finally:
        workshop.close()
    assert re.match(r"its kernel held \d+ MB of memory, more than 400 MB, and was ended", proof.cells[0].problem)


def test_nothing_leaks_from_one_notebook_to_the_next(write, prove, folder):
    leave = "import os, sys\nleft = 1\nos.environ['LEFT'] = '1'\nsys.modules['left'] = sys\n"
    leave += "from gpiozero import LED\nLED.left = 1"
    assert prove(write("leaves", leave)).passed
    look = "import os, sys\nfrom gpiozero import LED\nassert 'left' not in dir()\nassert 'LEFT' not in os.environ"
    proof = prove(write("looks", look, "assert 'left' not in sys.modules\nassert not hasattr(LED, 'left')\nLED(17)"))
    assert [each.problem for each in proof.cells] == ["", ""]


SCENARIO = "events:\n  - at: 1\n    press: 2\n  - at: 2\n    expect: 17\n    high: true\n"
LISTENS = (
    "from gpiozero import *\nred, go = LED(17), Button(2)\ngo.when_pressed = red.on\nfrom time import sleep\nsleep(3)"
)


def test_a_scenario_in_the_notebook_and_beside_it(write, prove, folder):
    inside = write("inside", cell(SCENARIO, "scenario", kind=new_raw_cell), LISTENS)
    assert prove(inside).passed
    deaf = LISTENS.replace("go.when_pressed = red.on", "")
    proof = prove(write("deaf", cell(SCENARIO, "scenario", kind=new_raw_cell), deaf))
    assert "expected GPIO17 high at 2 s" in proof.problems[0]
    beside = write("beside", deaf)
    (folder / "beside.scenario.yaml").write_text(SCENARIO)
    assert "beside.scenario.yaml, line 4" in prove(beside).problems[0]


def test_a_scenario_for_parts_that_are_not_there(write, prove):
    wrong = SCENARIO.replace("press: 2", "press: 5")
    proof = prove(write("wrong", cell(wrong, "scenario", kind=new_raw_cell), LISTENS))
    assert "there is no part on GPIO5" in proof.problems[0]


DEFINE = (
    "import labkit\nfrom labkit.checking import define, blinks\nfrom gpiozero import LED\nfrom time import sleep\n"
    "@define('first', pins={'red': 17}, seconds=5)\n"
    "def first(seen):\n    return blinks(seen['red'], 1.0, times=5)"
)
SOLVED = "def mine():\n    red = LED(17)\n    red.blink(0.5, 0.5, n=5, background=False)"
ASK = "labkit.check('first', mine)"


@pytest.fixture
def lesson(write):
    return write("lesson", DEFINE, cell("def mine():\n    ...", "exercise"), ASK, cell(SOLVED, "solution"))


def test_the_solution_stands_in_for_the_exercise(lesson, prove):
    proof = prove(lesson)
    assert proof.passed
    assert [each.step.number for each in proof.cells] == [1, 2, 3]
    assert [check["check"] for check in proof.cells[2].checks] == ["first"]
    assert (proof.lab_s, proof.checked_s) == (0, 5)


def test_every_check_must_fail_on_what_is_handed_out(lesson, write, prove):
    assert prove(lesson, starter=True).passed
    lax = DEFINE.replace("blinks(seen['red'], 1.0, times=5)", "[]").replace("pins={'red': 17}, ", "")
    proof = prove(write("lax", lax, cell("def mine():\n    ...", "exercise"), ASK), starter=True)
    assert "passes on the code that is handed out" in proof.problems[0]


def test_a_wrong_solution_fails_with_the_checks_sentence(write, prove):
    proof = prove(write("wrong", DEFINE, cell("…", "exercise"), ASK, cell(SOLVED.replace("n=5", "n=3"), "solution")))
    assert "check 'first': red came on 3 times, not 5 times" in proof.problems[0]


def run_pytest(pytester, *arguments):
    pytester.makeini("[pytest]")
    return pytester.runpytest_subprocess("--labkit", "-p", "no:cacheprovider", *arguments)


def test_a_session_as_a_maintainer_sees_it(pytester, write, folder):
    pytester.path.joinpath("notebooks").mkdir()
    write(pytester.path / "notebooks" / "good", BLINK, "red.on(); sleep(60)")
    write(pytester.path / "notebooks" / "other" / "good", BLINK, "red.onn()")
    write(pytester.path / "notebooks" / "old", BLINK)
    old = pytester.path / "notebooks" / "old.ipynb"
    old.write_text(json.dumps(nbformat.convert(nbformat.read(old, 4), 3)))
    (pytester.path / "notebooks" / "broken.ipynb").write_text("{no notebook")
    ran = run_pytest(
        pytester, "-v", "notebooks", "--junitxml=report.xml", "--labkit-save=saved", "--labkit-vcd=vcd",
    )  # fmt: skip
    ran.assert_outcomes(passed=2, failed=2)
    ran.stdout.fnmatch_lines(["*good.ipynb::notebook::cell 2 passed*", "*this is no notebook that can be read*"])
    ran.stdout.re_match_lines([r".*good.ipynb, cell 2:", r".*AttributeError: 'LED' object has no attribute 'onn'"])
    ran.stdout.fnmatch_lines(["labkit: 60.0 s of lab time, in * s*"])
    assert (pytester.path / "saved/notebooks/other/good.ipynb").exists()
    assert (pytester.path / "saved/notebooks/good.ipynb").exists()
    assert "$var" in (pytester.path / "vcd/notebooks/good.vcd").read_text()
    report = (pytester.path / "report.xml").read_text()
    assert 'failures="2"' in report
    assert "cell 2" in report
    source = nbformat.read(pytester.path / "notebooks/good.ipynb", 4)
    assert source.cells[0].execution_count is None, "the notebook itself is left as it was"


def test_without_the_option_notebooks_are_nothing_to_pytest(pytester, write, folder):
    write(pytester.path / "nb", BLINK)
    pytester.makeini("[pytest]")
    assert pytester.runpytest_subprocess(".").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_side_by_side_on_two_workers(pytester, write, folder):
    for name in ("a", "b", "c"):
        write(pytester.path / name, BLINK, "red.on()" if name != "c" else "red.onn()")
    run_pytest(pytester, "-n", "2").assert_outcomes(passed=2, failed=1)
