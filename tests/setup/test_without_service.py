"""The whole of it on this very machine, as a container has it: set up by an ordinary user, served, kept up, taken back.

Packages come from the index, so this takes a minute.
"""

import asyncio
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from labkit_setup.host.killing import tree
from leaks import Watch, in_files, in_text, watching
from served import PATIENCE, Client

pytestmark = [pytest.mark.soak, pytest.mark.process]

REPOSITORY = Path(__file__).resolve().parents[2]
# Nobody else's: the usual example stands in the documentation of a package that is installed.
FIRST, SECOND = (f"{name} {secrets.token_hex(8)}" for name in ("first", "second"))
NOBODY = "nobody"


@dataclass
class Place:
    """A clone, a home and an ordinary user; everything that was said there."""

    folder: Path
    port: int
    said: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    @property
    def user(self) -> str | None:
        """Whom to become; None where the tests are run by an ordinary user."""
        return NOBODY if os.geteuid() == 0 else None

    @property
    def lab(self) -> Path:
        return self.folder / "home" / ".local" / "share" / "labkit" / "labkit-remote"

    @property
    def python(self) -> str:
        """One that an ordinary user can start, too."""
        return "/usr/bin/python3" if self.user else str(getattr(sys, "_base_executable", sys.executable))

    def start(self, command: list[str | Path], **options: Any) -> subprocess.Popen[str]:
        # Where pip finds packages is up to this machine, and nothing else is passed on.
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG") or name[:4] == "PIP_"}
        group = pwd.getpwnam(self.user).pw_gid if self.user else None
        return subprocess.Popen(
            [str(word) for word in command], cwd=self.folder, env={**kept, "HOME": str(self.folder / "home")},
            user=self.user, group=group, extra_groups=[] if self.user else None, text=True, **options,
        )  # fmt: skip

    def labkit(self, *words: str, stdin: str = "", status: int = 0) -> str:
        """What a command answers; it must end with this status."""
        command = [self.python, "-B", self.folder / "clone" / "setup", "pi", *words]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with self.start(command, **pipes) as process:
            out, errors = process.communicate(stdin)
        self.said.append((words, out + errors))
        assert process.returncode == status, out + errors
        return out

    def client(self) -> Client:
        return Client(self.port, self.lab / "config" / "pki" / "ca.pem")

    def secrets(self) -> dict[str, bytes]:
        """What is secret now."""
        config = self.lab / "config"
        files = (config / "password", config / "pki/authority/ca-key.pem", self.lab / "state/cookie-secret")
        found = {path.name: path.read_bytes() for path in files}
        leaf = (config / "pki" / "server.pem").read_bytes()
        return {**found, "server's key": leaf[: leaf.index(b"-----BEGIN CERTIFICATE")]}

    def tree(self) -> dict[str, tuple[object, ...]]:
        return tree(self.folder / "home")


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="lab-") as name:
        folder = Path(name)
        (folder / "clone").mkdir()
        for part in ("setup", "labkit", "notebooks"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / part, folder / "clone" / part, ignore=ignored)
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(REPOSITORY / part, folder / "clone")
        for part in ("home", "notebooks"):
            (folder / part).mkdir()
        made = Place(folder, port)
        if made.user:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, made.user)
        yield made


@dataclass
class Story:
    """What happened, for the tests to look at."""

    place: Place
    watch: Watch
    before: dict[str, tuple[object, ...]]
    secrets: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    served: str = ""
    leaks: dict[str, list[str]] = field(default_factory=dict)

    def keep_secrets(self, when: str) -> None:
        self.secrets |= {f"{name}, {when}": content for name, content in self.place.secrets().items()}


@pytest.fixture(scope="module")
def story(place: Place) -> Story:
    asked = (
        "--no-service",
        "--port",
        str(place.port),
        "--lan",
        "192.168.7.0/24",
        "--root-dir",
        str(place.folder / "notebooks"),
    )
    with watching() as watch:
        told = Story(place, watch, place.tree(), {"first": FIRST.encode(), "second": SECOND.encode()})
        told.answers["plan before"] = place.labkit("plan", *asked, status=2)
        applied = place.labkit("apply", *asked, "--password-stdin", "--yes", "--json", stdin=f"{FIRST}\n")
        told.answers["apply"] = json.loads(applied)
        told.answers["again"] = json.loads(place.labkit("apply", "--yes", "--json"))
        told.answers["plan after"] = json.loads(place.labkit("plan", "--json"))
        told.keep_secrets("set up")
        _serve(told)
        told.leaks = in_files(told.secrets, place.folder)
        told.answers["status"] = json.loads(place.labkit("status", "--json"))
        place.labkit("doctor", "--json", status=1)
        place.labkit("trust")
        place.labkit("tunnel", "--json")
        place.labkit("uninstall", "--yes")
    return told


def _serve(told: Story) -> None:
    """Serve it, log in, run a cell; another password and another certificate meanwhile."""
    place = told.place
    command = [
        place.lab / "programs/venv/bin/python",
        "-I",
        "-m",
        "labkit_setup.server",
        place.lab / "config/server.json",
    ]
    server = place.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines: list[str] = []
    assert server.stdout is not None
    reader = threading.Thread(target=lambda: lines.extend(server.stdout))
    reader.start()
    try:
        first = _logged_in(place, FIRST, server)
        told.answers["cell"] = asyncio.run(first.run_cell(first.start_kernel(), "print(6 * 7)"))
        told.watch.look()
        place.labkit("passwd", "--password-stdin", stdin=f"{SECOND}\n")
        told.keep_secrets("second")
        second = _logged_in(place, SECOND, server)
        told.answers["old session"] = first.request("GET", "/api/kernels")[0].status
        told.answers["kernels"] = len(json.loads(second.request("GET", "/api/kernels")[1]))
        made = json.loads(place.labkit("passwd", "--generate", "--json"))["password"]
        place.said.pop()
        told.secrets["generated"] = made.encode()
        told.keep_secrets("generated")
        _logged_in(place, made, server)
        before = place.client().tls
        told.answers["renewed"] = place.labkit("renew", "--force")
        told.keep_secrets("renewed")
        told.answers["trusted as before"] = before.cert_store_stats() == place.client().tls.cert_store_stats()
        # Only so long as it serves does it take a new certificate over.
        while not any("serving a new certificate" in line for line in lines):
            _logged_in(place, made, server)
    finally:
        server.terminate()
        server.wait(PATIENCE)
        reader.join()
        server.stdout.close()
        told.served = "".join(lines)


def _logged_in(place: Place, password: str, server: subprocess.Popen[str]) -> Client:
    """Once the server is there, and has taken the password over."""
    while True:
        assert server.poll() is None
        client = place.client()
        try:
            answer = client.log_in(password)
        except OSError:
            continue
        if answer.status == 302:
            return client
        assert answer.status in (401, 429), answer.status


def test_it_is_proven_by_a_login_and_a_cell_before_it_is_called_ready(story: Story) -> None:
    assert story.answers["apply"]["proof"]["login"] == "password"
    assert story.answers["apply"]["proof"]["printed"] == "42 True"
    assert story.answers["apply"]["password"] is None


def test_a_plan_before_shows_it_and_a_second_apply_changes_nothing(story: Story) -> None:
    assert "undone by: remove" in story.answers["plan before"]
    assert story.answers["again"]["changed"] == []
    assert story.answers["again"]["proof"]["login"] == "cookie"
    assert story.answers["plan after"]["changes"] == []


def test_it_serves_and_another_password_ends_sessions_but_no_kernel(story: Story) -> None:
    assert story.answers["cell"] == "42\n"
    assert story.answers["old session"] == 403
    assert story.answers["kernels"] == 1
    assert story.served.count("the password was changed: all sessions ended") == 2


def test_it_is_renewed_while_it_serves(story: Story) -> None:
    assert "issued a new one" in story.answers["renewed"]
    assert "serving a new certificate" in story.served
    assert story.answers["trusted as before"]
    assert story.answers["status"]["running"] is None
    keys = {content for name, content in story.secrets.items() if name.startswith("server's key")}
    assert len(keys) == 2


def test_no_process_was_given_a_secret(story: Story) -> None:
    assert any(b"labkit_setup.server" in words for _, words in story.watch.seen)
    assert any(b"ipykernel" in words for _, words in story.watch.seen)
    assert any(b"pip" in words for _, words in story.watch.seen)
    assert story.watch.leaks(story.secrets) == []


def test_no_command_and_no_server_said_a_secret(story: Story) -> None:
    commands = {words[0] for words, _ in story.place.said}
    assert {"plan", "apply", "passwd", "renew", "status", "doctor", "trust", "tunnel", "uninstall"} <= commands
    assert {words: held for words, said in story.place.said if (held := in_text(story.secrets, said.encode()))} == {}
    assert "login accepted" in story.served
    assert in_text(story.secrets, story.served.encode()) == []


def test_no_file_that_others_may_read_holds_a_secret(story: Story) -> None:
    assert len(story.secrets) > 10
    assert story.leaks == {}


def test_taking_it_back_leaves_the_home_as_it_was(story: Story) -> None:
    # What pip keeps for any environment is pip's.
    assert {name: what for name, what in story.place.tree().items() if not name.startswith(".cache")} == story.before
    assert (story.place.folder / "notebooks").is_dir()
