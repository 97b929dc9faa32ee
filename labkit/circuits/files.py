"""Circuits in YAML files: a format small enough to write by hand, with the line of every mistake."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import yaml

from labkit import parts
from labkit.circuits.circuit import Circuit
from labkit.errors import CircuitError
from labkit.parts.base import Declared
from labkit.sim.catalogue import nearest
from labkit.sim.yamlfile import Nodes, YamlFile, read_yaml

__all__ = ["KINDS", "VERSION", "circuit_text", "read_circuit"]

VERSION = 1
TOP = ("version", "title", "parts")
KINDS: dict[str, type[Declared]] = {name: getattr(parts, name) for name in parts.__all__}
"""The part classes by their names, as `kind` has them."""


def read_circuit(path: Path) -> Circuit:
    """Read a circuit from a YAML file.

    Raises:
        CircuitError: What is wrong, in which line, and what there is.
    """
    return read_yaml(path, "circuit", CircuitError, _circuit)


def circuit_text(circuit: Circuit) -> str:
    """A circuit as YAML, without the settings that are as by default; reading it gives an equal one."""
    top: dict[str, Any] = {"version": VERSION}
    if circuit.title:
        top["title"] = circuit.title
    top["parts"] = {name: _written(part) for name, part in circuit.items()}
    text = yaml.safe_dump(top, sort_keys=False, default_flow_style=None, allow_unicode=True, width=120)
    return str(text)


def _circuit(file: YamlFile, root: Any) -> Circuit:
    if root is None:
        raise CircuitError(f"{file.path}: the circuit is empty; it has {', '.join(TOP)}.")
    top = file.mapping(root, f"a circuit is a mapping with {', '.join(TOP)}")
    file.check_known(top, TOP, "a circuit")
    _check_version(file, top)
    title = file.value(top["title"][1]) if "title" in top else ""
    if not isinstance(title, str):
        raise CircuitError(f'{file.place(top["title"][0])}: title: {title!r} is no text: put it in "quotes".')
    if "parts" not in top:
        raise CircuitError(f"{file.place(root)}: a circuit needs parts: names of parts, each with its kind and pins.")
    listed = file.mapping(top["parts"][1], "parts is a mapping of names to kinds and pins")
    found = {name: _part(file, name, key, value) for name, (key, value) in listed.items()}
    try:
        return Circuit(found, title)
    except CircuitError as error:
        key, value = listed[error.part]
        settings = file.mapping(value, "")
        place = file.place(settings[error.setting][0] if error.setting in settings else key)
        raise CircuitError(f"{place}: {error}") from None


def _check_version(file: YamlFile, top: Nodes) -> None:
    version = file.value(top["version"][1]) if "version" in top else VERSION
    if version != VERSION or isinstance(version, bool):
        raise CircuitError(f"{file.place(top['version'][0])}: version: this labkit reads {VERSION}, not {version!r}.")


def _part(file: YamlFile, name: str, key: Any, node: Any) -> Declared:
    given = file.mapping(node, f"the part {name} is a mapping with kind, pins and settings")
    if "kind" not in given:
        raise CircuitError(f"{file.place(key)}: {name}: kind is missing: write kind: Led, or another.")
    kind_key, kind_node = given.pop("kind")
    kind = str(file.value(kind_node))
    if kind not in KINDS:
        there = f"{nearest(kind, KINDS)}; there are {', '.join(KINDS)}"
        raise CircuitError(f"{file.place(kind_key)}: {name}: kind: there is no {kind!r}{there}.")
    takes = {one.name: one for one in fields(KINDS[kind])}
    file.check_known(given, takes, f"{name}: {kind}")
    needed = [one.name for one in takes.values() if one.default is MISSING and one.default_factory is MISSING]
    missing = [one for one in needed if one not in given]
    if missing:
        raise CircuitError(f"{file.place(key)}: {name}: {kind} needs {' and '.join(missing)}.")
    settings = {one: _setting(file, f"{name}: {one}", takes[one], nodes) for one, nodes in given.items()}
    try:
        return KINDS[kind](**settings)
    except CircuitError as error:
        raise CircuitError(f"{file.place(key)}: {name}: {error}") from None


def _setting(file: YamlFile, called: str, taken: Any, nodes: tuple[Any, Any]) -> Any:
    key, node = nodes
    if isinstance(node, yaml.MappingNode):
        file.mapping(node, "")  # a key that is there twice would win silently
    try:
        return taken.metadata["read"](file.value(node))
    except ValueError as error:
        raise CircuitError(f"{file.place(key)}: {called}: {error}.") from None


def _written(part: Declared) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(part).__name__}
    for one in fields(part):
        value = getattr(part, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if default is MISSING or value != one.metadata["read"](default):
            found[one.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """As one would write it: whole numbers without a point, lists for tuples."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
