"""A machine in memory, with files, modes, owners, users and programs that behave; for tests, yours too."""

import contextlib
import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ..errors import ConfigurationError, file_error
from .played import Played, Program
from .values import ROOT, Found, Owner, User

__all__ = ["FakeHost", "Node"]


@dataclass(frozen=True)
class Node:
    """A file, folder or link of a fake machine."""

    kind: Literal["file", "folder", "link"]
    mode: int = 0o644
    owner: Owner = ROOT
    content: bytes = b""
    target: str = ""


class FakeHost(Played):
    """A host that holds everything in memory.

    Attributes:
        nodes: What is at each path. A file needs its folder, as on a real machine.
        free: Bytes left on the disk; writing takes some, and fails when there are too few.
        root: Whether this process is root.
        users: The accounts.
        system: As `sys.platform`.
    """

    def __init__(self, files: Mapping[str, str] | None = None, programs: Mapping[str, Program] | None = None) -> None:
        self.nodes: dict[Path, Node] = {Path("/"): Node("folder", 0o755)}
        self.programs: dict[str, Program] = dict(programs or {})
        self.commands: list[list[str]] = []
        self.free = 8_000_000_000
        self.root = True
        self.users: list[User] = [User("root", ROOT, "/root"), User("pi", Owner(1000, 1000), "/home/pi")]
        self.system = "linux"
        self._locked: set[Path] = set()
        for name, content in (files or {}).items():
            self.add(name, content)

    def add(self, name: str, content: str | bytes | None = "", mode: int = 0o644, owner: Owner = ROOT) -> None:
        """Put a file there (a folder, if the content is None), and the folders that it needs."""
        path = Path(name)
        for parent in reversed(path.parents):
            self.nodes.setdefault(parent, Node("folder", 0o755))
        data = content.encode() if isinstance(content, str) else content
        if data is None:
            self.nodes[path] = Node("folder", 0o755 if mode == 0o644 else mode, owner)
        else:
            self.nodes[path] = Node("file", mode, owner, data)

    @property
    def is_root(self) -> bool:
        return self.root

    @property
    def platform(self) -> str:
        return self.system

    def user(self, name: str) -> User | None:
        return next((user for user in self.users if user.name == name), None)

    def user_of(self, number: int) -> User | None:
        return next((user for user in self.users if user.owner.uid == number), None)

    def look(self, path: Path) -> Found | None:
        node = self.nodes.get(self._at(path))
        return None if node is None else Found(node.kind, node.mode, node.owner, node.target)

    def read(self, path: Path) -> bytes | None:
        path = self._at(path)
        node = self.nodes.get(path)
        for _ in range(40):
            if node is None or node.kind != "link":
                break
            path = self._at(path.parent / node.target)
            node = self.nodes.get(path)
        if node is not None and node.kind != "file":
            raise file_error("can't be read", path, OSError(errno.EISDIR, "Is a directory"))
        return None if node is None else node.content

    def read_secret(self, path: Path) -> bytes | None:
        node = self.nodes.get(path)
        if node is not None and (node.kind != "file" or node.mode & 0o077):
            raise ConfigurationError(f"{path} is not a regular file that only its owner can read.")
        return self.read(path)

    def write(self, path: Path, content: bytes, mode: int = 0o600, owner: Owner | None = None) -> None:
        path = self._at(path)
        self._need_folder(path, "can't be written")
        if len(content) > self.free:
            raise file_error("can't be written", path, OSError(errno.ENOSPC, "No space left on device"))
        self.free -= len(content)
        self.nodes[path] = Node("file", mode, owner or ROOT, content)

    def sweep(self, path: Path) -> None:
        """Nothing: writes in memory leave no temporary files."""

    def link(self, path: Path, target: str) -> None:
        path = self._at(path)
        self._need_folder(path, "can't be made")
        self.nodes[path] = Node("link", 0o777, ROOT, target=target)

    def make_folder(self, path: Path, mode: int, owner: Owner) -> None:
        path = self._at(path)
        self._need_folder(path, "can't be made")
        found = self.nodes.get(path)
        if found is not None and found.kind != "folder":
            raise file_error("can't be made", path, OSError(errno.ENOTDIR, "Not a directory"))
        self.nodes[path] = Node("folder", mode, owner)

    def make_private_dir(self, path: Path) -> None:
        self.make_folder(path, 0o700, ROOT)

    def make_dir(self, path: Path) -> None:
        self.make_folder(path, 0o755, ROOT)

    def entries(self, path: Path) -> list[Path]:
        folder = self._at(path / "x").parent
        return sorted(path / entry.name for entry in self.nodes if entry.parent == folder and entry != folder)

    def remove(self, path: Path) -> None:
        for entry in [entry for entry in self.nodes if entry == path or path in entry.parents]:
            self.free += len(self.nodes.pop(entry).content)

    def rename(self, path: Path, target: Path) -> None:
        for entry in [entry for entry in self.nodes if entry == path or path in entry.parents]:
            self.nodes[target / entry.relative_to(path)] = self.nodes.pop(entry)

    def free_bytes(self, path: Path) -> int:
        return self.free

    @contextlib.contextmanager
    def locked(self, folder: Path, on_wait: Callable[[], None]) -> Iterator[int]:
        if folder in self._locked:
            on_wait()
        self._locked.add(folder)
        try:
            yield -1
        finally:
            self._locked.discard(folder)

    def change_mode(self, name: str, mode: int, owner: Owner | None = None) -> None:
        """Give a path another mode and owner, as somebody on the machine might."""
        node = self.nodes[Path(name)]
        self.nodes[Path(name)] = replace(node, mode=mode, owner=owner or node.owner)

    def _at(self, path: Path) -> Path:
        """The path without links on its way; its last part may be one."""
        at = Path("/")
        for part in path.parts[1:-1]:
            at = at / part
            node = self.nodes.get(at)
            if node is not None and node.kind == "link":
                at = self._at(at.parent / node.target / "x").parent
        return at / path.name if path.name else at

    def _need_folder(self, path: Path, what: str) -> None:
        parent = self.nodes.get(path.parent)
        if parent is None or parent.kind != "folder":
            raise file_error(what, path, OSError(errno.ENOENT, "No such file or directory"))
