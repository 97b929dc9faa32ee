"""Apply and uninstall, killed (SIGKILL) before every single change they make to a real file system."""

import os
from pathlib import Path

import pytest
from labkit_setup import steps as engine
from labkit_setup.host import Owner
from labkit_setup.host.killing import killed_everywhere, tree
from labkit_setup.host.scratch import ScratchHost
from labkit_setup.journal import Journal
from labkit_setup.managed import file_step, folder_step, link_step
from labkit_setup.steps import Step

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
PI = Owner(1000, 1000)


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch) -> None:
    # A killed process loses nothing that it wrote; only a power cut would.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def fresh(tmp_path) -> Path:
    root = tmp_path / "fresh"
    for folder in ("etc/systemd/system", "usr/bin", "var/lib"):
        (root / folder).mkdir(parents=True)
    (root / "etc/systemd/system/lab.service").write_text("theirs\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "usr/bin/lab").symlink_to("/theirs")
    return root


def steps(port: int = 8443) -> list[Step]:
    return [
        folder_step(Path("/etc/labkit")),
        file_step(Path("/etc/labkit/settings.json"), f"{port}\n".encode()),
        file_step(Path("/etc/labkit/key"), b"a secret\n", 0o600, PI, is_secret=True),
        file_step(Path("/etc/systemd/system/lab.service"), f"ours {port}\n".encode()),
        link_step(Path("/usr/bin/lab"), "/ours"),
    ]


def run(root: Path, port: int = 8443) -> list[str]:
    host = ScratchHost(root, {})
    journal = Journal(host, Path("/var/lib/labkit-setup"))
    with journal.alone():
        return engine.apply(host, journal, steps(port), lambda _: None, force=True)


def back(root: Path) -> list[str]:
    host = ScratchHost(root, {})
    journal = Journal(host, Path("/var/lib/labkit-setup"))
    with journal.alone():
        return engine.take_back(host, journal, lambda _: None)


def test_an_apply_killed_anywhere_is_finished_by_the_next_one_and_can_be_taken_back(tmp_path, fresh) -> None:
    before = tree(fresh)
    whole = tmp_path / "whole"
    for _ in killed_everywhere(fresh, whole, lambda root: None):
        raise AssertionError("nothing was to be killed")
    run(whole)
    complete = tree(whole)
    kills = 0
    for _ in killed_everywhere(fresh, tmp_path / "killed", run):
        kills += 1
        run(tmp_path / "killed")
        assert tree(tmp_path / "killed") == complete
        assert run(tmp_path / "killed") == []
        back(tmp_path / "killed")
        assert tree(tmp_path / "killed") == before
    assert kills > 40


def test_an_apply_killed_anywhere_can_be_taken_back_at_once(tmp_path, fresh) -> None:
    before = tree(fresh)
    for _ in killed_everywhere(fresh, tmp_path / "killed", run):
        back(tmp_path / "killed")
        assert tree(tmp_path / "killed") == before


def test_a_change_of_settings_killed_anywhere_looks_like_nobodys_edit(tmp_path, fresh) -> None:
    before = tree(fresh)
    run(fresh)
    for _ in killed_everywhere(fresh, tmp_path / "killed", lambda root: run(root, 9443)):
        assert back(tmp_path / "killed") == []
        assert tree(tmp_path / "killed") == before


def test_an_uninstall_killed_anywhere_is_finished_by_the_next_one(tmp_path, fresh) -> None:
    before = tree(fresh)
    run(fresh)
    kills = 0
    for _ in killed_everywhere(fresh, tmp_path / "killed", back):
        kills += 1
        back(tmp_path / "killed")
        assert tree(tmp_path / "killed") == before
    assert kills > 10
