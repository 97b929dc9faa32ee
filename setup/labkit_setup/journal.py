"""What set-up changed and what was there before, on disk: a file for each step, in the order they were made."""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from .errors import ConfigurationError
from .host import ROOT, Host, Owner
from .undo import Action, restored_content

__all__ = ["Entry", "Journal", "digest"]

_NAME = re.compile(r"(\d{4})\.json")


@dataclass(frozen=True)
class Entry:
    """One step's record.

    Attributes:
        number: Its place; what was made last is undone first.
        step: The step's name.
        undo: What takes the step back, from how things were before it was first made.
        wrote: For each file, the digests that labkit has written or was about to write.
    """

    number: int
    step: str
    undo: tuple[Action, ...]
    wrote: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The record's file name."""
        return f"{self.number:04d}.json"

    def with_wrote(self, wrote: dict[str, tuple[str, ...]]) -> "Entry":
        """The same, after other files were written."""
        return replace(self, wrote=wrote)

    def knows(self, path: Path, content: bytes) -> bool:
        """Whether a file's content is labkit's, or what was there before."""
        return digest(content) in self.wrote.get(str(path), ()) or content in (
            restored_content(action, path) for action in self.undo
        )

    def to_json(self) -> bytes:
        """As a file's content."""
        undo = [action.to_json() for action in self.undo]
        return json.dumps({"step": self.step, "undo": undo, "wrote": self.wrote}, indent=1).encode()


class Journal:
    """A folder of records, readable by its owner only, since what was there before may have been secret."""

    def __init__(self, host: Host, folder: Path, owner: Owner = ROOT) -> None:
        self._host = host
        self._owner = owner
        self.folder = folder

    @contextlib.contextmanager
    def alone(self) -> Iterator[int]:
        """Keep every other set-up of this machine out; makes the folder. Yields the lock's descriptor.

        Raises:
            ConfigurationError: Another one is at work.
        """
        self._host.make_folder(self.folder, 0o700, self._owner)
        with self._host.locked(self.folder, _refuse) as lock:
            for entry in self._host.entries(self.folder):
                # A record that a killed run was writing.
                if entry.name.startswith("."):
                    self._host.remove(entry)
            yield lock
            if not self._host.entries(self.folder):
                self._host.remove(self.folder)

    def entries(self) -> list[Entry]:
        """All records, oldest first.

        Raises:
            ConfigurationError: One can't be read as a record.
        """
        return [
            self._parse(path, int(match[1]))
            for path in self._host.entries(self.folder)
            if (match := _NAME.fullmatch(path.name))
        ]

    def find(self, step: str) -> Entry | None:
        """A step's record."""
        return next((entry for entry in self.entries() if entry.step == step), None)

    def begin(self, step: str, undo: tuple[Action, ...]) -> Entry:
        """A new record, on disk when this returns."""
        taken = [entry.number for entry in self.entries()]
        entry = Entry(max(taken, default=0) + 1, step, undo)
        self.store(entry)
        return entry

    def store(self, entry: Entry) -> None:
        """Write a record, whole or not at all."""
        self._host.write(self.folder / entry.name, entry.to_json(), 0o600, self._owner)

    def forget(self, entry: Entry) -> None:
        """Remove a record: the step was taken back."""
        self._host.remove(self.folder / entry.name)

    def _parse(self, path: Path, number: int) -> Entry:
        try:
            content = json.loads(self._host.read(path) or b"")
            undo = tuple(Action.of_json(value) for value in content["undo"])
            wrote = {str(name): tuple(map(str, digests)) for name, digests in content["wrote"].items()}
            return Entry(number, str(content["step"]), undo, wrote)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigurationError(
                f"{path} can't be read as a record of what was there before ({error}); "
                "bring it back from a backup, or undo that step by hand and remove the file."
            ) from error


def digest(content: bytes) -> str:
    """What a record keeps of a file's content."""
    return hashlib.sha256(content).hexdigest()


def _refuse() -> None:
    raise ConfigurationError("Another labkit-setup is at work on this machine; wait until it is done and start again.")
