"""The whole command as processes of their own, on a machine below a folder: two at once, and a disk that is full."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from labkit_setup.host.killing import tree
from labkit_setup.host.raspberry import lay_out
from served import PATIENCE

pytestmark = pytest.mark.process
REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery\n"
# What lasts no longer than until the next start, and what a person keeps.
PASSING = ("run", "home/pi/notebooks")


def lasting(root: Path) -> dict[str, tuple[object, ...]]:
    return {name: what for name, what in tree(root).items() if not name.startswith(PASSING)}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """As much of a clone as there is to install, with the set-up that runs."""
    root = tmp_path_factory.mktemp("clone")
    shutil.copytree(REPOSITORY / "setup", root / "setup", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("labkit", "notebooks"):
        (root / name).mkdir()
    for name in ("labkit/__init__.py", "pyproject.toml"):
        (root / name).write_text("")
    return root


def command(clone: Path, root: Path, *words: str) -> list[str]:
    return [sys.executable, "-B", str(clone / "setup"), "pi", *words, "--root", str(root)]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    return {**kept, "SUDO_USER": "pi", "HOME": "/nonexistent"}


def ran(clone: Path, root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(clone, root, *words), env=environment(), input=PASSWORD, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip


APPLY = ("apply", "--password-stdin", "--yes", "--json")


def test_two_at_once_are_one_that_waits_for_nobody_and_one_that_is_told(clone, tmp_path) -> None:
    lay_out(tmp_path)
    before = lasting(tmp_path)
    ours, theirs = pty.openpty()
    # On a terminal it asks before it changes anything, and keeps others out from then on.
    first = subprocess.Popen(
        command(clone, tmp_path, "apply", "--generate"), env=environment(), stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert first.stderr is not None
        asked = ""
        while not asked.endswith("Go on? [Y/n] "):
            asked += (char := first.stderr.read(1))
            assert char, asked
        second = ran(clone, tmp_path, *APPLY)
        assert second.returncode == 78
        assert second.stderr == (
            "Another labkit-setup is at work on this machine; wait until it is done and start again.\n"
        )
        assert lasting(tmp_path).keys() - before.keys() == {"var/lib/labkit-setup"}
        os.write(ours, b"y\n")
        out, errors = first.communicate(timeout=PATIENCE)
    finally:
        first.kill()
        first.wait()
        os.close(ours)
        os.close(theirs)
    assert first.returncode == 0, errors
    assert "Your lab is ready." in out
    # Whoever was told to wait finds nothing left to do, but for the password that it brings.
    third = ran(clone, tmp_path, *APPLY)
    assert json.loads(third.stdout)["changed"] == ["password"]


@contextlib.contextmanager
def small_disk(at: Path) -> Iterator[Callable[[int | None], None]]:
    """A file system of its own, and what sets how many more files there is space for: so many, or any number."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g", "tmpfs", at], capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")

    def leave(files: int | None) -> None:
        state = os.statvfs(at)
        number = 100_000 if files is None else state.f_files - state.f_ffree + files
        subprocess.run(["mount", "-o", f"remount,size=2g,nr_inodes={number}", at], check=True)

    try:
        yield leave
    finally:
        subprocess.run(["umount", "-l", at], check=True)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_disk_that_is_full_in_the_middle_stops_every_step_whole_and_the_next_run_finishes(clone, tmp_path) -> None:
    with small_disk(tmp_path) as leave:
        lay_out(tmp_path)
        before, sentences, files = lasting(tmp_path), set(), 0
        while True:
            leave(files)
            stopped = ran(clone, tmp_path, *APPLY)
            leave(None)
            if stopped.returncode == 0:
                break
            last = stopped.stderr.splitlines()[-1]
            assert stopped.returncode == 78, stopped.stderr
            assert "No space left on device" in last
            assert last.endswith("free some space on the disk and start again.")
            sentences.add(last)
            if files % 2:
                # Else the next run goes on from here, with space for two more.
                assert ran(clone, tmp_path, "uninstall", "--yes").returncode == 0
                assert lasting(tmp_path) == before
            files += 1
        assert len(sentences) > 5, sentences
        assert json.loads(ran(clone, tmp_path, *APPLY).stdout)["changed"] == []
        assert ran(clone, tmp_path, "uninstall", "--yes").returncode == 0
        assert lasting(tmp_path) == before
