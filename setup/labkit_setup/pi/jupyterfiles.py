"""What an old Jupyter configuration file sets, read without running a line of it."""

import ast
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..host import Host

__all__ = ["COMPUTED", "OldFile", "Setting", "candidates", "read"]

_FOLDERS = ("/etc/jupyter", "/usr/local/etc/jupyter")
# In Jupyter's own order: what comes later wins.
_NAMES = tuple(
    f"jupyter_{program}_config.{kind}" for program in ("notebook", "server", "lab") for kind in ("py", "json")
)
_LARGEST = 1_000_000
_GIVE = "mend that, or give what you need of it as options of `apply`"


class _Computed:
    """Stands for a value that only running the file would tell."""

    def __repr__(self) -> str:
        return "computed"


COMPUTED = _Computed()


@dataclass(frozen=True)
class Setting:
    """One setting as a file has it.

    Attributes:
        path: The file.
        line: Where in it; 0 in JSON.
        section: The class that it is for, such as `NotebookApp`.
        name: The setting, such as `port`.
        value: A literal, or `COMPUTED`. May be a secret: it is for looking at, not for showing.
    """

    path: Path
    line: int
    section: str
    name: str
    value: Any


@dataclass(frozen=True)
class OldFile:
    """All that is in a file.

    Attributes:
        path: The file.
        settings: In the order of the file; the last of the same name counts.
        code: The lines that do something else with the configuration than set a literal.
    """

    path: Path
    settings: tuple[Setting, ...]
    code: tuple[int, ...] = ()


def candidates(host: Host, home: Path) -> list[Path]:
    """The files of this user and this machine that Jupyter would look at; those that win come last."""
    folders = (*map(Path, _FOLDERS), home / ".jupyter")
    return [folder / name for folder in folders for name in _NAMES if host.look(folder / name)]


def read(host: Host, path: Path) -> OldFile:
    """What a file sets; by its name it is JSON, or else Python.

    Raises:
        ConfigurationError: It is not there, no file, or holds something else.
    """
    found = host.look(path)
    if found is None:
        raise ConfigurationError(f"{path} is not there; give the file that has the old settings.")
    if found.kind not in ("file", "link"):
        raise ConfigurationError(f"{path} is no file; give the file that has the old settings.")
    content = host.read(path) or b""
    if len(content) > _LARGEST:
        raise ConfigurationError(f"{path} is larger than any Jupyter configuration; give the right file.")
    return _json(path, content) if path.suffix == ".json" else _python(path, content)


def _json(path: Path, content: bytes) -> OldFile:
    try:
        found = json.loads(content)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{path} can't be read as JSON ({error.msg} in line {error.lineno}); {_GIVE}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} can't be read as JSON; {_GIVE}.") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} holds no settings, which would be a JSON object; {_GIVE}.")
    settings = [
        Setting(path, 0, section, name, value)
        for section, values in found.items()
        if isinstance(values, dict)
        for name, value in values.items()
    ]
    return OldFile(path, tuple(settings))


def _python(path: Path, content: bytes) -> OldFile:
    try:
        with warnings.catch_warnings():
            # Such as of a `\d` in a string, with the line that it is in.
            warnings.simplefilter("ignore")
            statements = ast.parse(content).body
            reader = _Reader(path, _roots(statements))
            settings = [setting for statement in statements for setting in reader.settings(statement)]
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno else ""
        raise ConfigurationError(f"{path} can't be read as Python 3{where}; {_GIVE}.") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ConfigurationError(f"{path} can't be read as Python 3; {_GIVE}.") from error
    return OldFile(path, tuple(settings), tuple(reader.code))


def _roots(statements: list[ast.stmt]) -> frozenset[str]:
    """The names that the configuration goes by: `c`, and what `get_config()` was assigned to."""
    assigned = [
        target.id
        for statement in statements
        if isinstance(statement, ast.Assign) and _is_get_config(statement.value)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]
    return frozenset(("c", *assigned))


def _is_get_config(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_config"


class _Reader:
    """Goes through the statements of one file. What it does not understand, it puts down as code."""

    def __init__(self, path: Path, roots: frozenset[str]) -> None:
        self._path = path
        self._roots = roots
        self.code: list[int] = []

    def settings(self, statement: ast.stmt) -> Iterator[Setting]:
        match statement:
            case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
                # By itself it sets nothing.
                return
            case ast.Assign(targets=targets, value=value) if all(map(self._place, targets)):
                for target in targets:
                    yield from self._assigned(self._place(target), value, statement.lineno)
            case ast.AnnAssign(target=target, value=ast.expr() as value) if self._place(target):
                yield from self._assigned(self._place(target), value, statement.lineno)
            case ast.AugAssign(target=target) if len(place := self._place(target)) > 1:
                yield Setting(self._path, statement.lineno, place[0], place[1], COMPUTED)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=verb)) as call) if self._place(owner):
                yield from self._called(self._place(owner), verb, call)
            case ast.Assign(value=value) if _is_get_config(value):
                return
            case _ if self._concerns(statement):
                self.code.append(statement.lineno)

    def _place(self, node: ast.expr) -> tuple[str, ...]:
        """`c.NotebookApp.port` or `c["NotebookApp"]["port"]` as ("NotebookApp", "port"); empty for anything else."""
        parts: list[str] = []
        while True:
            match node:
                case ast.Attribute(value=inner, attr=name):
                    parts.append(name)
                case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))):
                    parts.append(name)
                case ast.Name(id=name) if name in self._roots:
                    return tuple(reversed(parts))
                case _:
                    return ()
            node = inner

    def _assigned(self, place: tuple[str, ...], value: ast.expr, line: int) -> Iterator[Setting]:
        if len(place) == 1:
            yield from self._section(place[0], _literal(value), line)
        else:
            # Of a part of a setting, such as one header, the rest is not known.
            yield Setting(self._path, line, place[0], place[1], _literal(value) if len(place) == 2 else COMPUTED)

    def _called(self, place: tuple[str, ...], verb: str, call: ast.Call) -> Iterator[Setting]:
        if len(place) > 1:
            yield Setting(self._path, call.lineno, place[0], place[1], COMPUTED)
        elif verb == "update" and len(call.args) <= 1 and all(keyword.arg for keyword in call.keywords):
            named = {str(keyword.arg): _literal(keyword.value) for keyword in call.keywords}
            given = _literal(call.args[0]) if call.args else {}
            yield from self._section(
                place[0], given if isinstance(given, _Computed) else {**given, **named}, call.lineno
            )
        else:
            self.code.append(call.lineno)

    def _section(self, section: str, values: Any, line: int) -> Iterator[Setting]:
        if isinstance(values, dict):
            for name, value in values.items():
                yield Setting(self._path, line, section, str(name), value)
        else:
            self.code.append(line)

    def _concerns(self, statement: ast.stmt) -> bool:
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        return bool(names & {*self._roots, "get_config", "load_subconfig", "exec", "eval"})


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return COMPUTED
