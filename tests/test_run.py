"""`labkit run`: programs as they are, and every way they can end."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labkit.errors import BadTraceFile, NoProgram, ScenarioError
from labkit.run import Options, Run

BLINK = "from gpiozero import LED\nfrom signal import pause\nred = LED(17)\nred.blink(on_time=1, off_time=3)\npause()\n"


@pytest.fixture
def program(tmp_path):
    """Write a program; a path to it."""

    def write(source: str, name: str = "program.py") -> str:
        path = tmp_path / name
        path.write_text(source, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def run(program):
    """Run a program in this process: its status, and the run."""

    def run(source: str, *arguments: str, **options: object) -> tuple[int, Run]:
        made = Run(program(source), arguments, Options(**{"seconds": 60.0, **options}))  # type: ignore[arg-type]
        return made.run(), made

    return run


def changes(trace: Path, pin: str) -> list[tuple[float, float]]:
    """One pin's changes in a CSV trace: (seconds, level)."""
    rows = [line.split(",") for line in trace.read_text().splitlines()[1:]]
    return [(int(timestamp_ns) / 1e9, float(level)) for timestamp_ns, name, level in rows if name == pin]


def test_a_program_without_an_end_is_ended_well_at_its_time_and_is_exact(run, tmp_path):
    trace = tmp_path / "blink.csv"
    status, made = run(BLINK, seconds=10, trace=trace)
    assert status == 0
    assert changes(trace, "GPIO17") == [(0, 1), (1, 0), (4, 1), (5, 0), (8, 1), (9, 0)]
    assert made.clock.now_ns() >= 10_000_000_000


def test_ten_minutes_take_far_less(run):
    status, made = run(BLINK, seconds=600)
    assert status == 0
    assert "600 s of lab time in " in made.summary()
    assert float(made.summary().split(" in ")[1].split(" s")[0]) < 10


def test_a_program_sees_itself_as_the_main_one(run, capsys, tmp_path):
    (tmp_path / "beside.py").write_text("word = 'next to it'")
    source = (
        "import sys, beside, __main__\n"
        "if __name__ == '__main__':\n"
        "    print(sys.argv[1:], __file__ == sys.argv[0], beside.word, __main__.__dict__ is globals())\n"
    )
    status, _ = run(source, "-v", "two words")
    assert status == 0
    assert capsys.readouterr().out == "['-v', 'two words'] True next to it True\n"


def test_everything_is_as_before_afterwards(run):
    from gpiozero import Device

    before = sys.argv, list(sys.path), sys.modules["__main__"], Device.pin_factory
    run("import sys\nsys.argv.append('x')\nsys.path.append('y')\n1/0\n")
    assert (sys.argv, sys.path, sys.modules["__main__"], Device.pin_factory) == before


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("", 0),
        ("raise SystemExit", 0),
        ("raise SystemExit(7)", 7),
        ("import sys; sys.exit(256 + 3)", 3),
        ("import sys; sys.exit('no')", 1),
        ("1/0", 1),
        ("import threading\nthreading.Event().wait()", 100),
        ("raise KeyboardInterrupt", 130),
    ],
)
def test_the_status_is_the_programs_own_or_says_how_it_ended(run, source, status):
    assert run(source)[0] == status


def test_an_uncaught_error_shows_the_programs_lines_and_none_of_ours(run, capsys):
    run("def half(x):\n    return x / 0\n\nhalf(1)\n")
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):\n  File ")
    assert "line 4, in <module>" in shown
    assert "line 2, in half" in shown
    assert shown.endswith("ZeroDivisionError: division by zero\n")
    assert "labkit" not in shown.replace("labkit run", "")


def test_a_hook_of_the_programs_own_is_given_the_error(run, capsys):
    before = sys.excepthook
    try:
        run("import sys\nsys.excepthook = lambda kind, error, trace: print('mine:', error)\n1/0\n")
    finally:
        sys.excepthook = before
    assert capsys.readouterr() == ("mine: division by zero\n", "")


def test_a_deadlock_names_the_programs_line(run, capsys):
    status, _ = run("from gpiozero import Button\ngo = Button(2)\ngo.wait_for_press()\n", seconds=None)
    assert status == 100
    said = capsys.readouterr().err
    assert "Deadlock: every thread waits" in said
    assert "program.py:3: go.wait_for_press()" in said


def test_finally_and_atexit_run_in_lab_time_when_the_time_is_up(run, capsys):
    source = (
        "import atexit, time\n"
        "atexit.register(lambda: print('exit', round(time.monotonic() - start, 6)))\n"
        "start = time.monotonic()\n"
        "try:\n    while True: time.sleep(1)\n"
        "finally:\n    time.sleep(2); print('finally', round(time.monotonic() - start, 6))\n"
    )
    assert run(source, seconds=10)[0] == 0
    assert capsys.readouterr().out == "finally 12.0\nexit 12.0\n"


def test_exit_handlers_run_newest_first_and_one_that_fails_stops_no_other(run, capsys):
    source = (
        "import atexit\natexit.register(print, 'first')\natexit.register(lambda: 1/0)\n"
        "gone = atexit.register(lambda: print('never'))\natexit.unregister(gone)\natexit.register(print, 'last')\n"
    )
    run(source)
    caught = capsys.readouterr()
    assert caught.out == "last\nfirst\n"
    assert "ZeroDivisionError" in caught.err


def test_threads_that_are_no_daemons_are_waited_for_also_after_an_error(run, capsys):
    source = (
        "import threading, time\n"
        "def late():\n    time.sleep(5)\n    print('done at', round(time.monotonic() - start, 6))\n"
        "start = time.monotonic()\nthreading.Thread(target=late).start()\n1/0\n"
    )
    assert run(source)[0] == 1
    assert capsys.readouterr().out == "done at 5.0\n"


def test_an_unmodified_script_with_a_blinking_led_ends_by_itself(run):
    status, made = run("from gpiozero import LED\nfrom time import sleep\nred = LED(17)\nred.blink()\nsleep(2.5)\n")
    assert status == 0
    assert "2.5 s of lab time" in made.summary()


def test_a_loop_that_looks_at_nothing_is_ended_by_wall_time(run, capsys):
    status, _ = run("while True:\n    pass\n", seconds=None, wall_seconds=0.5)
    assert status == 103
    assert "ended after 0.5 s of real time" in capsys.readouterr().err


def test_random_numbers_repeat_with_the_seed(run, capsys):
    source = "import random\nprint(random.random())\n"
    printed = []
    for seed in (1, 1, 2):
        run(source, seed=seed)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]


def test_the_same_seed_gives_the_same_trace_byte_for_byte(run, tmp_path, program):
    source = (
        "from gpiozero import Button, DistanceSensor, LED\nfrom signal import pause\n"
        "red, go, far = LED(17), Button(2), DistanceSensor(24, 23)\nred.blink(0.3, 0.2)\npause()\n"
    )
    plan = program(
        "parts:\n  go: {kind: PushButton, pin: 2, bounces: 5}\nevents:\n- {at: 1, every: 1, press: go}", "s.yaml"
    )
    traces = []
    for index, seed in enumerate((3, 3, 4)):
        trace = tmp_path / f"{index}.vcd"
        run(source, seed=seed, trace=trace, scenario=Path(plan), seconds=5)
        traces.append(trace.read_bytes())
    assert traces[0] == traces[1] != traces[2]


def test_a_failed_expectation_is_a_status_of_its_own(run, program):
    plan = program("events:\n- {at: 2 s, expect: 17, high: true}", "s.yaml")
    status, made = run(BLINK, scenario=Path(plan))
    assert status == 101
    assert "s.yaml, line 2: expected GPIO17 high at 2 s; it was low" in made.summary()


def test_a_met_expectation_is_none_and_devices_go_by_their_variables(run, program):
    plan = program(
        "events:\n- {at: 4 s, expect: red, high: true}\n- {expect: red, rising: 3, within: [0, 10]}", "s.yaml"
    )
    status, made = run(BLINK, scenario=Path(plan))
    assert (status, made.failures) == (0, [])


def test_the_programs_own_failure_comes_before_a_failed_expectation(run, program):
    plan = program("events:\n- {at: 1 s, expect: 17, high: true}", "s.yaml")
    assert run("import time, sys\ntime.sleep(2)\nsys.exit(5)", scenario=Path(plan))[0] == 5


def test_a_scenario_presses_a_button_that_the_program_made(run, program, capsys):
    plan = program("events:\n- {at: 1.5 s, press: 2}\n- {at: 3 s, press: go}", "s.yaml")
    source = (
        "from gpiozero import Button\nimport time\ngo, start = Button(2), time.monotonic()\n"
        "for _ in range(2):\n"
        "    go.wait_for_press(); print(round(time.monotonic() - start, 6)); go.wait_for_release()\n"
    )
    assert run(source, scenario=Path(plan))[0] == 0
    assert capsys.readouterr().out == "1.5\n3.0\n"


def test_an_event_without_its_part_ends_the_run_with_the_scenarios_line(run, program, capsys):
    plan = program("events:\n- {at: 1 s, press: 3}", "s.yaml")
    status, made = run(BLINK, scenario=Path(plan))
    assert status == 2
    said = capsys.readouterr().err
    assert "s.yaml, line 2: there is no part on GPIO3 at 1 s; there are host, led17 on GPIO17\n" in said
    assert "Traceback" not in said
    assert "1 s of lab time" in made.summary()


SHORTED = "events:\n- {at: 1 s, short: 17}"
TWO_OUTPUTS = "from gpiozero import LED\nimport time\nred = LED(17)\nred.on()\ntime.sleep(5)\n"


@pytest.mark.filterwarnings("ignore::labkit.errors.ShortCircuit")
def test_a_short_circuit_is_a_warning_and_in_the_summary(run, program):
    status, made = run(TWO_OUTPUTS, scenario=Path(program(SHORTED, "s.yaml")))
    assert status == 0
    assert "Electrical warnings:\n  ShortCircuit at 1.000000 s: GPIO17: GPIO17 drives high" in made.summary()


def test_in_strict_mode_a_short_circuit_ends_the_program(run, program, capsys):
    status, made = run(TWO_OUTPUTS, scenario=Path(program(SHORTED, "s.yaml")), strict=True)
    assert status == 102
    assert "ShortCircuit: GPIO17: GPIO17 drives high against" in capsys.readouterr().err
    assert ": 1 s of lab time" in made.summary()


def test_in_strict_mode_a_thread_that_shorts_ends_the_program_too(run, program, capsys):
    source = (
        "from gpiozero import LED\nimport threading, time\nred = LED(17)\n"
        "threading.Timer(2, red.on).start()\ntime.sleep(30)\n"
    )
    status, _ = run(source, scenario=Path(program("events:\n- {at: 0, short: 17}", "s.yaml")), strict=True)
    assert status == 102
    assert "ShortCircuit" in capsys.readouterr().err


def test_in_strict_mode_the_program_can_not_swallow_a_fault(run, program):
    source = (
        "from gpiozero import LED\nimport time\nred = LED(17)\ntime.sleep(1)\n"
        "try:\n    red.on()\nexcept Exception:\n    pass\n"
    )
    status, _ = run(source, scenario=Path(program("events:\n- {at: 0, short: 17}", "s.yaml")), strict=True)
    assert status == 102


def test_the_summary_names_devices_as_the_program_does(run):
    source = (
        "from gpiozero import LED, LEDBoard, Button, RGBLED\nfrom time import sleep\n"
        "def main():\n    local = LED(4)\n    local.on()\n    sleep(1)\n    local.close()\nmain()\n"
        "red, go = LED(17), Button(2)\nrow = [LED(n) for n in (5, 6)]\n"
        "with LED(22) as once:\n    once.on()\n    sleep(1)\n"
        "class Car:\n    def __init__(self):\n        self.lamp = LED(23)\ncar = Car()\n"
        "lights = LEDBoard(12, 13)\nLED(24)\n"
    )
    _, made = run(source)
    lines = made.summary().splitlines()
    titles = [line.split("  ")[0] for line in lines[3:]]
    assert titles == [
        "local (LED)", "red (LED)", "go (Button)", "row[0] (LED)", "row[1] (LED)", "once (LED)", "lamp (LED)",
        "lights (LEDBoard)", "", "LED",
    ]  # fmt: skip


def test_the_summary_counts_edges_time_and_draws_them(run):
    _, made = run(BLINK, seconds=8)
    (line,) = [line for line in made.summary().splitlines() if line.startswith("red")]
    assert line.split()[:8] == ["red", "(LED)", "GPIO17", "5", "2.000", "s", "25.0", "%"]
    assert line.split()[8] == ("████" + "▁" * 12) * 2


def test_a_program_without_devices_has_a_summary_too(run):
    _, made = run("import time\ntime.sleep(2)\n")
    head, rest = made.summary().split("\n\n")
    assert ": 2 s of lab time in " in head
    assert rest == "It made no device.\n"


def test_real_time_runs_at_its_pace(run):
    status, made = run("import time\ntime.sleep(0.3)\n", real_time=True, seconds=5)
    assert status == 0
    wall = float(made.summary().split(" in ")[1].split(" s")[0])
    assert 0.3 <= wall < 3


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("absent.py", None, r"absent\.py: can't read the program: No such file or directory\."),
        ("broken.py", "x = 1\nif x\n", r"broken\.py, line 2: expected ':': this is no valid Python\."),
        ("null.py", "x\0", r"null\.py.*: this is no valid Python"),
    ],
)
def test_what_is_no_program_is_one_sentence(tmp_path, program, name, source, says):
    path = str(tmp_path / name) if source is None else program(source, name)
    with pytest.raises(NoProgram, match=says) as caught:
        Run(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_program(tmp_path):
    with pytest.raises(NoProgram, match="is a folder: name the program in it"):
        Run(str(tmp_path))


def test_nothing_is_written_when_anything_is_wrong(tmp_path, program):
    trace = tmp_path / "old.csv"
    trace.write_text("precious")
    with pytest.raises(ScenarioError):
        Run(program(""), (), Options(scenario=tmp_path / "none.yaml", trace=trace))
    with pytest.raises(NoProgram):
        Run(str(tmp_path), (), Options(trace=trace))
    assert trace.read_text() == "precious"
    for bad in (tmp_path / "x.txt", tmp_path / "no" / "x.vcd", tmp_path / "no" / "x.csv"):
        with pytest.raises(BadTraceFile):
            Run(program(""), (), Options(trace=bad))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.csv", "program.py"]


def test_a_trace_is_complete_also_when_the_program_fails(run, tmp_path):
    trace = tmp_path / "t.csv"
    run("from gpiozero import LED\nred = LED(17)\nred.on()\n1/0\n", trace=trace)
    assert changes(trace, "GPIO17") == [(0, 1)]


def test_ctrl_c_ends_a_program_well(program, tmp_path):
    source = (
        "from gpiozero import LED\nimport time\nred = LED(17)\n"
        "try:\n    print('ready', flush=True)\n    while True: time.sleep(0.01)\nfinally:\n"
        "    print('cleaned up', flush=True)\n"
    )
    trace = tmp_path / "t.vcd"
    command = [sys.executable, "-m", "labkit.cli", "run", program(source), "--trace", str(trace), "--real-time"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.send_signal(2)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, "cleaned up\n"), err
    assert "interrupted at" in err
    assert "$enddefinitions" in trace.read_text()


def test_a_program_with_a_pool_leaves_pools_usable(run):
    assert run("from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(print, 1)\n")[0] == 0
    with ThreadPoolExecutor() as pool:
        assert pool.submit(sum, (1, 2)).result(10) == 3
