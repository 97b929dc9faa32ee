"""The whole set-up of a Raspberry Pi below a folder: killed (SIGKILL), run twice, run out of disk, taken back."""

import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from labkit_setup import password
from labkit_setup.errors import ConfigurationError
from labkit_setup.host.killing import copied, kill_after, killed_everywhere, tree
from labkit_setup.host.raspberry import PROGRAMS, lay_out
from labkit_setup.host.scratch import ScratchHost
from labkit_setup.pi.context import Context
from labkit_setup.pi.main import run
from labkit_setup.pi.options import parse

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
# What lasts no longer than until the next start, and what a person keeps.
PASSING = ("run", "home/pi/notebooks")


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setenv("SUDO_USER", "pi")
    hashed = password.hash_of(PASSWORD)
    monkeypatch.setattr(password, "hash_of", lambda typed: hashed)
    monkeypatch.setattr(password, "matches", lambda stored, typed: stored == hashed)


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """As much of a clone as there is to install: small, so that it is read quickly a thousand times."""
    root = tmp_path_factory.mktemp("clone")
    for name in ("labkit", "setup/labkit_setup", "notebooks"):
        (root / name).mkdir(parents=True)
    for name in ("labkit/__init__.py", "pyproject.toml", "setup/requirements.lock", "setup/lgpio.lock"):
        (root / name).write_text("")
    (root / "notebooks" / "01_blink.ipynb").write_text("{}")
    return root


@pytest.fixture
def fresh(tmp_path) -> Path:
    root = tmp_path / "fresh"
    lay_out(root)
    return root


@pytest.fixture
def labkit(monkeypatch, clone) -> Callable[..., int]:
    """`labkit-setup` on the machine below a folder; its exit status."""

    def command(root: Path, *words: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        options = parse([*words, "--root", str(root)], "labkit-setup")
        return run(Context.of(options, clone, ScratchHost(root, PROGRAMS)))

    return command


@pytest.fixture
def apply(labkit) -> Callable[[Path], int]:
    return lambda root: labkit(root, "apply", "--password-stdin", "--yes", "--spi")


@pytest.fixture
def uninstall(labkit) -> Callable[[Path], int]:
    return lambda root: labkit(root, "uninstall", "--yes")


def lasting(root: Path) -> dict:
    return {name: what for name, what in tree(root).items() if not name.startswith(PASSING)}


def settled(root: Path) -> dict:
    """What every complete set-up has in common: each makes keys of its own, in a different order after a kill."""
    random = ("etc/labkit/pki/", "var/lib/labkit-setup/", "opt/labkit/install.log", "etc/labkit/started")
    return {name: what if not name.startswith(random) else "random" for name, what in lasting(root).items()}


def test_apply_twice_changes_nothing_the_second_time(fresh, apply, labkit) -> None:
    assert apply(fresh) == 0
    before = tree(fresh)
    assert apply(fresh) == 0
    assert tree(fresh) == before
    assert labkit(fresh, "plan") == 0


def test_a_plan_says_what_is_to_do_and_writes_nothing(fresh, labkit, capsys) -> None:
    before = tree(fresh)
    assert labkit(fresh, "plan", "--spi") == 2
    assert tree(fresh) == before
    shown = capsys.readouterr().out
    for part in (
        "python3-lgpio",
        "add pi to the group i2c",
        "switch SPI on",
        "labkit.service",
        "undone by: stop labkit",
    ):
        assert part in shown


def test_uninstall_leaves_the_machine_as_it_was_but_for_the_notebooks(fresh, apply, uninstall, labkit) -> None:
    before = lasting(fresh)
    apply(fresh)
    labkit(fresh, "apply", "--port", "9443", "--lan", "192.168.0.0/16", "--yes", "--no-spi")
    uninstall(fresh)
    assert lasting(fresh) == before
    assert (fresh / "home/pi/notebooks/01_blink.ipynb").exists()


def test_purge_takes_the_notebooks_along(fresh, apply, labkit) -> None:
    before = tree(fresh)
    apply(fresh)
    with pytest.raises(ConfigurationError, match="would remove all notebooks"):
        labkit(fresh, "uninstall", "--purge")
    labkit(fresh, "uninstall", "--purge", "--yes")
    assert {name: what for name, what in tree(fresh).items() if not name.startswith("run")} == {
        name: what for name, what in before.items() if not name.startswith("run")
    }


def test_a_folder_of_notebooks_that_was_there_before_is_never_removed(fresh, labkit) -> None:
    mine = fresh / "home/pi/mine"
    mine.mkdir()
    (mine / "work.ipynb").write_text("{}")
    if os.geteuid() == 0:
        os.chown(mine, 1000, 1000)
    labkit(fresh, "apply", "--password-stdin", "--yes", "--root-dir", "/home/pi/mine")
    assert sorted(path.name for path in mine.iterdir()) == ["work.ipynb"]
    labkit(fresh, "uninstall", "--purge", "--yes")
    assert (mine / "work.ipynb").read_text() == "{}"


def check_killed(number: int, fresh: Path, place: Path, apply, uninstall, complete: dict, before: dict) -> None:
    """A set-up that was killed is finished by the next one, or taken back at once; in turn, as both cost time."""
    if number % 2:
        apply(place)
        assert settled(place) == complete, number
    uninstall(place)
    assert lasting(place) == before, number


def test_an_apply_killed_before_any_step_is_finished_or_taken_back(
    tmp_path, fresh, apply, uninstall, monkeypatch
) -> None:
    before, place = lasting(fresh), tmp_path / "killed"
    apply(copied(fresh, place))
    complete = settled(place)
    real = Context.say
    kills = 0
    while True:
        left = [kills]

        def say(context: Context, *lines: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            real(context, *lines)

        copied(fresh, place)
        with monkeypatch.context() as patch:
            patch.setattr(Context, "say", say)
            if not kill_after(sys.maxsize, lambda: apply(place)):
                break
        check_killed(kills, fresh, place, apply, uninstall, complete, before)
        kills += 1
    assert kills >= 20


@pytest.mark.soak
def test_an_apply_killed_before_every_single_change_is_finished_or_taken_back(
    tmp_path, fresh, apply, uninstall
) -> None:
    before, place = lasting(fresh), tmp_path / "killed"
    apply(copied(fresh, place))
    complete = settled(place)
    kills = 0
    for number in killed_everywhere(fresh, place, apply):
        check_killed(number, fresh, place, apply, uninstall, complete, before)
        kills += 1
    assert kills > 150
