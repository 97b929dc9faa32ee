"""The folder of a running server: private, empty, and gone or empty afterwards."""

import stat

import pytest
from labkit_setup.errors import ConfigurationError
from labkit_setup.server.runfolder import run_folder


@pytest.mark.parametrize("is_kept", [True, False])
def test_it_is_private_without_what_a_killed_server_left_and_leaves_nothing(short, host, is_kept) -> None:
    wanted = short / "run"
    wanted.mkdir(mode=0o700)
    (wanted / "kernel-1-ipc-1").write_text("")
    with run_folder(host, wanted, is_kept) as run:
        assert run == wanted
        assert list(run.iterdir()) == []
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
        (run / "kernel-2-ipc-1").write_text("")
    assert run.exists() is is_kept
    assert not is_kept or list(run.iterdir()) == []


def test_what_is_kept_is_the_folder_alone(host, short) -> None:
    with run_folder(host, short / "run", is_kept=True) as run:
        (run / "pipe").write_text("")
    assert list(short.iterdir()) == [run]
    assert list(run.iterdir()) == []
    with run_folder(host, short / "run", is_kept=False):
        """A server that stops at once."""
    assert list(short.iterdir()) == []


def test_a_path_too_long_for_a_socket_is_replaced_for_the_time_being(tmp_path, host) -> None:
    with run_folder(host, tmp_path / ("x" * 90), is_kept=True) as run:
        assert len(str(run)) < 40
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert not run.exists()
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_open_to_others_is_refused(host, short) -> None:
    (short / "run").mkdir()
    (short / "run").chmod(0o755)
    with (
        pytest.raises(ConfigurationError, match="is open to other users"),
        run_folder(host, short / "run", is_kept=False),
    ):
        pytest.fail("it was used")
