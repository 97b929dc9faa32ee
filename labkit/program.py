"""A Python file as a program: run as `__main__`, unmodified, as `python FILE` would run it."""

from __future__ import annotations

import atexit
import builtins
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from labkit.errors import LabError, NoProgram

__all__ = ["Program", "exit_status", "report"]

Handler = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]


class Program:
    """A compiled file with its arguments; made once, run once.

    Args:
        path: As the user wrote it: it is the program's `sys.argv[0]` and `__file__`.
        arguments: The rest of `sys.argv`.

    Raises:
        NoProgram: There is no such file, or it is no Python; the message says what and where.
    """

    def __init__(self, path: str, arguments: Sequence[str] = ()) -> None:
        self.path = path
        self.arguments = list(arguments)
        self._code = _compiled(path)
        self._handlers: list[Handler] = []
        self.module = ModuleType("__main__")
        vars(self.module).update(
            __file__=path, __builtins__=builtins, __loader__=SourceFileLoader("__main__", path), __cached__=None
        )

    def run(self) -> None:
        """From its first line to its last; what it raises comes out."""
        exec(self._code, vars(self.module))  # noqa: S102 - running it is what the user asked for

    def run_exit_handlers(self) -> None:
        """What it registered with `atexit`, newest first; one that fails is reported, and does not stop the others."""
        while self._handlers:
            function, arguments, keywords = self._handlers.pop()
            try:
                function(*arguments, **keywords)
            except Exception as error:  # noqa: BLE001 - as Python does at exit
                report(error)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """`sys.argv`, `sys.path`, `__main__` and `atexit` are the program's inside, and as before afterwards."""
        before = sys.argv, sys.path[:], sys.modules["__main__"], atexit.register, atexit.unregister
        sys.argv = [self.path, *self.arguments]
        sys.path[0] = str(Path(self.path).resolve().parent)
        sys.modules["__main__"] = self.module
        atexit.register, atexit.unregister = self._register, self._unregister  # type: ignore[assignment]
        try:
            yield
        finally:
            sys.argv, sys.path[:], sys.modules["__main__"], atexit.register, atexit.unregister = before

    def _register(self, function: Callable[..., object], /, *arguments: Any, **keywords: Any) -> Callable[..., object]:
        self._handlers.append((function, arguments, keywords))
        return function

    def _unregister(self, function: Callable[..., object]) -> None:
        self._handlers = [handler for handler in self._handlers if handler[0] != function]


def _compiled(path: str) -> CodeType:
    file = Path(path)
    if file.is_dir():
        raise NoProgram(f"{path} is a folder: name the program in it.")
    try:
        code: CodeType = compile(file.read_bytes(), path, "exec", dont_inherit=True)
    except OSError as error:
        raise NoProgram(f"{path}: can't read the program: {error.strerror}.") from None
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise NoProgram(f"{path}{line}: {error.msg}: this is no valid Python.") from None
    except ValueError as error:
        raise NoProgram(f"{path}: this is no valid Python: {error}.") from None
    return code


def exit_status(exit: SystemExit) -> int:
    """What the shell sees of `sys.exit(...)`; text goes to stderr and counts as 1."""
    if exit.code is None:
        return 0
    if isinstance(exit.code, int):
        return exit.code & 0xFF
    print(exit.code, file=sys.stderr)
    return 1


def report(error: BaseException) -> None:
    """Show an uncaught error as Python does, from the program's own first line on."""
    shown = _without_labkit(error.__traceback__)
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, shown)
        return
    told = traceback.TracebackException(type(error), error, shown)
    if isinstance(error, LabError):
        # The message says it all: the way through the libraries to the place that noticed says nothing.
        own = [frame for frame in told.stack if "/labkit/" not in frame.filename and "/gpiozero/" not in frame.filename]
        told.stack = traceback.StackSummary.from_list(own)
    print("".join(told.format()), end="", file=sys.stderr)


def _without_labkit(shown: TracebackType | None) -> TracebackType | None:
    while shown is not None and shown.tb_frame.f_globals.get("__name__", "").startswith("labkit."):
        shown = shown.tb_next
    return shown
