"""Programs that are played: they do to a fake machine's files what the real ones do to a real one's.

Their state is in files of that machine, so that it outlives the process that played them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .files import Files
from .programs import NOT_THERE, Ran

__all__ = ["Program", "play"]

Program = Callable[[Files, list[str], bytes], Ran]


def play(programs: Mapping[str, Program], host: Files, command: Sequence[str | Path], stdin: bytes) -> Ran:
    """Run one of the played programs; one that is not among them is not there."""
    words = [str(word) for word in command]
    program = programs.get(words[0]) or programs.get(Path(words[0]).name)
    if program is None:
        return Ran(NOT_THERE, errors=f"{words[0]}: not found")
    return program(host, words[1:], stdin)
