"""Idle kernels that may not be ended. The processes are real; where a device is needed, /proc is played."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from labkit_setup.server.culling import work_of

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
