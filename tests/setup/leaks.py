"""Looks for secrets where none may be: arguments and environments of all processes, what programs say, files."""

import os
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Watch", "in_files", "in_text", "marks_of", "watching"]


def marks_of(content: bytes) -> list[bytes]:
    """What would give a secret away: any long line of it.

    Of a key in PEM, which begins with what is secret and ends with what its certificate says as well, the first two.
    """
    if content.startswith(b"-----BEGIN"):
        return content.splitlines()[1:3]
    lines = [line.strip() for line in content.splitlines()] or [content]
    return [line for line in lines if len(line) >= 8]


def in_text(secrets: Mapping[str, bytes], text: bytes) -> list[str]:
    """The names of the secrets that a text holds."""
    return [name for name, content in secrets.items() if any(mark in text for mark in marks_of(content))]


def in_files(secrets: Mapping[str, bytes], folder: Path, group: int | None = None) -> dict[str, list[str]]:
    """The files with a secret in them that others may read, and which; `group` is one that may.

    Modes of the folders above do not count: what is secret has to be so by itself.
    """
    found = {}
    for path in folder.rglob("*"):
        at = path.lstat()
        if not stat.S_ISREG(at.st_mode):
            continue
        open_to = 0o007 if at.st_gid == group else 0o077
        if at.st_mode & open_to and (held := in_text(secrets, path.read_bytes())):
            found[str(path.relative_to(folder))] = held
    return found


@dataclass
class Watch:
    """Arguments and environments of every process that was seen."""

    seen: dict[tuple[int, bytes], bytes] = field(default_factory=dict)

    def look(self) -> None:
        """At what runs now."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
                if words and (int(folder.name), words) not in self.seen:
                    self.seen[int(folder.name), words] = (folder / "environ").read_bytes()
            except (OSError, ValueError):
                # It ended, or is another user's.
                continue

    def leaks(self, secrets: Mapping[str, bytes]) -> list[tuple[str, list[str]]]:
        """Each process with a secret in its arguments or its environment, and which."""
        own = os.getpid()
        both = ((number, words, words + environment) for (number, words), environment in self.seen.items())
        return [
            (words.replace(b"\0", b" ").decode(errors="replace")[:60], held)
            for number, words, text in both
            if number != own and (held := in_text(secrets, text))
        ]


@contextmanager
def watching() -> Iterator[Watch]:
    """Look again and again, as long as the block runs."""
    watch, done = Watch(), threading.Event()

    def again_and_again() -> None:
        while not done.wait(0.03):
            watch.look()

    thread = threading.Thread(target=again_and_again)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()
