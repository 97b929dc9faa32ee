"""Programs that are played: they do to a fake machine's files what the real ones do to a real one's.

Their state is in files of that machine, so that it outlives the process that played them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import Host
from .programs import NOT_THERE, Ran
from .values import User

__all__ = ["Played", "Program"]

# Host, arguments, what it reads; a program that is not listed is not there.
Program = Callable[[Any, list[str], bytes], Ran]


class Played(Host):
    """A host whose programs are played, and whose users and groups are those of its own /etc.

    Attributes:
        programs: What can be run, by name.
        commands: What was run, oldest first.
        at_work: Whether one of the machine's own programs is being played right now.
    """

    at_work = False

    programs: dict[str, Program]
    commands: list[list[str]]

    @property
    def platform(self) -> str:
        return "linux"

    @property
    def name(self) -> str:
        return (self.read(Path("/etc/hostname")) or b"localhost").decode().strip()

    def group_of(self, number: int) -> str:
        lines = [line.split(":") for line in (self.read(Path("/etc/group")) or b"").decode().splitlines()]
        return next((words[0] for words in lines if words[2] == str(number)), str(number))

    def groups(self) -> dict[str, frozenset[str]]:
        lines = [line.split(":") for line in (self.read(Path("/etc/group")) or b"").decode().splitlines()]
        return {words[0]: frozenset(filter(None, words[3].split(","))) for words in lines}

    def run(
        self, command: Sequence[str | Path], stdin: bytes = b"", user: str | None = None, seconds: float = 600.0
    ) -> Ran:
        words = [str(word) for word in command]
        self.commands.append(words)
        program = self.programs.get(Path(words[0]).name)
        if program is None:
            return Ran(NOT_THERE, errors=f"{words[0]}: not found")
        # Python builds the environment file by file, for minutes: a kill may well find it in the middle.
        Played.at_work = not Path(words[0]).name.startswith("python")
        try:
            return program(self, words[1:], stdin)
        finally:
            Played.at_work = False

    def succeeds(self, command: Sequence[str | Path]) -> bool:
        return self.run(command).ok

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
        ran = self.run(command)
        # A shell's `>>`: no temporary file that a kill could leave.
        Played.at_work = True
        self.write(log, (self.read(log) or b"") + ran.output.encode() + ran.errors.encode(), 0o644)
        Played.at_work = False
        for line in (ran.output + ran.errors).splitlines():
            on_line(line)
        on_tick()
        return ran.status

    def make_tree(self, path: Path, files: Mapping[str, bytes], user: User) -> None:
        temporary = self.half_made(path)
        self.remove(temporary)
        self.make_folder(temporary, 0o755, user.owner)
        for name, content in files.items():
            self.write(temporary / name, content, 0o644, user.owner)
        self.rename(temporary, path)
