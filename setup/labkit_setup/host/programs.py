"""Running other programs, and becoming one."""

import contextlib
import io
import os
import pwd
import select
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from ..errors import SetupError
from .values import User

__all__ = ["NOT_THERE", "Programs", "Ran"]

_GRACE_SECONDS = 10.0
# What a shell says of a command it can't find.
NOT_THERE = 127
# Programs answer in English and find the system's own tools, whatever the person's settings are.
_PLAIN = {"LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "DEBIAN_FRONTEND": "noninteractive"}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what it said."""

    status: int
    output: str = ""
    errors: str = ""

    @property
    def ok(self) -> bool:
        """Whether it ended with status 0."""
        return self.status == 0

    @property
    def complaint(self) -> str:
        """The last thing it said, to quote in an error."""
        lines = [line.strip() for line in (self.errors or self.output).splitlines() if line.strip()]
        return lines[-1][:300] if lines else f"exit status {self.status}"


class Programs:
    """The programs of this machine. None ever gets a secret as an argument or in its environment."""

    def run(
        self, command: Sequence[str | Path], stdin: bytes = b"", user: str | None = None, seconds: float = 600.0
    ) -> Ran:
        """Run a program to its end; a program that is not there has status 127.

        Args:
            command: The program and its arguments.
            stdin: What it reads. Secrets go this way.
            user: Whose rights it has, if not this process's own; needs root.
            seconds: After that long it is ended, with status 124.
        """
        words = [str(word) for word in command]
        path = f"{_PATH}:{os.environ.get('PATH', '')}"
        environment = {**_without_secrets(os.environ), **_PLAIN, "PATH": path}
        # Only root can become somebody else; who is that user already needs not.
        user = None if user is not None and os.geteuid() == pwd.getpwnam(user).pw_uid else user
        group, groups = _groups(user)
        try:
            done = subprocess.run(
                words,
                input=stdin,
                capture_output=True,
                check=False,
                env=environment,
                timeout=seconds,
                user=user,
                group=group,
                extra_groups=groups,
            )
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return Ran(NOT_THERE, errors=f"{words[0]}: not found")
        except subprocess.TimeoutExpired:
            return Ran(124, errors=f"{words[0]} did not end within {seconds:.0f} seconds")
        return Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def make_tree(self, path: Path, files: Mapping[str, bytes], user: User) -> None:
        """A new folder with files in it, made with a user's own rights: in a home, root would follow its links.

        It appears as a whole. What a killed one left is removed by the next.

        Raises:
            SetupError: It can't be made, or is there already.
        """
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content), 0o644
                archive.addfile(entry, io.BytesIO(content))
        temporary = self.half_made(path)
        script = 'set -e; rm -rf -- "$1"; mkdir -- "$1"; tar -xm -C "$1"; [ ! -e "$2" ]; mv -- "$1" "$2"'
        ran = self.run(["sh", "-c", script, "sh", temporary, path], stdin=packed.getvalue(), user=user.name)
        if not ran.ok:
            raise SetupError(f"{path} can't be made ({ran.complaint}); mend that and start again.")

    def half_made(self, path: Path) -> Path:
        """Where `make_tree` makes a folder before it gives it its name."""
        return path.with_name(f".{path.name}.labkit-new")

    def succeeds(self, command: Sequence[str | Path]) -> bool:
        """Run a command without output; whether its exit status is 0."""
        words = [str(word) for word in command]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def stream(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        on_line: Callable[[str], None],
        on_tick: Callable[[], None],
        inherit: Sequence[int] = (),
    ) -> int:
        """Run a command; each line it prints goes to `log` and `on_line`, once a second `on_tick` is called.

        Ctrl-C ends the command and all that it started before it is passed on. Returns the exit status.
        """
        with (
            log.open("ab") as record,
            subprocess.Popen(
                [str(word) for word in command],
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(inherit),
            ) as process,
        ):
            assert process.stdout is not None
            try:
                for line in _lines(process.stdout.fileno(), on_tick):
                    record.write(line)
                    record.flush()
                    on_line(line.decode(errors="replace").rstrip())
                return process.wait()
            except BaseException:
                _end(process)
                raise

    @contextlib.contextmanager
    def serving(self, command: Sequence[str | Path], user: str | None, seconds: float) -> Iterator[None]:
        """A server that runs as long as the block, which begins when the server says, as to systemd, that it is ready.

        Args:
            command: The program and its arguments.
            user: Whose rights it has, if not this process's own; needs root.
            seconds: How long it may take to be ready.

        Raises:
            SetupError: It ended before, with what it said, or was not ready in time.
        """
        group, groups = _groups(user)
        with (
            tempfile.TemporaryDirectory(prefix="labkit-", dir="/tmp") as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
            tempfile.TemporaryFile() as said,
        ):
            address = Path(folder, "notify")
            channel.bind(str(address))
            channel.settimeout(1.0)
            environment = {**_without_secrets(os.environ), **_PLAIN, "NOTIFY_SOCKET": str(address)}
            if user is not None:
                account = pwd.getpwnam(user)
                environment["HOME"] = account.pw_dir
                for path in (address, Path(folder)):
                    os.chown(path, account.pw_uid, account.pw_gid)
            with subprocess.Popen(
                [str(word) for word in command], env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True, user=user, group=group, extra_groups=groups, cwd="/",
            ) as process:  # fmt: skip
                try:
                    _wait_until_ready(process, channel, seconds, said)
                    yield
                finally:
                    _end(process)

    def replace_process(
        self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path | None = None
    ) -> NoReturn:
        """Become another program, so that signals and the exit status have one process to go to."""
        words = [str(word) for word in command]
        if folder is not None:
            os.chdir(folder)
        os.execve(words[0], words, dict(environment))  # noqa: S606 - no shell is the point


def _wait_until_ready(
    process: subprocess.Popen[bytes], channel: socket.socket, seconds: float, said: IO[bytes]
) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            if channel.recv(100).startswith(b"READY=1"):
                return
    said.seek(0)
    lines = said.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    raise SetupError(f"The server did not start: {last[:300]}")


def _groups(user: str | None) -> tuple[int | None, list[int] | None]:
    if user is None:
        return None, None
    group = pwd.getpwnam(user).pw_gid
    return group, os.getgrouplist(user, group)


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("JUPYTER", "PYTHON", "PIP_"))}


def _lines(descriptor: int, on_tick: Callable[[], None]) -> Iterator[bytes]:
    rest = b""
    while True:
        if not select.select([descriptor], [], [], 1.0)[0]:
            on_tick()
            continue
        chunk = os.read(descriptor, 65536)
        if not chunk:
            break
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
