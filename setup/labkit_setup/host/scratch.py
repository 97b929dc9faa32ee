"""A machine below a folder: real files, played programs. For rehearsals, and for tests that kill."""

import os
from collections.abc import Mapping
from pathlib import Path

from .played import Played, Program
from .values import ROOT, Owner, User

__all__ = ["ScratchHost"]


class ScratchHost(Played):
    """A host whose `/` is a folder.

    An ordinary user can't give files away, so there owners are not told apart.
    """

    def __init__(self, root: Path, programs: Mapping[str, Program]) -> None:
        self.root = root.absolute()
        self.programs = dict(programs)
        self.commands = []

    def real(self, path: Path) -> Path:
        return self.root / path.relative_to("/")

    @property
    def is_root(self) -> bool:
        return True

    def user(self, name: str) -> User | None:
        return next((user for user in self._users() if user.name == name), None)

    def user_of(self, number: int) -> User | None:
        return next((user for user in self._users() if user.owner.uid == number), None)

    def _users(self) -> list[User]:
        lines = [line.split(":") for line in (self.read(Path("/etc/passwd")) or b"").decode().splitlines()]
        return [User(words[0], Owner(int(words[2]), int(words[3])), words[5]) for words in lines] or [
            User("root", ROOT, "/root")
        ]

    def _owner(self, found: os.stat_result) -> Owner | None:
        return Owner(found.st_uid, found.st_gid) if os.geteuid() == 0 else None

    def _own(self, descriptor: int, owner: Owner) -> None:
        if os.geteuid() == 0:
            os.fchown(descriptor, owner.uid, owner.gid)
