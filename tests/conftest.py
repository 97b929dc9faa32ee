"""What tests share: a simulated bench, and a real kernel that runs cells as JupyterLab does."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes is the machine's business; tests never judge by the wall clock.
settings.register_profile("labkit", deadline=None)
settings.load_profile("labkit")

ROOT = Path(__file__).parent.parent

WHOLE_PROCESSES = {
    "test_cli.py", "test_clock_programs.py", "test_full_disk.py", "test_guard.py", "test_house.py",
    "test_lab_refuses.py", "test_launcher.py", "test_password.py", "test_pi_killed.py", "test_recipes.py",
    "test_repeatable_bench.py", "test_run.py",
    "test_running_programs_page.py", "test_service.py", "test_serving.py", "test_steps_killed.py",
}  # fmt: skip


def pytest_configure() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and tests send it to themselves and to programs."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is no unit test, so that the unit part can be run alone: see docs/testing.md."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.path.name in WHOLE_PROCESSES or {"kernel", "start_kernel"} & set(fixtures) or "browser" in fixtures:
            item.add_marker(pytest.mark.process)


@pytest.fixture(autouse=True, scope="module")
def _passed_over() -> None:
    """Let collections pass over what is there before a file's tests: virtual time collects at each start."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _switch_interval() -> Iterator[None]:
    """The first widget of a process has Python's threads take turns sooner; not in the tests after it."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def bench() -> Iterator[Any]:
    """A simulated bench of its own; its devices are closed at the end."""
    import labkit

    opened = labkit.bench("simulated")
    yield opened
    opened.close()
    if "ipywidgets" in sys.modules:
        # It keeps them all, and each garbage collection of virtual time would look at forty thousand.
        sys.modules["ipywidgets"].Widget.close_all()


@pytest.fixture
def quick_radio(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Energenie's transmitter takes a third of a second for each switching, asleep."""
    monkeypatch.setattr("gpiozero.boards.sleep", lambda seconds: None)


@pytest.fixture
def shown(bench: Any) -> Callable[[], None]:
    """Have the bench show everything that happened so far, as its view thread does a moment later."""
    return bench._viewing.refresh


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """More work than the machine has cores for, beside the test."""
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    yield
    for process in load:
        process.kill()
        process.wait()


@dataclass
class Ran:
    """What one execution printed, displayed and raised."""

    text: str
    mimetypes: list[str]
    error: str | None


class Kernel:
    """A real ipykernel, driven by the messages a notebook sends."""

    def __init__(self) -> None:
        from jupyter_client.manager import start_new_kernel

        # The kernel is started from here, not from whatever kernel spec the machine has.
        self._manager, self._client = start_new_kernel(startup_timeout=60)
        self.pid: int = self._manager.provisioner.pid

    def run(self, source: str, cell: str | None = None, said: Callable[[str], None] = lambda text: None) -> Ran:
        """Run a cell; with an id as JupyterLab sends it, or without as nbclient does."""
        client: Any = self._client
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
        message = client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
        client.shell_channel.send(message)
        ran = Ran("", [], None)
        while True:
            reply = client.get_iopub_msg(timeout=60)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            content = reply["content"]
            match reply["msg_type"]:
                case "stream":
                    ran.text += content["text"]
                    said(content["text"])
                case "execute_result" | "display_data":
                    ran.mimetypes += content["data"]
                    ran.text += content["data"].get("text/plain", "")
                case "error":
                    ran.error = "\n".join([*content["traceback"], f"{content['ename']}: {content['evalue']}"])
                case "status" if content["execution_state"] == "idle":
                    return ran

    def read_late(self, source: str) -> list[str]:
        """Run a cell, and read nothing that it tells pages until it has ended: the messages' types."""
        client: Any = self._client
        asked = client.execute(source)
        while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != asked:
            pass
        kinds = []
        while (told := client.get_iopub_msg(timeout=60))["parent_header"].get("msg_id") != asked or not (
            told["msg_type"] == "status" and told["content"]["execution_state"] == "idle"
        ):
            kinds.append(told["msg_type"])
        return kinds

    def interrupt_after(self, source: str, word: str, interrupt: Callable[[], None]) -> Ran:
        """Run a cell that goes on until it is interrupted, which happens once it has printed that word."""
        return self.run(source, said=lambda text: interrupt() if word in text else None)

    def check(self, source: str, cell: str | None = None) -> Ran:
        """Run a cell that must not fail."""
        ran = self.run(source, cell)
        assert ran.error is None, ran.error
        return ran

    def restart(self, patience_s: float = 5.0) -> None:
        """As the Restart button does: asked to end, and killed when that takes longer than Jupyter's patience."""
        self._manager.shutdown_wait_time = patience_s
        self._manager.restart_kernel(now=False)
        self._client.wait_for_ready(timeout=60)

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="session")
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes an environment from PyPI with an extra's packages, and more; for what can't live beside ours."""

    def made(extra: str, *more: Path) -> Path:
        """Its Python."""
        folder = tmp_path_factory.mktemp(extra)
        wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][extra]
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, *wanted, *more], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sentence = f"{', '.join(wanted)} could not be installed: {done.stderr.strip()[-300:]}"
            if os.environ.get("CI"):
                pytest.fail(sentence)
            pytest.skip(sentence)
        return folder / "bin" / "python"

    return made


@pytest.fixture
def start_kernel() -> Iterator[Callable[[], Kernel]]:
    """Starts kernels of a test's own; what is left of them ends with the test."""
    started: list[Kernel] = []

    def start() -> Kernel:
        started.append(Kernel())
        return started[-1]

    yield start
    for kernel in started:
        kernel.close()


@pytest.fixture(scope="session")
def shared_kernel() -> Iterator[Kernel]:
    os.environ.pop("GPIOZERO_PIN_FACTORY", None)
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    """The shared kernel with a fresh simulated bench and no variables of other tests."""
    shared_kernel.check(
        "import labkit\nlabkit.bench().close()\n%reset -f\n"
        "import labkit\nfrom gpiozero import *\nbench = labkit.bench('simulated')"
    )
    return shared_kernel
