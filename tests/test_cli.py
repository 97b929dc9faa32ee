"""The command line: what it takes, what it refuses, and that it refuses in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from labkit.cli import main

ROOT = Path(__file__).parent.parent
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(
        "import sys, time\nfrom gpiozero import LED\nred = LED(17)\nred.on()\nprint(sys.argv[1:])\n"
        "time.sleep(30)\nred.off()\n"
    )
    return str(path)


def test_words_behind_the_program_are_the_programs(program, capsys):
    assert main(["run", program, "one", "two"]) == 0
    assert capsys.readouterr().out == "['one', 'two']\n"


def test_labkits_options_stand_anywhere_and_the_programs_behind_two_dashes(program, capsys):
    assert main(["run", "--seed", "3", program, "one", "--for", "10 s", "--", "--for", "--", "-x"]) == 0
    assert capsys.readouterr().out == "['one', '--for', '--', '-x']\n"


def test_the_summary_goes_to_stderr_and_only_when_asked_for(program, capsys):
    main(["run", program, "--for", "1m", "--summary"])
    caught = capsys.readouterr()
    assert caught.out == "[]\n"
    assert "red (LED)  GPIO17      2  30.000 s  100.0 %" in caught.err
    main(["run", program, "--for", "1m"])
    assert capsys.readouterr().err == ""


def test_failed_expectations_are_told_without_a_summary_too(program, capsys, tmp_path):
    plan = tmp_path / "s.yaml"
    plan.write_text("events:\n- {at: 2 s, expect: 17, high: false}")
    assert main(["run", program, "--scenario", str(plan)]) == 101
    assert capsys.readouterr().err == f"labkit run: {plan}, line 2: expected GPIO17 low at 2 s; it was high\n"


@pytest.mark.parametrize("suffix", ["vcd", "csv", "jsonl"])
def test_a_trace_is_written_in_the_format_that_its_name_asks_for(program, tmp_path, suffix):
    trace = tmp_path / f"out.{suffix}"
    assert main(["run", program, "--trace", str(trace)]) == 0
    start = {"vcd": "$comment", "csv": "timestamp_ns,pin,level\n0,GPIO17,1\n", "jsonl": '{"timestamp_ns": 0, "pin"'}
    assert trace.read_text().startswith(start[suffix])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "labkit: the following arguments are required: COMMAND. See labkit --help."),
        (["walk"], "labkit: argument COMMAND: invalid choice: 'walk'"),
        (["run"], "labkit run: the following arguments are required: PROGRAM.py"),
        (["run", "{program}", "--for", "soon"], "labkit run: argument --for: 'soon' is no time: write "),
        (["run", "{program}", "--for", "-1"], "labkit run: argument --for: "),
        (["run", "{program}", "--fro", "1m"], "labkit: unrecognized arguments: --fro"),
        (["run", "{program}", "--seed", "x"], "labkit run: argument --seed: invalid int value: 'x'"),
        (["run", "no.py"], "labkit run: no.py: can't read the program: No such file or directory."),
        (["run", "/"], "labkit run: / is a folder"),
        (
            ["run", "{program}", "--trace", "out.txt"],
            "labkit run: out.txt: a trace is written to a file ending in .vcd",
        ),
        (["run", "{program}", "--trace", "/no/out.vcd"], "labkit run: /no/out.vcd: can't write there: No such file"),
        (["run", "{program}", "--scenario", "no.yaml"], "labkit run: no.yaml: can't read the scenario: No such file"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(program, capsys, words, says):
    try:
        status = main([word.format(program=program) for word in words])
    except SystemExit as exit:
        status = exit.code
    caught = capsys.readouterr()
    assert status == 2
    assert caught.out == ""
    assert caught.err.startswith(says)
    assert caught.err.count("\n") == 1


def test_help_tells_every_status(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["run", "--help"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert all(f"  {status} " in said for status in (2, 100, 101, 102, 103, 130))


def installed(folder: Path) -> dict[str, str]:
    """An environment in which labkit's entry points are registered, as installing it does."""
    info = folder / "gpio_labkit-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gpio-labkit\nVersion: 0.1.0\n")
    lines = [
        line
        for group, entries in ENTRY_POINTS.items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    path = os.pathsep.join([str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "GPIOZERO_PIN_FACTORY": "labkit"}


def test_any_program_runs_on_simulated_parts_without_the_command(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from gpiozero import *\nfrom time import sleep\n"
        "far, pot, dim = DistanceSensor(24, 23), MCP3008(0), PWMLED(18)\ndim.value = 0.5\nsleep(0.3)\n"
        "print(0 < far.distance < 1, pot.value, dim.value, type(far.pin_factory).__name__)\n"
    )
    command = [sys.executable, "-W", "ignore", str(program)]
    ran = subprocess.run(command, env=installed(tmp_path), capture_output=True, text=True, timeout=30)
    assert ran.stdout == "True 0.5007327796775769 0.5 BenchFactory\n", ran.stderr


def test_the_command_itself_ends_with_the_programs_status(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys; sys.exit(9)")
    ran = subprocess.run([sys.executable, "-m", "labkit.cli", "run", str(program)], capture_output=True, timeout=30)
    assert (ran.returncode, ran.stdout, ran.stderr) == (9, b"", b"")
