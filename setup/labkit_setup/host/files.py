"""Files, folders and links: read, replaced as a whole, removed, locked."""

import contextlib
import fcntl
import os
import pwd
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import ConfigurationError, file_error
from .values import Found, Owner

__all__ = ["Files"]

# A name that `write` uses for a moment: `.NAME.` and eight digits.
_TEMPORARY = r"\.{name}\.[0-9a-f]{{8}}"


class Files:
    """The files of this machine, with the rights of the user who runs the command."""

    def real(self, path: Path) -> Path:
        """Where a path of the machine is for this process; another place only on a scratch host."""
        return path

    def look(self, path: Path) -> Found | None:
        """What is at a path, links not followed; None where there is nothing."""
        try:
            found = self.real(path).lstat()
            target = os.readlink(self.real(path)) if stat.S_ISLNK(found.st_mode) else ""
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise file_error("can't be read", path, error) from error
        return Found(Found.kind_of(found.st_mode), stat.S_IMODE(found.st_mode), self._owner(found), target)

    def read(self, path: Path) -> bytes | None:
        """A file's content, or None where there is no such file."""
        try:
            return self.real(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise file_error("can't be read", path, error) from error

    def read_secret(self, path: Path) -> bytes | None:
        """As `read`, for a file that nobody else may read or have written.

        Raises:
            ConfigurationError: It belongs to another user, others can read it, or it is no regular file.
        """
        try:
            found = self.real(path).lstat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise file_error("can't be read", path, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(f"{path} is not a regular file; move it away and start again.")
        _refuse_anothers(path, found, "move it away, or give it back with `chown`.")
        if found.st_mode & 0o077:
            raise ConfigurationError(
                f"{path} can be read by other users (mode {stat.S_IMODE(found.st_mode):03o}), so it is no "
                f"secret any more; delete it to have a new one made, or run `chmod 600 '{path}'`."
            )
        return self.read(path)

    def write(self, path: Path, content: bytes, mode: int = 0o600, owner: Owner | None = None) -> None:
        """Replace a file as a whole: after a crash it holds the old or the new content.

        It is created with its mode and owner, so that a secret is never readable for a moment. A crash
        can leave a temporary file beside it; `sweep` removes that.
        """
        real = self.real(path)
        temporary = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            try:
                with open(descriptor, "wb") as file:
                    if owner is not None:
                        self._own(descriptor, owner)
                        # The umask may have taken bits away that the file is to have.
                        os.fchmod(descriptor, mode)
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(real)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync(real.parent)
        except OSError as error:
            raise file_error("can't be written", path, error) from error

    def sweep(self, path: Path) -> None:
        """Remove what a crash in the middle of `write` or `link` left beside a file."""
        pattern = re.compile(_TEMPORARY.format(name=re.escape(path.name)))
        for entry in self.entries(path.parent):
            if pattern.fullmatch(entry.name):
                self.remove(entry)

    def link(self, path: Path, target: str) -> None:
        """Make a symbolic link, or point it elsewhere: after a crash it leads to the old or the new target."""
        real = self.real(path)
        temporary = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
        try:
            os.symlink(target, temporary)
            try:
                temporary.replace(real)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync(real.parent)
        except OSError as error:
            raise file_error("can't be made", path, error) from error

    def make_folder(self, path: Path, mode: int, owner: Owner) -> None:
        """Make a folder with this mode and owner, or give them to the one that is there; its parent must exist."""
        try:
            with contextlib.suppress(FileExistsError):
                self.real(path).mkdir(mode=mode & 0o700)
            with _opened(self.real(path), os.O_DIRECTORY | os.O_NOFOLLOW) as descriptor:
                self._own(descriptor, owner)
                os.fchmod(descriptor, mode)
            _sync(self.real(path).parent)
        except OSError as error:
            raise file_error("can't be made", path, error) from error

    def make_private_dir(self, path: Path) -> None:
        """Make a folder with mode 0700, parents included.

        Raises:
            ConfigurationError: It can't be made, or was there and is open to others.
        """
        try:
            real = self.real(path)
            real.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                real.mkdir(mode=0o700)
            found = real.stat()
        except OSError as error:
            raise file_error("can't be made", path, error) from error
        if not stat.S_ISDIR(found.st_mode):
            raise ConfigurationError(f"{path} must be a folder and is a file; move it away and start again.")
        _refuse_anothers(path, found, "set HOME to a folder of your own.")
        if found.st_mode & 0o077:
            raise ConfigurationError(
                f"{path} is open to other users (mode {stat.S_IMODE(found.st_mode):03o}); run `chmod 700 '{path}'`."
            )

    def make_dir(self, path: Path) -> None:
        """Make an ordinary folder; its parent must be there."""
        try:
            self.real(path).mkdir(exist_ok=True)
        except OSError as error:
            raise file_error("can't be made", path, error) from error

    def entries(self, path: Path) -> list[Path]:
        """What is in a folder, sorted; nothing where there is none."""
        try:
            return sorted(path / name for name in os.listdir(self.real(path)))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise file_error("can't be read", path, error) from error

    def remove(self, path: Path) -> None:
        """Remove a file or a folder with all it holds; fine if it is gone already."""
        real = self.real(path)
        try:
            if real.is_dir() and not real.is_symlink():
                shutil.rmtree(real)
            else:
                real.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise file_error("can't be removed", path, error) from error

    def rename(self, path: Path, target: Path) -> None:
        """Give a file or folder another name on the same disk, in place of what may be there."""
        try:
            self.real(path).replace(self.real(target))
        except OSError as error:
            raise file_error("can't be made", target, error) from error

    def free_bytes(self, path: Path) -> int:
        """How much an ordinary user may still write on the disk that holds `path`, which need not exist yet."""
        real = self.real(path)
        while not real.exists():
            real = real.parent
        return shutil.disk_usage(real).free

    @contextlib.contextmanager
    def locked(self, folder: Path, on_wait: Callable[[], None]) -> Iterator[int]:
        """Hold a folder for this process alone; `on_wait` is called if another one holds it.

        The lock is on the folder itself, so it leaves no file and works on a read-only disk. The descriptor
        it yields carries the lock: a child that inherits it keeps the folder held if this process is killed.
        """
        real = self.real(folder)
        while True:
            try:
                descriptor = os.open(real, os.O_RDONLY)
            except OSError as error:
                raise file_error("can't be read", folder, error) from error
            try:
                _lock(descriptor, on_wait)
                # Whoever held it may have removed it, and a third made it anew.
                if os.path.samestat(os.fstat(descriptor), _stat(real, folder)):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)

    def _owner(self, found: os.stat_result) -> Owner | None:
        return Owner(found.st_uid, found.st_gid)

    def _own(self, descriptor: int, owner: Owner) -> None:
        os.fchown(descriptor, owner.uid, owner.gid)


def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        # Some network file systems have no locks; going on without is what git and pip do there.
        return


def _stat(real: Path, folder: Path) -> os.stat_result:
    try:
        return os.stat(real)
    except OSError as error:
        raise file_error("can't be read", folder, error) from error


def _sync(folder: Path) -> None:
    with _opened(folder) as descriptor:
        os.fsync(descriptor)


@contextlib.contextmanager
def _opened(folder: Path, flags: int = 0) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_anothers(path: Path, found: os.stat_result, remedy: str) -> None:
    if found.st_uid != os.geteuid():
        raise ConfigurationError(f"{path} belongs to {_user(found.st_uid)}, not to {_user(os.geteuid())}; {remedy}")


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
