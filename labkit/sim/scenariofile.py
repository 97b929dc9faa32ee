"""Scenarios from YAML files, with the line of every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import yaml

from labkit.errors import LabError, ScenarioError
from labkit.sim import waveforms
from labkit.sim.catalogue import nearest
from labkit.sim.scenario import Scenario
from labkit.sim.verbs import VERBS
from labkit.sim.waveforms import Sum, Waveform
from labkit.sim.yamlfile import YamlFile, parse_yaml, read_yaml

__all__ = ["WAVEFORMS", "parse_scenario", "read_scenario"]

WAVEFORMS: dict[str, type[Waveform]] = {
    "sine": waveforms.Sine,
    "ramp": waveforms.Ramp,
    "steps": waveforms.Steps,
    "random_walk": waveforms.RandomWalk,
    "noise": waveforms.Noise,
    "replay": waveforms.Replay,
}
TOP = ("parts", "environment", "events")
WHEN = ("at", "after", "every", "times", "until")
DOES = (*VERBS, "replay", "expect")


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a YAML file.

    Raises:
        ScenarioError: What is wrong, in which line, and what there is.
    """
    return read_yaml(path, "scenario", ScenarioError, lambda file, root: _Reader(file).scenario(root))


def parse_scenario(text: str, path: Path) -> Scenario:
    """Read a scenario from YAML; the path says where it stands, and where files that it names are looked for.

    Raises:
        ScenarioError: What is wrong, in which line, and what there is.
    """
    return parse_yaml(text, path, "scenario", ScenarioError, lambda file, root: _Reader(file).scenario(root))


class _Reader:
    """One file's nodes, which know their lines, on the way to a `Scenario`."""

    def __init__(self, file: YamlFile) -> None:
        self._file = file

    def scenario(self, root: Any) -> Scenario:
        scenario = Scenario()
        if root is None:
            raise ScenarioError(f"{self._file.path}: the scenario is empty; it has {', '.join(TOP)}.")
        top = self._file.mapping(root, f"a scenario is a mapping with {', '.join(TOP)}")
        self._file.check_known(top, TOP, "a scenario")
        for read in TOP:
            if read in top:
                getattr(self, f"_{read}")(scenario, top[read][1])
        return scenario

    # ---- the three sections

    def _parts(self, scenario: Scenario, node: Any) -> None:
        for name, (key, part) in self._file.mapping(node, "parts is a mapping of names to kinds and pins").items():
            given = self._file.plain(
                self._file.mapping(part, f"the part {name} is a mapping with kind, pins and parameters")
            )
            if "kind" not in given:
                raise ScenarioError(f"{self._file.place(key)}: the part {name} needs a kind, such as PushButton.")
            with scenario.reading(self._file.place(key)):
                scenario.add_part(str(given.pop("kind")), name, given)

    def _environment(self, scenario: Scenario, node: Any) -> None:
        given = self._file.plain(self._file.mapping(node, "environment is a mapping with temperature and lux"))
        with scenario.reading(self._file.place(node)):
            scenario.environment(**given)

    def _events(self, scenario: Scenario, node: Any) -> None:
        if not isinstance(node, yaml.SequenceNode):
            raise ScenarioError(f"{self._file.place(node)}: events is a list: each entry begins with a dash.")
        for one in node.value:
            with scenario.reading(self._file.place(one)):
                self._event(scenario, one)

    def _event(self, scenario: Scenario, node: Any) -> None:
        place = self._file.place(node)
        entry = self._file.mapping(node, "an event is a mapping: {at: 1 s, press: 2}")
        verbs = [key for key in entry if key in DOES]
        if len(verbs) != 1:
            what = f"{' and '.join(verbs)} at once: make two events" if verbs else self._no_verb(entry)
            raise ScenarioError(f"{place}: {what}.")
        values = self._file.plain(entry)
        verb, target = verbs[0], values.pop(verbs[0])
        when = {key: values.pop(key) for key in WHEN if key in values}
        if verb == "expect":
            within, during = values.pop("within", None), values.pop("during", None)
            if "every" in when:
                raise ScenarioError(f"{place}: expect looks once: every belongs to what happens.")
            self._time(scenario, when, place, needed=within is None and during is None)
            scenario.look_for(target, within, during, values)
            return
        self._time(scenario, when, place, needed=True)
        if verb == "replay":
            verb, values = "drive", {"level": {"replay": values}}
        scenario.do(verb, target, {name: self._waves(value, place) for name, value in values.items()})

    def _time(self, scenario: Scenario, when: Mapping[str, Any], place: str, *, needed: bool) -> None:
        if ("at" in when) + ("after" in when) != 1 and (needed or len(when) > 1):
            raise ScenarioError(f"{place}: say when, with at or after.")
        if "every" not in when and ("times" in when or "until" in when):
            raise ScenarioError(f"{place}: times and until belong to every.")
        if "at" in when:
            scenario.at(when["at"])
        if "after" in when:
            scenario.after(when["after"])
        if "every" in when:
            scenario.every(when["every"], times=when.get("times"), until=when.get("until"))

    def _no_verb(self, entry: Mapping[str, Any]) -> str:
        strange = [key for key in entry if key not in WHEN]
        hint = nearest(strange[0], DOES) if strange else ""
        return f"nothing happens here{hint}; an event has one of {', '.join(DOES)}"

    def _waves(self, value: Any, place: str) -> Any:
        """Mappings of waveforms' names become waveforms; several are added up."""
        if not isinstance(value, dict):
            return value
        found = [self._wave(str(name), settings, place) for name, settings in value.items()]
        if not found:
            raise ScenarioError(f"{place}: a value, or a waveform: {', '.join(WAVEFORMS)}.")
        return found[0] if len(found) == 1 else Sum(tuple(found))

    def _wave(self, name: str, settings: Any, place: str) -> Waveform:
        kind = WAVEFORMS.get(name)
        if kind is None:
            there = ", ".join(WAVEFORMS)
            raise ScenarioError(f"{place}: there is no waveform {name!r}{nearest(name, WAVEFORMS)}; there are {there}.")
        takes = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
        given = dict(settings) if isinstance(settings, dict) else {next(iter(takes)): settings}
        for key in given:
            if key not in takes:
                raise ScenarioError(
                    f"{place}: {name} has no {key!r}{nearest(str(key), takes)}; it has {', '.join(takes)}."
                )
        missing = [key for key, field in takes.items() if field.default is MISSING and key not in given]
        if missing:
            raise ScenarioError(f"{place}: {name} needs {' and '.join(missing)}.")
        if "file" in given:
            given["file"] = self._file.path.parent / str(given["file"])
        try:
            return kind(**given)
        except (LabError, ValueError, TypeError) as error:
            raise ScenarioError(f"{place}: {name}: {error}") from None
