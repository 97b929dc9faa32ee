"""A lab of one's own: a copy of the set-up with a lesson, a home, and a client that trusts it."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest
from labkit_setup import password
from labkit_setup.host import Host
from served import PATIENCE, Client

REPOSITORY = Path(__file__).resolve().parents[2]
LESSON = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@dataclass
class Lab:
    """A running `lab` command."""

    process: subprocess.Popen[str]
    home: Path
    output: str = ""

    @property
    def state(self) -> Path:
        return self.home / ".local" / "share" / "labkit"

    @property
    def password(self) -> str:
        return self._said(r"Password:\s+(\S+)   \(shown this once")

    @property
    def address(self) -> str:
        return self._said(r"Address:\s+(\S+)")

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    def client(self) -> Client:
        return Client(self.port, self.state / "pki" / "ca.pem")

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if line.startswith("Ctrl-C stops"):
                return
        raise AssertionError(f"The lab ended before it was ready: {self.output}")

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.output += rest
        return self.process.returncode

    def _said(self, pattern: str) -> str:
        match = re.search(pattern, self.output)
        assert match is not None, self.output
        return match[1]


@dataclass
class Desk:
    """A copy of the set-up beside a folder of lessons, and a home: nothing of this user's is touched."""

    clone: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        keep = ("PATH", "LANG")
        return {
            **{name: os.environ[name] for name in keep if name in os.environ},
            "HOME": str(self.home),
            "PYTHONPATH": str(self.clone / "setup"),
            **more,
        }

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "labkit_setup.cli", "lab", *options]

    def start(self, *options: str, **environment: str) -> Lab:
        process = subprocess.Popen(
            self.command("--port", "0", *options),
            env=self.environment(**environment),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # A server that hangs before it is ready would block the reader for ever.
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        lab = Lab(process, self.home)
        try:
            lab.wait_until_ready()
        finally:
            watchdog.cancel()
            watchdog.join()
        return lab

    def refused(self, *options: str, **environment: str) -> tuple[int, str]:
        """The exit status and the sentence of a `lab` that does not start."""
        done = subprocess.run(
            self.command(*options),
            env=self.environment(**environment),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.stderr.count("\n") == 1, done.stderr
        return done.returncode, done.stderr.strip()


@contextlib.contextmanager
def a_desk() -> Iterator[Desk]:
    # Below /tmp itself, since a kernel's socket needs a short path.
    with tempfile.TemporaryDirectory(prefix="lab-") as name:
        folder = Path(name)
        shutil.copytree(REPOSITORY / "setup", folder / "clone" / "setup", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPOSITORY / "pyproject.toml", folder / "clone")
        (folder / "clone" / "notebooks").mkdir()
        (folder / "clone" / "notebooks" / "01_blink.ipynb").write_text(json.dumps(LESSON))
        (folder / "home").mkdir()
        yield Desk(folder / "clone", folder / "home")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk of the test's own."""
    with a_desk() as made:
        yield made


@pytest.fixture(scope="module")
def shared_desk() -> Iterator[Desk]:
    """One desk for the tests of a file, which leave it as they find it."""
    with a_desk() as made:
        yield made


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path that leaves room for the name of a socket."""
    with tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as name:
        yield Path(name)


@pytest.fixture
def clone(tmp_path) -> Path:
    """As much of a clone as there is to install on a machine that is played."""
    for folder in ("labkit", "setup/labkit_setup"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("pyproject.toml", "setup/requirements.lock", "setup/lgpio.lock"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.fixture
def host() -> Host:
    return Host()


class ScriptedHost(Host):
    """A host on which `python -m venv` and pip are played: files are real, programs are not.

    `pip_lines` and `pip_status` are what pip says and how it ends; `commands` is what was run.
    """

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.pip_lines: Sequence[str] = (
            "Collecting gpiozero>=2.0.1",
            "Installing collected packages: gpiozero",
        )
        self.pip_status = 0
        self.has_lgpio = False
        self.interrupt = False

    def succeeds(self, command: Sequence[str | Path]) -> bool:
        return self.has_lgpio

    def stream(self, command, environment, folder, log, on_line, on_tick, inherit=()):
        words = [str(word) for word in command]
        self.commands.append(words)
        if words[1:3] == ["-m", "venv"]:
            python = Path(words[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text("#!/bin/sh\n")
            return 0
        if self.interrupt:
            raise KeyboardInterrupt
        record: IO[str]
        with log.open("a") as record:
            for line in self.pip_lines:
                record.write(line + "\n")
                on_line(line)
        on_tick()
        return self.pip_status


@pytest.fixture
def scripted_host() -> ScriptedHost:
    return ScriptedHost()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return password.hash_of("correct horse battery")


@pytest.fixture
def quick_password(monkeypatch: pytest.MonkeyPatch, password_hash: str) -> None:
    """The user pi, whose password is hashed once for all tests: they are about what is done with it."""
    monkeypatch.setattr(password, "hash_of", lambda typed: password_hash)
    monkeypatch.setattr(password, "matches", lambda stored, typed: stored == password_hash)
    monkeypatch.setenv("SUDO_USER", "pi")
