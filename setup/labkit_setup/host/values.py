"""What a host tells of the machine: frozen values."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["ROOT", "Found", "Owner", "User"]


@dataclass(frozen=True)
class Owner:
    """Who a file belongs to, by number."""

    uid: int
    gid: int


ROOT = Owner(0, 0)


@dataclass(frozen=True)
class User:
    """An account of this machine."""

    name: str
    owner: Owner
    home_folder: str

    @property
    def home(self) -> Path:
        """The user's home folder, which need not exist."""
        return Path(self.home_folder)


@dataclass(frozen=True)
class Found:
    """What is at a path, links not followed.

    `owner` is None where the host does not tell owners apart (a scratch folder of an ordinary user).
    """

    kind: Literal["file", "folder", "link", "other"]
    mode: int
    owner: Owner | None
    target: str = ""

    @classmethod
    def kind_of(cls, mode: int) -> Literal["file", "folder", "link", "other"]:
        """What a mode of `lstat` stands for."""
        if stat.S_ISREG(mode):
            return "file"
        if stat.S_ISDIR(mode):
            return "folder"
        return "link" if stat.S_ISLNK(mode) else "other"

    def belongs_to(self, owner: Owner) -> bool:
        """Whether this owner has it, as far as the host tells."""
        return self.owner is None or self.owner == owner
