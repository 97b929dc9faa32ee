"""The vocabulary of scenarios: what can happen to a part or a pin. Python methods and YAML keys both come from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from labkit.errors import ScenarioError
from labkit.sim.catalogue import nearest
from labkit.sim.net import VDD
from labkit.sim.part import Part
from labkit.sim.quantities import nanoseconds, quantity, seconds
from labkit.sim.stage import ENVIRONMENT, SOURCE_OHMS, Stage, Target, pin_number
from labkit.sim.waveforms import Ramp, Waveform

__all__ = ["VERBS", "Verb", "check_arguments", "check_quantities"]

Arguments = dict[str, Any]
Do = Callable[[Stage, Target, Arguments, Random], None]


@dataclass(frozen=True)
class Verb:
    """One thing that can happen.

    Attributes:
        do: Makes it happen, now.
        takes: Its arguments: each is read by a function that raises ValueError.
        needs: The arguments that it can't do without.
        method: The method that a part must have for it.
        quantities: It takes any quantity of the part as an argument.
    """

    do: Do
    takes: Mapping[str, Callable[[Any], Any]]
    needs: tuple[str, ...] = ()
    method: str | None = None
    quantities: bool = False


def check_arguments(verb: str, target: Target, given: Mapping[str, Any], family: Sequence[type[Part]]) -> Arguments:
    """Read the arguments of a verb as far as that is possible before it happens.

    Args:
        verb: One of `VERBS`.
        target: A pin or a part.
        given: The arguments as they were written.
        family: The classes that the target may be of; none where that is not known yet.

    Raises:
        ScenarioError: One is unknown, missing or of the wrong type; or the target can't do that. The message
            says what there is.
    """
    rule = VERBS[verb]
    if isinstance(target, bool) or not isinstance(target, int | str):
        raise ScenarioError(f"{verb} needs a pin or a part, not {target!r}")
    read: Arguments = {}
    for name, value in given.items():
        if name in rule.takes:
            read[name] = _read(name, value, rule.takes[name])
        elif not rule.quantities:
            there = ", ".join(rule.takes) or "no arguments"
            raise ScenarioError(f"{verb} has no {name!r}{nearest(name, rule.takes)}; it has {there}")
    missing = [name for name in rule.needs if name not in read]
    if missing:
        raise ScenarioError(f"{verb} needs {' and '.join(missing)}")
    pin_number(target)
    if family and rule.method is not None and not any(hasattr(kind, rule.method) for kind in family):
        raise ScenarioError(f"{target} can't {verb}: it is a {family[0].__name__}")
    if rule.quantities:
        read |= _quantities(target, {name: value for name, value in given.items() if name not in read}, family)
    return read


def _quantities(target: Target, given: Mapping[str, Any], family: Sequence[type[Part]]) -> Arguments:
    if not given:
        raise ScenarioError("set needs a quantity and its value")
    if target == "environment":
        check_quantities(target, given, ENVIRONMENT)
    elif family:
        units: dict[str, str] = {}
        for kind in family:
            units |= kind.settable
        check_quantities(str(target), given, units)
    return dict(given)


def check_quantities(owner: str, given: Mapping[str, Any], units: Mapping[str, str]) -> None:
    """Refuse quantities that a part does not have, and units that they are not in."""
    for name, value in given.items():
        if name not in units:
            there = ", ".join(units) or "nothing to set"
            raise ScenarioError(f"{owner} has no {name!r}{nearest(name, units)}; it has {there}")
        if not isinstance(value, Waveform):
            _read(name, value, partial(quantity, unit=units[name]))


def _read(name: str, value: Any, parse: Callable[[Any], Any]) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise ScenarioError(f"{name}: {error}") from None


# ---- how arguments are read


def maybe_time(value: Any) -> float | None:
    return None if value is None else seconds(value)


def whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    return value


def anything(value: Any) -> Any:
    return value


def volts_or_wave(value: Any) -> Any:
    value = value if isinstance(value, Waveform) else quantity(value, "V")
    if isinstance(value, bool) or not isinstance(value, int | float | Waveform):
        raise ValueError(f"{value!r} is no voltage")
    return value


def level(value: Any) -> Any:
    if value is None or isinstance(value, Waveform) or (isinstance(value, int | float) and 0 <= value <= 1):
        return value
    raise ValueError(f"{value!r} is no level: write 1, 0, or null to let go")


# ---- what happens


def press(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    part: Any = stage.part(target, can="press")
    part.press(**given)


def call(method: str) -> Do:
    def do(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
        getattr(stage.part(target, can=method), method)(**given)

    return do


def move(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    """Something moves in front of a motion sensor; or the part's first quantity glides `to` a value."""
    if "to" not in given:
        call("move")(stage, target, given, random)
        return
    part = stage.part(target)
    if not part.settable:
        raise ScenarioError(f"{part.name} has nothing that could be moved")
    name = next(iter(part.settable))
    glide = Ramp(given["to"], given.get("seconds") or 0.0)
    stage.set(part.name, name, glide, random, None)


def set_(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    given = dict(given)
    length = given.pop("seconds", None)
    for name, value in given.items():
        stage.set(target, name, value, random, length)


def rotate(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    part: Any = stage.part(target, can="rotate")
    part.rotate(given["steps"], **{name: value for name, value in given.items() if name != "steps"})


def disconnect(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    stage.board.disconnect(stage.part(target))


def connect(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    stage.board.reconnect(stage.part(target))


def short(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    """A wire where none should be; to another pin it stays."""
    gpio, to, length = stage.gpio(target), given.get("to", "ground"), given.get("seconds")
    if to not in RAILS:
        if length is not None:
            raise ScenarioError("a wire between two pins stays: leave out seconds")
        stage.board.join(gpio, stage.gpio(to))
        return
    wire = stage.board.short(gpio, RAILS[to])
    if length is not None:
        stage.board.clock.call_later(nanoseconds(length), lambda: stage.board.mend(wire))


RAILS = {"ground": 0.0, "supply": VDD}


def drive(stage: Stage, target: Target, given: Arguments, random: Random) -> None:
    """Hold a pin's net at a voltage from outside, or at a level; `level=None` lets go."""
    if ("volts" in given) == ("level" in given):
        raise ScenarioError("drive needs volts or level, and not both")
    leg = stage.source(stage.gpio(target), "the scenario")
    scale = 1.0 if "volts" in given else VDD
    value = given.get("volts", given.get("level"))
    if isinstance(value, Waveform):
        stage.play(leg, "volts", value, random, lambda now: leg.drive(now * scale, SOURCE_OHMS))
        return
    stage.stop(leg, "volts")
    if value is None:
        leg.release()
    else:
        leg.drive(value * scale, SOURCE_OHMS)


VERBS: dict[str, Verb] = {
    "press": Verb(press, {"seconds": maybe_time, "bounces": whole, "within": seconds}, method="press"),
    "release": Verb(call("release"), {}, method="release"),
    "flip": Verb(call("flip"), {}, method="flip"),
    "move": Verb(move, {"seconds": seconds, "to": anything}),
    "rotate": Verb(rotate, {"steps": whole, "seconds": seconds}, needs=("steps",), method="rotate"),
    "set": Verb(set_, {"seconds": maybe_time}, quantities=True),
    "disconnect": Verb(disconnect, {}),
    "connect": Verb(connect, {}),
    "short": Verb(short, {"to": anything, "seconds": seconds}),
    "drive": Verb(drive, {"volts": volts_or_wave, "level": level}),
}
"""What does something; beside these there are `replay`, which drives, and `expect`, which looks."""
