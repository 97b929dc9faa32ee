import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

import pytest
from gpiozero import LED, Motor
from gpiozero.pins.mock import MockFactory, MockPWMPin

from labkit.bench import Bench
from labkit.boards import Board
from labkit.claims import PinTaken
from labkit.claimtable import ClaimTable, PinClaim
from labkit.errors import UnsafeFolder
from labkit.safety.registry import Registry
from labkit.safety.runtime import runtime_folder

OTHER = """
import os, sys
from gpiozero import LED, Motor, Device
from gpiozero.pins.mock import MockFactory, MockPWMPin
from labkit.bench import Bench
from labkit.boards import Board
bench = Bench(MockFactory(pin_class=MockPWMPin), Board("any", simulated=sys.argv[1] == "simulated", why=""), views=None)
red = LED(17)
motor = Motor(5, 6)
bench._viewing.refresh()
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "labkit"


class Neighbour:
    """Another process with a bench on the same board, which runs a line at a time."""

    def __init__(self, notebook, pins="real"):
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, pins],
            env={**os.environ, "JPY_SESSION_NAME": f"/home/pi/{notebook}"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n"

    def run(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def ask(self, expression):
        self.process.stdin.write(f"print({expression}, flush=True)\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert self.process.stdout.readline() == "done\n"
        return answer

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)


@pytest.fixture
def neighbour():
    other = Neighbour("robot.ipynb")
    yield other
    if other.process.poll() is None:
        other.kill()


@pytest.fixture
def real_bench():
    opened = Bench(MockFactory(pin_class=MockPWMPin), Board("a real one", simulated=False, why=""), views=None)
    yield opened
    opened.close()


def test_a_pin_that_another_notebook_holds_names_it(real_bench, neighbour):
    neighbour.run("green = LED(2)")
    with pytest.raises(PinTaken) as caught:
        LED(17)
    assert f"GPIO17 is in use by red (LED), made in robot.ipynb (process {neighbour.process.pid})" in str(caught.value)
    assert "use a free pin: 3, 4, 7" in str(caught.value), "not one that it holds, too"
    with LED(18) as fine:
        fine.on()


def elsewhere(bench):
    return [claim for claim in bench.claims() if not claim.is_here]


def test_claims_lists_this_notebooks_pins_and_those_of_others(real_bench, neighbour):
    with LED(18) as mine:
        told = [(claim.pin, claim.device, claim.place, claim.pins) for claim in real_bench.claims()]
        place = f"robot.ipynb (process {neighbour.process.pid})"
        here = next(claim.place for claim in real_bench.claims() if claim.is_here)
        assert here.endswith(" (here)")
        assert told == [
            ("GPIO18", "an LED", here, "real pins"),
            ("GPIO5", "motor (Motor)", place, "real pins"),
            ("GPIO6", "motor (Motor)", place, "real pins"),
            ("GPIO17", "red (LED)", place, "real pins"),
        ]
        assert [holder.device() for holder in real_bench.holders()] == [mine]


def test_simulated_claims_of_others_are_listed_as_on_their_own_board(bench):
    neighbour = Neighbour("lesson.ipynb", "simulated")
    try:
        with LED(17) as red:
            red.on()
            mine, *others = bench.claims()
            assert (mine.pin, mine.is_here) == ("GPIO17", True)
            assert [(claim.pin, claim.notebook) for claim in others] == [
                (pin, "lesson.ipynb") for pin in ("GPIO5", "GPIO6", "GPIO17")
            ]
            assert {claim.pins for claim in (mine, *others)} == {"its own simulated board"}
            assert str(others[2]) == f"red (LED), made in lesson.ipynb (process {neighbour.process.pid})"
        neighbour.kill()
        assert bench.claims() == ()
    finally:
        neighbour.kill()


def test_simulated_pins_of_others_take_none_of_a_real_board(real_bench):
    neighbour = Neighbour("lesson.ipynb", "simulated")
    try:
        assert [claim.pins for claim in elsewhere(real_bench)] == ["its own simulated board"] * 3
        LED(17).close()
    finally:
        neighbour.kill()


def test_claims_show_as_a_table(bench):
    assert repr(bench.claims()) == "No pin is in use."
    assert "No pin is in use." in bench.claims()._repr_html_()
    odd = PinClaim("GPIO4", "<b>", "LED", "cell [3]", "a&b.ipynb", 7, "pi.local:8888")
    kept = PinClaim("GPIO22", "", "", "", "robot.ipynb", 8, "this machine")
    table = ClaimTable([kept, odd], "Not all.")
    assert repr(table).splitlines() == [
        "pin     device         made in   notebook or program      board",
        "GPIO4   <b> (LED)      cell [3]  a&b.ipynb (process 7)    real pins of pi.local:8888",
        "GPIO22  none any more            robot.ipynb (process 8)  real pins",
        "Not all.",
    ]
    shown = table._repr_html_()
    assert "&lt;b&gt; (LED)" in shown
    assert "a&amp;b.ipynb (process 7)" in shown
    assert shown.count("<tr") == 3


def test_where_no_folder_can_be_had_simulated_pins_go_without(runtime):
    runtime.mkdir(mode=0o700)
    runtime.chmod(0o777)
    opened = Bench(MockFactory(), Board("any", simulated=True, why=""), views=None)
    try:
        with LED(17):
            assert [claim.pin for claim in opened.claims()] == ["GPIO17"]
            assert re.search(r"Other notebooks are not listed: .*rm -r", repr(opened.claims()))
    finally:
        opened.close()
    with pytest.raises(UnsafeFolder):
        Bench(MockFactory(), Board("any", simulated=False, why=""), views=None)


def test_holders_killed_at_once_leave_nothing_behind(real_bench, runtime):
    neighbours = [Neighbour(f"{n}.ipynb", "simulated") for n in range(3)]
    for each in neighbours:
        each.process.send_signal(signal.SIGKILL)
    for each in neighbours:
        each.process.communicate(timeout=30)
    assert len(list(runtime.glob("claims-*"))) == 4
    assert elsewhere(real_bench) == []
    assert len(list(runtime.glob("claims-*"))) == 1


def test_a_crashed_holder_frees_its_pins(real_bench, neighbour, runtime):
    neighbour.kill()
    assert elsewhere(real_bench) == []
    with LED(17), Motor(5, 6):
        pass
    assert [path.name for path in runtime.glob("claims-*")] == [f"claims-{os.getpid()}.json"]


def test_a_closed_bench_frees_its_pins(real_bench, neighbour):
    neighbour.run("bench.close()")
    assert elsewhere(real_bench) == []
    LED(17).close()


def test_a_line_kept_without_a_device_is_still_taken(real_bench, neighbour):
    neighbour.run("red.close()")
    with pytest.raises(PinTaken, match=r"robot\.ipynb \(process \d+\), which has no device on it any more"):
        LED(17)


def test_simulated_boards_are_private_to_a_process(bench, neighbour):
    with LED(17) as red:
        red.on()


def test_a_lock_inherited_by_a_child_does_not_outlive_its_holder(real_bench, runtime):
    neighbour = Neighbour("forked.ipynb")
    neighbour.run("child = os.fork() or __import__('signal').pause()")
    child = int(neighbour.ask("child"))
    try:
        neighbour.process.send_signal(signal.SIGKILL)
        neighbour.process.wait(30)
        (entry,) = [path for path in runtime.glob("claims-*") if str(os.getpid()) not in path.name]
        with entry.open() as held, pytest.raises(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert elsewhere(real_bench) == []
    finally:
        os.kill(child, signal.SIGKILL)
        neighbour.process.communicate(timeout=30)


def test_a_number_given_out_again_does_not_bring_a_dead_holder_back(real_bench, runtime):
    entry = {"board": "this machine", "pid": os.getppid(), "started": 1, "notebook": "x", "pins": {"GPIO17": ["", ""]}}
    path = runtime / "claims-1.json"
    path.write_text(json.dumps(entry))
    path.chmod(0o600)
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert elsewhere(real_bench) == []
    assert not path.exists()


def test_files_are_closed_to_others(real_bench, runtime):
    with LED(17):
        assert runtime.stat().st_mode & 0o777 == 0o700
        (path,) = runtime.iterdir()
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_open_to_others_is_refused(tmp_path, runtime):
    runtime.mkdir(mode=0o700)
    runtime.chmod(0o777)
    with pytest.raises(UnsafeFolder, match=r"closed to others.*rm -r"):
        runtime_folder()
    runtime.rmdir()
    (tmp_path / "mine").mkdir(mode=0o700)
    runtime.symlink_to(tmp_path / "mine")
    with pytest.raises(UnsafeFolder):
        runtime_folder()


def test_where_the_session_has_no_folder_there_is_one_among_the_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert runtime_folder() == tmp_path / f"labkit-{os.getuid()}"


def test_a_link_in_the_place_of_a_file_is_not_followed(runtime, tmp_path):
    registry = Registry("any")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (runtime / f"claims-{os.getpid()}.new").symlink_to(victim)
    with pytest.raises(OSError, match=r"symbolic link|Too many levels"):
        registry.tell([])
    assert victim.read_text() == "precious"


def test_a_busy_line_of_lgpio_is_a_taken_pin(real_bench):
    busy = type("error", (Exception,), {"__module__": "lgpio"})

    class Busy(real_bench.factory.pin_class):
        def __init__(self, *_):
            raise busy("GPIO busy")

    real_bench.factory.pin_class = Busy
    with pytest.raises(PinTaken, match=r"GPIO4 is in use by another program.*gpioinfo") as kept:
        LED(4)
    assert kept.tb is not None  # and with it the device that was not to be
    assert elsewhere(real_bench) == []
    assert real_bench.holders() == []
