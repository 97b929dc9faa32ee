"""Idle kernels that may not be ended. The processes are real; where a device is needed, /proc is played."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server._tz import utcnow
from labkit_setup.server import culling
from labkit_setup.server.culling import Kernels, work_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what a process has open")


@contextmanager
def process(code: str) -> Iterator[int]:
    """A Python that has run this code and waits."""
    running = subprocess.Popen(
        [sys.executable, "-Sc", f"{code}\nprint('ready', flush=True)\ninput()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == b"ready\n"
    yield running.pid
    running.communicate(b"\n")


def test_a_kernel_without_anything_open_has_no_work() -> None:
    with process("import socket; s = socket.socket()") as pid:
        assert work_of(pid) is None


def test_a_recording_is_work(tmp_path: Path) -> None:
    with process(f"log = open({str(tmp_path / 'run.log')!r}, 'ab')") as pid:
        assert work_of(pid) == str(tmp_path / "run.log")


def test_a_file_that_is_only_read_is_no_work(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1\n")
    with process(f"data = open({str(tmp_path / 'data.csv')!r})") as pid:
        assert work_of(pid) is None


def test_ipythons_own_history_is_no_work(tmp_path: Path) -> None:
    with process(f"h = open({str(tmp_path / 'history.sqlite')!r}, 'wb')") as pid:
        assert work_of(pid) is None


@pytest.mark.parametrize("device", ["/dev/gpiochip0", "/dev/spidev0.0", "/dev/i2c-1", "/dev/gpiomem", "/dev/ttyUSB0"])
def test_an_open_device_is_work(tmp_path: Path, device: str) -> None:
    (tmp_path / "7" / "fd").mkdir(parents=True)
    os.symlink("pipe:[1]", tmp_path / "7" / "fd" / "1")
    os.symlink(device, tmp_path / "7" / "fd" / "4")
    assert work_of(7, tmp_path) == device


@pytest.mark.parametrize("harmless", ["/dev/null", "/dev/pts/0", "socket:[9]", "anon_inode:[eventpoll]", "/dev/tty"])
def test_what_every_process_has_open_is_no_work(tmp_path: Path, harmless: str) -> None:
    (tmp_path / "7" / "fd").mkdir(parents=True)
    os.symlink(harmless, tmp_path / "7" / "fd" / "4")
    assert work_of(7, tmp_path) is None


def test_a_process_that_is_gone_has_no_work(tmp_path: Path) -> None:
    assert work_of(7, tmp_path) is None


def test_where_the_system_does_not_tell_nothing_is_ended(tmp_path: Path) -> None:
    assert work_of(7, tmp_path / "no-proc") is not None


def test_what_a_cell_left_to_another_program_is_work(tmp_path: Path) -> None:
    recorder = f"log = open({str(tmp_path / 'run.log')!r}, 'ab'); print('ready', flush=True); input()"
    inner = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-Sc', {recorder!r}], stdin=0, stdout=-1)"
    with process(f"{inner}\np.stdout.readline()") as pid:
        assert work_of(pid) == str(tmp_path / "run.log")


def test_a_process_whose_name_looks_like_numbers_has_its_own_children_only(tmp_path: Path) -> None:
    for number, parent in ((7, 1), (8, 7), (9, 8), (10, 1)):
        (tmp_path / str(number) / "fd").mkdir(parents=True)
        (tmp_path / str(number) / "stat").write_text(f"{number} (x) R 7 (y)) S {parent} {number} 0")
    os.symlink("/dev/gpiochip0", tmp_path / "9" / "fd" / "4")
    os.symlink("/dev/spidev0.0", tmp_path / "10" / "fd" / "4")
    assert work_of(7, tmp_path) == "/dev/gpiochip0"
    assert work_of(10, tmp_path) == "/dev/spidev0.0"
    (tmp_path / "9" / "fd" / "4").unlink()
    assert work_of(7, tmp_path) is None


@pytest.fixture
def culled(monkeypatch) -> Iterator[tuple[Kernels, list[str]]]:
    """A manager with one kernel that has been idle for long, and the kernels that were ended."""
    manager, ended = Kernels(cull_idle_timeout=5), []
    idle = SimpleNamespace(
        execution_state="idle",
        last_activity=utcnow() - timedelta(hours=1),
        kernel_spec=SimpleNamespace(metadata={}),
        kernel_name="python3",
        provisioner=SimpleNamespace(pid=os.getpid()),
    )
    manager._kernels["k"] = idle

    async def shutdown_kernel(kernel_id: str) -> None:
        ended.append(kernel_id)

    monkeypatch.setattr(manager, "shutdown_kernel", shutdown_kernel)
    yield manager, ended
    manager._kernels.clear()
    manager.context.term()


@pytest.mark.parametrize(
    ("work", "is_ended"), [("/dev/gpiochip0", False), ("/home/pi/run.labrun", False), (None, True)]
)
def test_an_idle_kernel_is_ended_unless_it_is_at_work(culled, monkeypatch, work, is_ended) -> None:
    manager, ended = culled
    asked = []
    monkeypatch.setattr(culling, "work_of", lambda pid: asked.append(pid) or work)
    asyncio.run(manager.cull_kernel_if_idle("k"))
    assert asked == [os.getpid()]
    assert ended == (["k"] if is_ended else [])


@pytest.mark.parametrize("state", ["busy", "idle with a page"])
def test_a_kernel_that_is_busy_or_looked_at_is_not_ended(culled, monkeypatch, state) -> None:
    manager, ended = culled
    monkeypatch.setattr(culling, "work_of", lambda pid: None)
    manager._kernel_connections["k"] = int(state == "idle with a page")
    manager._kernels["k"].execution_state = state.split()[0]
    asyncio.run(manager.cull_kernel_if_idle("k"))
    assert ended == []
