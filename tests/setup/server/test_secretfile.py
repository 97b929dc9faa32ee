"""Files that a running server depends on: what is refused, and how a new one is noticed."""

import os
from pathlib import Path

import pytest
from labkit_setup.errors import ConfigurationError
from labkit_setup.server.secretfile import SecretFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "secret"
    made.write_bytes(b"one")
    made.chmod(0o600)
    return made


def replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.chmod(0o600)
    fresh.replace(path)


def test_a_new_file_in_its_place_is_a_change_once(path: Path) -> None:
    file = SecretFile(path)
    assert file.read() == b"one"
    assert not file.has_changed
    replace(path, b"two")
    assert file.has_changed
    assert file.read() == b"two"
    assert not file.has_changed


def test_the_same_length_is_a_change_all_the_same(path: Path) -> None:
    file = SecretFile(path)
    file.read()
    replace(path, b"eno")
    assert file.has_changed


def test_a_file_that_is_gone_is_no_change(path: Path) -> None:
    file = SecretFile(path)
    file.read()
    path.unlink()
    assert not file.has_changed
    with pytest.raises(ConfigurationError, match="can't be read"):
        file.read()


def test_what_was_refused_is_not_refused_again_every_second(path: Path) -> None:
    file = SecretFile(path)
    file.read()
    replace(path, b"two")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="mode 644"):
        file.read()
    assert not file.has_changed


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666, 0o620, 0o644])
def test_a_file_that_others_can_read_or_write_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"mode {mode:o}"):
        SecretFile(path).read()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_may_let_a_group_read_its_file_and_nobody_else_may(path: Path) -> None:
    path.chmod(0o640)
    assert SecretFile(path).read() == b"one"
    os.chown(path, 4321, 4321)
    with pytest.raises(ConfigurationError, match="another user"):
        SecretFile(path).read()


def test_links_and_pipes_are_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(ConfigurationError, match="can't be read"):
        SecretFile(tmp_path / "link").read()
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ConfigurationError, match="not a regular file"):
        SecretFile(tmp_path / "pipe").read()
