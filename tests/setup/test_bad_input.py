"""Whatever a person may get wrong: one sentence, the exit status that fits, no traceback, and nothing changed."""

import io
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from labkit_setup.certs import CA, new_key
from labkit_setup.host import Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.raspberry import FILES, PROGRAMS
from labkit_setup.pi import main as program
from labkit_setup.pi.layout import Layout
from labkit_setup.subject import Scope, Subject

LAYOUT = Layout.of_machine()
NOW = datetime.now(UTC)
ORG = Subject(("lab.example.org",), ())
AUTHORITY = CA.create("example.org", Scope.around(ORG), new_key(), NOW - timedelta(days=200))
GOOD, EXPIRED = AUTHORITY.issue(ORG, NOW), AUTHORITY.issue(ORG, NOW - timedelta(days=100))
PASSWORD = "correct horse battery\n"


@pytest.fixture(autouse=True)
def _here(monkeypatch) -> None:
    monkeypatch.setenv("SUDO_USER", "pi")
    # The process of the tests keeps its own.
    monkeypatch.setattr(signal, "signal", lambda *_: None)


@pytest.fixture
def host() -> FakeHost:
    host = FakeHost(FILES, PROGRAMS)
    for name, content in {
        "good": GOOD.certificate, "key": GOOD.key, "other-key": new_key(), "expired": EXPIRED.certificate,
        "expired-key": EXPIRED.key, "empty": b" \n", "garbage": b"-----BEGIN CERTIFICATE-----\nx\n", "folder": None,
        "roots.txt": b"", "without-names": AUTHORITY.certificate, "authority-key": AUTHORITY.key,
    }.items():  # fmt: skip
        host.add(f"/home/pi/{name}", content)
    host.link(Path("/home/pi/link"), "/etc")
    return host


@pytest.fixture
def labkit(host, clone, monkeypatch, capsys) -> Callable[..., tuple[int, str]]:
    """The whole command on a machine in memory: its exit status, and what it says on stderr."""
    monkeypatch.setattr(program, "_host", lambda options: host)

    def command(*words: str, stdin: str = "") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = program.main(list(words), clone)
        return status, capsys.readouterr().err

    return command


def apply(*words: str) -> tuple[str, ...]:
    return ("apply", "--root", "/", "--yes", "--password-stdin", *words)


def own(certificate: str, key: str) -> tuple[str, ...]:
    return apply("--cert", f"/home/pi/{certificate}", "--key", f"/home/pi/{key}")


USAGE = [
    (apply("--password", "hunter2"), "visible to everyone on this machine"),
    (("passwd", "--password=hunter2"), "visible to everyone on this machine"),
    (apply("--port", "443"), "below 1024"),
    (apply("--port", "abc"), "is not a port"),
    (apply("--port", "65536"), "is not a port"),
    (apply("--lan", "0.0.0.0/0"), "labkit-setup tunnel"),
    (apply("--lan", "8.8.8.0/24"), "labkit-setup tunnel"),
    (apply("--ip", "8.8.8.8"), "labkit-setup tunnel"),
    (apply("--name", "pi_1"), "is not a host name"),
    (apply("--name", "*.local"), "stands for many names"),
    (apply("--name", "google.com"), "a name on the internet"),
    (apply("--root-dir", "/"), "a folder of the system"),
    (apply("--root-dir", "notebooks"), "must be a path from the root"),
    (apply("--tls", "1.1"), "invalid choice"),
    (apply("--ca", "mine"), "invalid choice"),
    (apply("--cert", "/home/pi/good"), "--cert and --key go together"),
    (apply("--generate"), "not allowed with argument"),
    (("apply", "--root", "/"), "There is no terminal to type a password on"),
    (("frobnicate",), "There is no command 'frobnicate'"),
    (("apply", "--frobnicate"), "--frobnicate"),
    (("logs", "--lines", "many"), "invalid int value"),
    (("doctor", "--from", "ftp://pi"), "https://"),
    (("trust", "--from", "-oProxyCommand=x", "--yes"), "expected one argument"),
    (("trust", "--from", "a b", "--yes"), "is not USER@HOST"),
]


@pytest.mark.parametrize(("words", "sentence"), USAGE)
def test_a_command_line_that_makes_no_sense_ends_with_64(labkit, host, words, sentence) -> None:
    before = dict(host.nodes)
    status, said = labkit(*words, stdin=PASSWORD if "--password-stdin" in words else "")
    assert (status, said.count("\n")) == (64, 1), said
    assert sentence in said
    assert "hunter2" not in said
    assert host.nodes == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "No password came on standard input"),
        ("\n", "No password came on standard input"),
        ("abcdefg\n", "at least 8 characters"),
        ("raspberry\n", "one of the first that anyone would try"),
        ("PASSWORD1\n", "one of the first that anyone would try"),
        ("aaaabbbbcccc\n", "one of the first that anyone would try"),
        (" with a space before\n", "must not begin or end with a space"),
        ("bell\a bell bell\n", "nor hold control characters"),
    ],
)
@pytest.mark.parametrize("command", ["apply", "passwd"])
def test_a_bad_password_ends_with_64_and_is_not_repeated(labkit, host, command, typed, sentence) -> None:
    if command == "passwd":
        assert labkit(*apply(), stdin=PASSWORD)[0] == 0
    before = dict(host.nodes)
    status, said = labkit(*(apply() if command == "apply" else ("passwd", "--password-stdin")), stdin=typed)
    assert (status, said.count("\n")) == (64, 1), said
    assert sentence in said
    assert typed.strip() == "" or typed.strip() not in said
    assert host.nodes == before


def no_clock(host: FakeHost) -> None:
    host.programs["timedatectl"] = lambda machine, words, stdin: Ran(0, "no\n")


def no_network(host: FakeHost) -> None:
    host.programs["ip"] = lambda machine, words, stdin: Ran(0, "[]")


def no_systemd(host: FakeHost) -> None:
    host.remove(Path("/run/systemd"))


def foreign_unit(host: FakeHost) -> None:
    host.add("/etc/systemd/system/labkit.service", "[Unit]\nDescription=mine\n")


def at_work(host: FakeHost) -> None:
    host._locked.add(LAYOUT.journal)


def full_disk(host: FakeHost) -> None:
    host.free = 2_000


def nothing(host: FakeHost) -> None:
    """All is as usual."""


CONFIGURATION = [
    (apply("--root-dir", "/home/pi/none"), nothing, "is not there; make it with `mkdir"),
    (apply("--root-dir", "/home/pi/link"), nothing, "is a link to /etc"),
    (apply("--root-dir", "/home/pi/folder"), nothing, "belongs to root, not to pi"),
    (apply("--root-dir", "/home/pi/roots.txt"), nothing, "is not a folder"),
    (apply("--user", "bob"), nothing, "There is no user 'bob'"),
    (apply(), no_clock, "The clock is not synchronised"),
    (apply(), no_network, "in no local network"),
    (apply(), no_systemd, "add --no-service"),
    (apply(), at_work, "Another labkit-setup is at work"),
    (apply(), full_disk, "free some space"),
    (own("none", "key"), nothing, "--cert /home/pi/none is not there"),
    (own("good", "none"), nothing, "--key /home/pi/none is not there"),
    (own("empty", "key"), nothing, "--cert /home/pi/empty is empty"),
    (own("good", "empty"), nothing, "--key /home/pi/empty is empty"),
    (own("folder", "key"), nothing, "/home/pi/folder can't be read"),
    (own("good", "folder"), nothing, "/home/pi/folder can't be read"),
    (own("garbage", "key"), nothing, "could not be read"),
    (own("good", "garbage"), nothing, "has a key that could not be read"),
    (own("good", "other-key"), nothing, "does not fit its key"),
    (own("expired", "expired-key"), nothing, "expired on"),
    (own("without-names", "authority-key"), nothing, "names no host in its subjectAltName"),
    (("status",), nothing, "No lab is set up here"),
    (("renew",), nothing, "No lab is set up here"),
    (("passwd", "--generate"), nothing, "No lab is set up here"),
    (("logs",), nothing, "No lab is set up here"),
    (("trust",), nothing, "No lab is set up here"),
    (("doctor", "--from", "https://pi.local:8443/", "--ca-file", "/none"), nothing, "holds no certificate"),
    (("migrate", "/home/pi/none.py"), nothing, "is not there"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "circumstance", "sentence"), CONFIGURATION)
def test_what_stands_in_the_way_ends_with_78(labkit, host, words, circumstance, sentence) -> None:
    circumstance(host)
    before = {path: node for path, node in host.nodes.items() if path != LAYOUT.journal}
    status, said = labkit(*words, stdin=PASSWORD)
    *progress, last = said.splitlines()
    assert status == 78, said
    assert sentence in last
    assert last.endswith(".")
    assert all(line.startswith("  · ") for line in progress)
    if circumstance is not full_disk:
        assert progress == []
        assert {path: node for path, node in host.nodes.items() if path != LAYOUT.journal} == before


def test_a_port_that_is_taken_names_who_has_it(labkit, host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        before = dict(host.nodes)
        status, said = labkit("apply", "--password-stdin", "--port", str(port), stdin=PASSWORD)
    assert (status, said.count("\n")) == (78, 1)
    assert f"Port {port} is taken by " in said
    assert "such as --port" in said
    if sys.platform == "linux":
        assert f"process {os.getpid()} (" in said
    assert host.nodes == before


@pytest.mark.parametrize("command", [apply(), ("uninstall", "--yes")])
def test_a_managed_file_that_was_edited_is_kept_until_forced(labkit, host, command) -> None:
    assert labkit(*apply(), stdin=PASSWORD)[0] == 0
    unit = Path("/etc/systemd/system/labkit.service")
    host.write(unit, (host.read(unit) or b"") + b"Nice=5\n", 0o644)
    status, said = labkit(*command, stdin=PASSWORD)
    assert status == 78
    assert f"{unit} was edited by hand since labkit wrote it; keep a copy" in said
    assert ("-Nice=5" in said) is (command[0] == "apply")
    assert b"Nice=5" in (host.read(unit) or b"")
    assert labkit(*command, "--force", stdin=PASSWORD)[0] == 0
    assert b"Nice=5" not in (host.read(unit) or b"")


def test_a_unit_of_somebody_elses_is_shown_and_kept(labkit, host) -> None:
    foreign_unit(host)
    status, said = labkit(*apply(), stdin=PASSWORD)
    assert status == 78
    assert "is there already and is not labkit's" in said
    assert "-Description=mine" in said


def test_root_without_anybody_who_asked_has_no_lab(labkit, monkeypatch) -> None:
    monkeypatch.delenv("SUDO_USER")
    status, said = labkit(*apply(), stdin=PASSWORD)
    assert (status, said.count("\n")) == (78, 1)
    assert "--user NAME" in said


@pytest.fixture
def without_root(host, monkeypatch) -> list[list[str]]:
    """An ordinary user; what would have been executed in place of this process."""
    host.root = False
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    executed: list[list[str]] = []

    class Executed(Exception):
        """In place of never coming back."""

    def replace_process(self, command, environment, folder=None) -> None:
        executed.append([str(word) for word in command])
        raise Executed

    monkeypatch.setattr(FakeHost, "replace_process", replace_process)
    return executed


def test_without_sudo_it_says_what_else_there_is(labkit, without_root, monkeypatch) -> None:
    monkeypatch.setattr(program.shutil, "which", lambda name: None)
    status, said = labkit("status")
    assert (status, said.count("\n")) == (78, 1)
    assert "there is no sudo here; run it as root with --user NAME" in said
    assert "--no-service" in said


def test_sudo_that_would_ask_where_nobody_types_is_refused(labkit, host, without_root, monkeypatch) -> None:
    monkeypatch.setattr(program.shutil, "which", lambda name: "/usr/bin/sudo")
    host.programs["sudo"] = lambda machine, words, stdin: Ran(1, errors="sudo: a password is required")
    status, said = labkit("status")
    assert (status, said.count("\n")) == (78, 1)
    assert "run it on a terminal" in said
    assert without_root == []


def test_sudo_is_given_the_same_command_and_no_shell(labkit, host, without_root, clone, monkeypatch) -> None:
    monkeypatch.setattr(program.shutil, "which", lambda name: "/usr/bin/sudo")
    host.programs["sudo"] = lambda machine, words, stdin: Ran(0)
    labkit("plan", "--port", "9443", "--name", "lab")
    (command,) = without_root
    assert command[:3] == ["/usr/bin/sudo", "--non-interactive", "--"]
    assert command[3:] == [sys.executable, "-B", str(clone / "setup"), "pi", "plan", "--port", "9443", "--name", "lab"]


@pytest.mark.parametrize("command", ["trust", "tunnel", "migrate"])
def test_what_needs_no_root_does_not_ask_for_it(labkit, without_root, command) -> None:
    labkit(command)
    assert without_root == []


def test_an_error_is_json_for_who_asked_for_json(host, clone, monkeypatch, capsys) -> None:
    monkeypatch.setattr(program, "_host", lambda options: host)
    assert program.main(["status", "--json"], clone) == 78
    told = capsys.readouterr()
    assert json.loads(told.out) == {"ok": False, "status": 78, "error": told.err.strip()}


def test_a_fault_of_ours_is_a_sentence_too(labkit, monkeypatch) -> None:
    monkeypatch.setattr(program, "reach", lambda *_: 1 / 0)
    status, said = labkit("tunnel")
    assert (status, said.count("\n")) == (70, 1)
    assert "please report it" in said
