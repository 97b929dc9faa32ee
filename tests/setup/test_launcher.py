"""`python3 setup …` before there is a virtual environment: what it makes, repairs, and refuses."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from labkit_setup import venv as venv_module
from labkit_setup.errors import ConfigurationError, SetupError
from labkit_setup.pip_progress import Progress, reason
from labkit_setup.venv import LOG, Venv

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
MAIN = REPOSITORY / "setup" / "__main__.py"
STAMP = "labkit-stamp.json"


def setup(desk, *words: str, prelude: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`python3 setup WORDS` from another folder; `prelude` is Python that runs before it."""
    run = f"import runpy, sys; sys.argv = {['setup', *words]!r}; {prelude}\n"
    return subprocess.run(
        [sys.executable, "-c", f"{run}runpy.run_path({str(desk.clone / 'setup')!r}, run_name='__main__')"],
        env={**desk.environment(), **environment},
        cwd=desk.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


def test_an_old_python_can_read_the_file_that_turns_it_away() -> None:
    ast.parse(MAIN.read_text(), feature_version=(3, 6))


def test_an_old_python_gets_one_sentence(desk) -> None:
    done = setup(desk, "lab", prelude="sys.version_info = (3, 9, 2, 'final', 0)")
    assert done.returncode == 1
    assert one_sentence(done).startswith("labkit needs Python 3.11 or newer, and this is Python 3.9")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_without_a_command_it_says_what_there_is(desk, words) -> None:
    done = setup(desk, *words)
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("lab ", "test ", "pi "))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("lob",), "There is no command 'lob'"),
        (("lab", "--port", "abc"), "'abc' is not a port: use a number from 1 to 65535"),
        (("lab", "--port", "99999"), "'99999' is not a port"),
        (("lab", "--port", "-1"), "port"),
        (("lab", "--port"), "expected one argument"),
        (("lab", "--gen"), "does not know the option --gen"),
        (("lab", "notebook.ipynb"), "1 extra argument"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_before_anything_is_made(desk, words, sentence) -> None:
    done = setup(desk, *words)
    assert done.returncode == 64
    assert sentence in one_sentence(done)
    assert not (desk.clone / ".venv").exists()


@pytest.mark.parametrize("words", [("--password", "hunter2"), ("--password=hunter2",), ("--new-password=hunter2",)])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(desk, words) -> None:
    done = setup(desk, "lab", *words)
    assert done.returncode == 64
    assert "visible to everyone" in one_sentence(done)
    assert "hunter2" not in done.stderr


def test_pi_leads_to_the_commands_of_a_machine_and_leaves_no_compiled_files_of_roots(desk) -> None:
    for words, status, told in ((["--help"], 0, "uninstall"), (["frobnicate"], 64, "There is no command 'frobnicate'")):
        command = [sys.executable, "-B", str(desk.clone / "setup"), "pi", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status
        assert told in done.stdout + done.stderr
    assert list(desk.clone.rglob("*.pyc")) == []


def test_a_python_without_ensurepip_names_the_package_to_install(desk) -> None:
    done = setup(desk, "lab", prelude="sys.modules['ensurepip'] = None")
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in one_sentence(done)
    assert not (desk.clone / ".venv").exists()


def test_a_read_only_clone_gets_one_sentence_and_stays_as_it_is() -> None:
    # Root may write anywhere, so the command gives its rights up first; the folder has to be reachable then.
    with tempfile.TemporaryDirectory(prefix="ro-") as name:
        clone = Path(name) / "clone"
        shutil.copytree(REPOSITORY / "setup", clone / "setup", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPOSITORY / "pyproject.toml", clone)
        Path(name).chmod(0o755)
        clone.chmod(0o555)
        code = (
            "import ensurepip, os, pathlib, sys, venv, labkit_setup.launcher as launcher\n"
            "if os.geteuid() == 0: os.setuid(65534)\n"
            # Another user may be unable to run the Python that root has.
            "launcher.Host.succeeds = lambda *_: False\n"
            f"sys.exit(launcher.main(['lab'], pathlib.Path({str(clone)!r})))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(clone / "setup"),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        clone.chmod(0o755)
        assert done.returncode == 78, done.stderr
        assert re.search(r"\.venv can't be made \(Permission denied\); give yourself the right", one_sentence(done))
        assert sorted(path.name for path in clone.iterdir()) == ["pyproject.toml", "setup"]


def unreachable_index(port: int) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
        "PIP_RETRIES": "1",
        "PIP_NO_CACHE_DIR": "1",
    }


def test_without_a_network_it_says_so_and_leaves_only_the_log(desk) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        done = setup(desk, "lab", **unreachable_index(closed.getsockname()[1]))
    assert done.returncode == 1, done.stderr
    sentence = one_sentence(done)
    assert sentence.startswith("The package index can't be reached (“")
    assert "Connection refused" in sentence
    assert str(desk.clone / ".venv" / LOG) in sentence
    assert [path.name for path in (desk.clone / ".venv").iterdir()] == [LOG]


def test_ctrl_c_during_the_installation_ends_pip_and_leaves_only_the_log(desk) -> None:
    # An index that takes the connection and never answers: pip is in the middle of its work for sure.
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.settimeout(PATIENCE)
        process = subprocess.Popen(
            [sys.executable, str(desk.clone / "setup"), "lab"],
            env={**desk.environment(), **unreachable_index(index.getsockname()[1])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = index.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=PATIENCE)
            assert process.returncode == 130
            assert stderr.strip() == "Stopped; the same command goes on from here."
            # pip is gone: its end of the connection is closed, after the request it had sent.
            connection.settimeout(PATIENCE)
            while connection.recv(10_000):
                pass
    assert [path.name for path in (desk.clone / ".venv").iterdir()] == [LOG]


@pytest.fixture
def venv(desk, scripted_host) -> Venv:
    return Venv(scripted_host, desk.clone)


def installed(venv: Venv) -> list[str]:
    """The extras of a complete environment."""
    stamp = json.loads((venv.folder / STAMP).read_text())
    return list(stamp["extras"])


def test_a_first_start_makes_the_environment_and_a_second_does_nothing(venv, scripted_host) -> None:
    venv.provide()
    assert [words[1:3] for words in scripted_host.commands] == [["-m", "venv"], ["-m", "pip"]]
    assert scripted_host.commands[1][-1] == str(venv.folder.parent)
    scripted_host.commands.clear()
    venv.provide()
    assert scripted_host.commands == []


def test_tests_extend_the_environment_of_the_lab_and_the_lab_keeps_it(venv, scripted_host) -> None:
    venv.provide()
    scripted_host.commands.clear()
    venv.provide("test")
    assert [words[1:3] for words in scripted_host.commands] == [["-m", "pip"]]
    assert scripted_host.commands[0][-1].endswith("[test]")
    assert installed(venv) == ["test"]
    scripted_host.commands.clear()
    venv.provide()
    assert scripted_host.commands == []


def test_an_interrupted_installation_is_made_again_from_scratch(venv, scripted_host) -> None:
    venv.provide()
    (venv.folder / STAMP).unlink()
    (venv.folder / "half").touch()
    venv.provide()
    assert not (venv.folder / "half").exists()
    assert installed(venv) == []


@pytest.mark.parametrize(
    "change",
    [{"clone": "/elsewhere"}, {"python": "3.10 /usr"}, {"system_packages": True}, None],
    ids=["moved clone", "other Python", "lgpio gone", "no stamp at all"],
)
def test_an_environment_made_for_something_else_is_replaced(venv, scripted_host, change) -> None:
    venv.provide()
    stamp = venv.folder / STAMP
    stamp.write_text("nonsense" if change is None else json.dumps({**json.loads(stamp.read_text()), **change}))
    (venv.folder / "old").touch()
    venv.provide()
    assert not (venv.folder / "old").exists()
    assert json.loads(stamp.read_text())["clone"] == str(venv.folder.parent)


def test_changed_dependencies_are_installed_into_the_same_environment(venv, scripted_host, desk) -> None:
    venv.provide("test")
    scripted_host.commands.clear()
    pyproject = desk.clone / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('"gpiozero>=2.0.1"', '"gpiozero>=2.0.2"'))
    venv.provide()
    assert [words[1:3] for words in scripted_host.commands] == [["-m", "pip"]]
    assert installed(venv) == ["test"]


def test_a_change_that_pip_does_not_care_about_installs_nothing(venv, scripted_host, desk) -> None:
    venv.provide()
    scripted_host.commands.clear()
    pyproject = desk.clone / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("line-length = 110", "line-length = 100"))
    venv.provide()
    assert scripted_host.commands == []


def test_an_update_that_can_not_start_leaves_a_working_environment(venv, scripted_host) -> None:
    venv.provide()
    scripted_host.pip_lines = ["Collecting pytest", "ERROR: NewConnectionError: Network is unreachable"]
    scripted_host.pip_status = 1
    with pytest.raises(SetupError, match="check the network"):
        venv.provide("test")
    scripted_host.commands.clear()
    venv.provide()
    assert scripted_host.commands == []


def test_an_update_that_breaks_off_while_packages_change_is_repaired(venv, scripted_host) -> None:
    venv.provide()
    scripted_host.pip_lines = [
        "Installing collected packages: a, b",
        "OSError: [Errno 28] No space left on device",
    ]
    scripted_host.pip_status = 1
    with pytest.raises(SetupError, match=r"The disk is full .* free about 1 GB"):
        venv.provide("test")
    scripted_host.pip_status = 0
    scripted_host.commands.clear()
    venv.provide()
    assert [words[1:3] for words in scripted_host.commands] == [["-m", "venv"], ["-m", "pip"]]


def test_with_lgpio_on_the_system_the_environment_sees_the_systems_packages(venv, scripted_host) -> None:
    scripted_host.has_lgpio = True
    venv.provide()
    assert "--system-site-packages" in scripted_host.commands[0]


def test_an_environment_of_somebody_elses_is_not_touched(venv) -> None:
    venv.folder.mkdir()
    (venv.folder / "pyvenv.cfg").touch()
    with pytest.raises(ConfigurationError, match="was not made by labkit"):
        venv.provide()
    assert [path.name for path in venv.folder.iterdir()] == ["pyvenv.cfg"]


def test_a_nearly_full_disk_is_noticed_before_anything_is_made(venv, scripted_host, monkeypatch) -> None:
    monkeypatch.setattr(scripted_host, "free_bytes", lambda path: 42_000_000)
    with pytest.raises(SetupError, match="42 MB are free"):
        venv.provide()
    assert not venv.folder.exists()


def test_two_starts_at_once_install_once(desk, scripted_host, capsys) -> None:
    scripted = type(scripted_host)
    inside, go_on = threading.Event(), threading.Event()

    class Slow(scripted):
        def stream(self, command, *rest, **more):
            inside.set()
            assert go_on.wait(PATIENCE)
            return super().stream(command, *rest, **more)

    class Waiting(scripted):
        def locked(self, folder, on_wait):
            return super().locked(folder, lambda: (on_wait(), go_on.set()))

    first, second = Slow(), Waiting()
    thread = threading.Thread(target=Venv(first, desk.clone).provide)
    thread.start()
    assert inside.wait(PATIENCE)
    Venv(second, desk.clone).provide()
    thread.join()
    assert second.commands == []
    assert "waiting for it" in capsys.readouterr().out


def test_a_strangers_packages_do_not_reach_the_environment() -> None:
    kept = venv_module.clean_environment({"PYTHONPATH": "/opt/ros", "PIP_USER": "1", "PIP_INDEX_URL": "x"})
    assert kept == {"PIP_INDEX_URL": "x", "PYTHONNOUSERSITE": "1"}


@pytest.mark.parametrize(
    ("log", "what"),
    [
        (
            "WARNING: Retrying\nERROR: Could not install packages due to an OSError: [Errno 28] No space",
            "The disk",
        ),
        (
            "  WARNING: Retrying … Temporary failure in name resolution\nERROR: No matching distribution",
            "The package",
        ),
        ("ERROR: No matching distribution found for lgpio>=1", "A package does not exist"),
        ("Collecting x\nerror: something new\n", "The installation failed"),
        ("", "The installation failed"),
    ],
)
def test_pips_log_is_read_for_the_reason(log: str, what: str) -> None:
    assert reason(log)[0].startswith(what)


def test_progress_off_a_terminal_is_a_few_plain_lines(capsys) -> None:
    changed = []
    progress = Progress(sys.stdout, lambda: 0, lambda: changed.append(True))
    for number in range(45):
        progress.line(f"Collecting package{number}>=1")
        progress.line("  Downloading package-1.0-py3-none-any.whl (1 kB)")
    assert changed == []
    progress.line("Installing collected packages: " + ", ".join(f"package{number}" for number in range(45)))
    progress.done()
    assert changed == [True]
    lines = [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "Finding packages: 20, now package19",
        "Finding packages: 40, now package39",
        "Installing 45 packages",
        "Installed",
    ]
