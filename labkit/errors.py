"""Errors a user of labkit can meet; each is also the builtin that a caller would expect."""

__all__ = [
    "BadPinFactory",
    "BenchClosed",
    "BoardOvercurrent",
    "ElectricalFault",
    "FloatingInput",
    "LabError",
    "MissingResistor",
    "NetOscillates",
    "NoSuchPin",
    "Overvoltage",
    "PartNotWired",
    "PinOvercurrent",
    "ShortCircuit",
    "UnknownBench",
]


class LabError(Exception):
    """The base of every error that labkit raises on purpose."""


class UnknownBench(LabError, ValueError):
    """A bench of that kind does not exist."""


class BadPinFactory(LabError, RuntimeError):
    """The pin factory that was asked for can't be loaded or can't reach its pins."""


class NoSuchPin(LabError, LookupError):
    """The board has no such pin, or nothing is wired to it."""


class BenchClosed(LabError, RuntimeError):
    """The bench was closed or replaced by another one."""


class PartNotWired(LabError, RuntimeError):
    """The part is on no board yet, so it can't act; see `Board.add`."""


class NetOscillates(LabError, RuntimeError):
    """Parts without delay drive each other for ever, like an inverter fed back to itself."""


class ElectricalFault(LabError, UserWarning):
    """Something a real board would suffer from: a warning by default, an error on a strict board."""


class ShortCircuit(ElectricalFault):
    """Two strong drivers disagree about one net: two outputs, or an output and a supply."""


class MissingResistor(ElectricalFault):
    """An LED conducts with nothing to limit its current."""


class PinOvercurrent(ElectricalFault):
    """One pin carries more than its 16 mA."""


class BoardOvercurrent(ElectricalFault):
    """All pins together source more than 50 mA."""


class Overvoltage(ElectricalFault):
    """More than 3.3 V on a pin that tolerates no more."""


class FloatingInput(ElectricalFault):
    """An input was read that nothing drives and nothing pulls."""
