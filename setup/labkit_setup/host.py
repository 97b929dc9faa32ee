"""The machine: files, commands, locks. The only file of the set-up that touches them.

Standard library only, since the launcher needs it before the venv exists. Network facts are in `network`.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import select
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from .errors import ConfigurationError, file_error

__all__ = ["Host"]

_GRACE_SECONDS = 10.0


class Host:
    """This machine, for the user who runs the command. Not for use by several threads."""

    def read(self, path: Path) -> bytes | None:
        """A file's content, or None where there is no such file."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise file_error("can't be read", path, error) from error

    def read_secret(self, path: Path) -> bytes | None:
        """As `read`, for a file that nobody else may read or have written.

        Raises:
            ConfigurationError: It belongs to another user, others can read it, or it is no regular file.
        """
        try:
            found = path.lstat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise file_error("can't be read", path, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(f"{path} is not a regular file; move it away and start again.")
        if found.st_uid != os.geteuid():
            raise ConfigurationError(
                f"{path} belongs to {_user(found.st_uid)}, not to {_user(os.geteuid())}; "
                "move it away, or give it back with `chown`."
            )
        if found.st_mode & 0o077:
            raise ConfigurationError(
                f"{path} can be read by other users (mode {stat.S_IMODE(found.st_mode):03o}), so it is no "
                f"secret any more; delete it to have a new one made, or run `chmod 600 '{path}'`."
            )
        return self.read(path)

    def write(self, path: Path, content: bytes, mode: int = 0o600) -> None:
        """Replace a file as a whole: after a crash it holds the old or the new content.

        It is created with its mode, so that a secret is never readable for a moment.
        """
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            try:
                with open(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            with _opened(path.parent) as folder:
                os.fsync(folder)
        except OSError as error:
            raise file_error("can't be written", path, error) from error

    def make_private_dir(self, path: Path) -> None:
        """Make a folder with mode 0700, parents included.

        Raises:
            ConfigurationError: It can't be made, or was there and is open to others.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
            found = path.stat()
        except OSError as error:
            raise file_error("can't be made", path, error) from error
        if not stat.S_ISDIR(found.st_mode):
            raise ConfigurationError(f"{path} must be a folder and is a file; move it away and start again.")
        if found.st_uid != os.geteuid():
            raise ConfigurationError(
                f"{path} belongs to {_user(found.st_uid)}, not to {_user(os.geteuid())}; "
                "set HOME to a folder of your own."
            )
        if found.st_mode & 0o077:
            raise ConfigurationError(
                f"{path} is open to other users (mode {stat.S_IMODE(found.st_mode):03o}); run `chmod 700 '{path}'`."
            )

    def make_dir(self, path: Path) -> None:
        """Make an ordinary folder; its parent must be there."""
        try:
            path.mkdir(exist_ok=True)
        except OSError as error:
            raise file_error("can't be made", path, error) from error

    def entries(self, path: Path) -> list[Path]:
        """What is in a folder, sorted; nothing where there is none."""
        try:
            return sorted(path.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise file_error("can't be read", path, error) from error

    def remove(self, path: Path) -> None:
        """Remove a file or a folder with all it holds; fine if it is gone already."""
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise file_error("can't be removed", path, error) from error

    def free_bytes(self, path: Path) -> int:
        """How much an ordinary user may still write on the disk that holds `path`."""
        return shutil.disk_usage(path).free

    @contextlib.contextmanager
    def locked(self, folder: Path, on_wait: Callable[[], None]) -> Iterator[int]:
        """Hold a folder for this process alone; `on_wait` is called if another one holds it.

        The lock is on the folder itself, so it leaves no file and works on a read-only disk. The descriptor
        it yields carries the lock: a child that inherits it keeps the folder held if this process is killed.
        """
        with _opened(folder) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError:
                # Some network file systems have no locks; going on without is what git and pip do there.
                pass
            yield descriptor

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

    def replace_process(
        self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path | None = None
    ) -> NoReturn:
        """Become another program, so that signals and the exit status have one process to go to."""
        words = [str(word) for word in command]
        if folder is not None:
            os.chdir(folder)
        os.execve(words[0], words, dict(environment))  # noqa: S606 - no shell is the point


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


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise file_error("can't be read", folder, error) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
