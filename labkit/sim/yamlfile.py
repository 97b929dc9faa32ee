"""YAML files whose nodes know their lines, so that every mistake is told with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from labkit.errors import LabError
from labkit.sim.catalogue import nearest

__all__ = ["Nodes", "YamlFile", "parse_yaml", "read_yaml"]

Read = TypeVar("Read")
Nodes = dict[str, tuple[Any, Any]]
"""The key's and the value's node, by key."""


def read_yaml(path: Path, what: str, error: type[LabError], read: Callable[[YamlFile, Any], Read]) -> Read:
    """Read a file through its nodes.

    Args:
        path: The file.
        what: What it is, for messages: "scenario".
        error: What is raised for anything that is wrong.
        read: Takes the file and its root node, None where it is empty.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise error(f"{path}: can't read the {what}: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise error(f"{path}: this is no text in UTF-8.") from None
    return parse_yaml(text, path, what, error, read)


def parse_yaml(text: str, path: Path, what: str, error: type[LabError], read: Callable[[YamlFile, Any], Read]) -> Read:
    """Read a text through its nodes; the path says where it stands, and the rest is as in `read_yaml`."""
    try:
        file = YamlFile(path, yaml.SafeLoader(text), error)
        return read(file, file.root())
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise error(f"{path}{line}: this is no YAML: {problem.problem or problem.context}.") from None
    except yaml.YAMLError as problem:
        raise error(f"{path}: this is no YAML: {problem}.") from None
    except RecursionError:
        raise error(f"{path}: this is nested too deeply for a {what}.") from None


class YamlFile:
    """One file's nodes on the way to what they mean."""

    def __init__(self, path: Path, loader: Any, error: type[LabError]) -> None:
        self.path = path
        self.error = error
        self._loader = loader

    def root(self) -> Any:
        """The node of the whole file."""
        return self._loader.get_single_node()

    def place(self, node: Any) -> str:
        """Where a node stands, for people."""
        return f"{self.path}, line {node.start_mark.line + 1}"

    def mapping(self, node: Any, meant: str) -> Nodes:
        """Key and value nodes by key; a key that is there twice is an error, in YAML it would win silently."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error(f"{self.place(node)}: {meant}.")
        self._loader.flatten_mapping(node)
        found: Nodes = {}
        for key, value in node.value:
            name = str(self._loader.construct_object(key, deep=True))
            if name in found:
                raise self.error(f"{self.place(key)}: {name!r} is there twice.")
            found[name] = key, value
        return found

    def value(self, node: Any) -> Any:
        """A node's plain value."""
        return self._loader.construct_object(node, deep=True)

    def plain(self, nodes: Nodes) -> dict[str, Any]:
        """Plain values by key."""
        return {name: self.value(value) for name, (_, value) in nodes.items()}

    def check_known(self, nodes: Mapping[str, tuple[Any, Any]], known: Iterable[str], owner: str) -> None:
        """Refuse keys that are none of these."""
        there = tuple(known)
        for name, (key, _) in nodes.items():
            if name not in there:
                hint = nearest(name, there)
                raise self.error(f"{self.place(key)}: {owner} has no {name!r}{hint}; it has {', '.join(there)}.")
