"""Errors a user of labkit can meet; each is also the builtin that a caller would expect."""

import os
import sysconfig
import traceback

__all__ = ["BadPinFactory", "BenchClosed", "LabError", "UnknownBench"]


class LabError(Exception):
    """The base of every error that labkit raises on purpose.

    In a notebook it shows the user's own line and one message, without the frames of the libraries
    in between: the message says what, where and what now.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython's protocol for an exception that draws itself.
        lines = [f"{type(self).__name__}: {self}"]
        frames = traceback.extract_tb(self.__traceback__)
        own = [frame for frame in frames if not _is_library(frame.filename)]
        if own:
            line = own[-1].line or ""
            lines.insert(0, f"----> {own[-1].lineno} {line}")
        return lines


class UnknownBench(LabError, ValueError):
    """A bench of that kind does not exist."""


class BadPinFactory(LabError, RuntimeError):
    """The pin factory that was asked for can't be loaded or can't reach its pins."""


class BenchClosed(LabError, RuntimeError):
    """The bench was closed or replaced by another one."""


_LIBRARIES = tuple(
    os.path.realpath(path)
    for path in (os.path.dirname(__file__), *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))
)


def _is_library(filename: str) -> bool:
    return filename.startswith("<frozen") or os.path.realpath(filename).startswith(_LIBRARIES)
