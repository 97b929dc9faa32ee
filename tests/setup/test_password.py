"""The password: asked for, made up, kept as a hash, and never anywhere else."""

import os
import pty
import re
import select
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_server.auth.security import passwd, passwd_check
from labkit_setup import password
from labkit_setup.errors import ConfigurationError, SetupError

# Only bounds a test that would hang; nothing is measured with it.
PATIENCE = 60.0


def typing(*answers: str) -> Callable[[str], str]:
    """A person who types these, one after the other."""
    rest: Iterator[str] = iter(answers)
    return lambda prompt: next(rest)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "password"


def test_a_chosen_password_is_kept_as_an_argon2id_hash(host, file: Path) -> None:
    made = password.provide(host, file, replace=False, make_up=False, ask=typing("blue otter", "blue otter"))
    assert made.hashed.startswith("argon2:$argon2id$")
    assert passwd_check(made.hashed, "blue otter")
    assert not passwd_check(made.hashed, "blue otters")
    assert file.read_text().strip() == made.hashed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "blue otter" not in made.told


def test_a_generated_password_is_shown_and_works(host, file: Path) -> None:
    made = password.provide(host, file, replace=False, make_up=True)
    shown = made.told.split()[0]
    assert passwd_check(made.hashed, shown)
    assert shown.encode() not in file.read_bytes()


def test_generated_passwords_have_eighty_bits_and_no_look_alikes() -> None:
    many = [password.generate() for _ in range(500)]
    assert len(set(many)) == 500
    assert all(re.fullmatch(r"[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}", one) for one in many)
    assert len(set("".join(many)) - {"-"}) == 32
    assert password.weakness(many[0]) is None


def test_a_password_that_is_there_is_kept_without_asking(host, file: Path) -> None:
    first = password.provide(host, file, replace=False, make_up=True)
    again = password.provide(host, file, replace=False, make_up=True, ask=typing())
    assert again.hashed == first.hashed
    assert "--new-password" in again.told


def test_a_new_password_replaces_the_old_one_on_request(host, file: Path) -> None:
    first = password.provide(host, file, replace=False, make_up=True)
    second = password.provide(host, file, replace=True, make_up=False, ask=typing("blue otter", "blue otter"))
    assert second.hashed != first.hashed
    assert file.read_text().strip() == second.hashed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "at least 8"),
        ("short12", "at least 8"),
        ("raspberry", "first that anyone would try"),
        ("PASSWORD1", "first that anyone would try"),
        ("abababababab", "first that anyone would try"),
        (" blue otter", "begin or end with a space"),
        ("blue\totter", "control characters"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(host, file: Path, capsys, typed: str, words: str) -> None:
    made = password.provide(host, file, replace=False, make_up=False, ask=typing(typed, "blue otter", "blue otter"))
    assert passwd_check(made.hashed, "blue otter")
    assert words in capsys.readouterr().out


def test_three_failures_end_it_and_write_nothing(host, file: Path) -> None:
    with pytest.raises(SetupError, match="--generate"):
        password.provide(host, file, replace=False, make_up=False, ask=typing(*["blue otter", "blue otters"] * 3))
    assert not file.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"hunter2hunter2\n", b"argon2:\n", b"argon2:$argon2i$v=19$m=1,t=1,p=1$YQ$YQ", b"\xff\xfe"],
)
def test_a_file_that_holds_no_argon2id_hash_is_refused(host, file: Path, content: bytes) -> None:
    host.write(file, content)
    with pytest.raises(ConfigurationError, match="--new-password"):
        password.provide(host, file, replace=False, make_up=True)
    assert file.read_bytes() == content


def test_a_sha1_hash_of_old_is_refused(host, file: Path) -> None:
    host.write(file, passwd("blue otter", algorithm="sha1").encode())
    with pytest.raises(ConfigurationError, match="argon2id"):
        password.provide(host, file, replace=False, make_up=False, ask=typing())


def test_a_hash_that_others_can_read_is_refused(host, file: Path) -> None:
    password.provide(host, file, replace=False, make_up=True)
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="mode 644"):
        password.provide(host, file, replace=False, make_up=True)


class Terminal:
    """A person at a real terminal: reads until a prompt, then types."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._end, slave = pty.openpty()
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # getpass opens /dev/tty, so the terminal has to be the controlling one.
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
        )
        os.close(slave)
        self.seen = ""
        self._used = 0

    def read_until(self, words: str) -> None:
        while words not in self.seen[self._used :]:
            assert select.select([self._end], [], [], PATIENCE)[0], f"{words!r} never came: {self.seen}"
            try:
                self.seen += os.read(self._end, 1000).decode()
            except OSError:  # the other end is gone
                raise AssertionError(f"{words!r} never came: {self.seen}") from None
        # One read may bring more than what was waited for, the next prompt for example.
        self._used = self.seen.index(words, self._used) + len(words)

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def read_to_the_end(self) -> int:
        try:
            while data := os.read(self._end, 1000):
                self.seen += data.decode()
        except OSError:
            pass
        os.close(self._end)
        return self.process.wait()


def test_on_a_terminal_it_asks_without_echo_and_ctrl_c_stops_the_lab(desk) -> None:
    terminal = Terminal(desk.command("--no-browser", "--port", "0"), desk.environment())
    terminal.read_until("Password: ")
    terminal.type("short\n")
    terminal.read_until("at least 8 characters.")
    terminal.read_until("Password: ")
    terminal.type("blue otter\n")
    terminal.read_until("Again: ")
    terminal.type("blue otter\n")
    terminal.read_until("Ctrl-C stops")
    terminal.type("\x03")
    assert terminal.read_to_the_end() == 0
    assert "Stopped." in terminal.seen
    assert "blue otter" not in terminal.seen
    assert "Traceback" not in terminal.seen


def test_ctrl_c_at_the_question_leaves_nothing_chosen(desk) -> None:
    terminal = Terminal(desk.command("--no-browser", "--port", "0"), desk.environment())
    terminal.read_until("Password: ")
    terminal.type("\x03")
    assert terminal.read_to_the_end() == 130
    assert "Traceback" not in terminal.seen
    state = desk.home / ".local" / "share" / "labkit"
    assert not (state / "password").exists()
    assert list((state / "pki").iterdir()) == []
