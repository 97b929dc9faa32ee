"""Errors a user of labkit can meet; each is also the builtin that a caller would expect."""

import os
import sysconfig
import traceback

__all__ = [
    "BadPinFactory",
    "BadRate",
    "BadRunFile",
    "BadTraceFile",
    "BenchClosed",
    "BoardOvercurrent",
    "CheckFailed",
    "CircuitError",
    "DiskFull",
    "ElectricalFault",
    "FloatingInput",
    "FolderInUse",
    "GuardGone",
    "LabError",
    "MissingResistor",
    "NetOscillates",
    "NoProgram",
    "NoSuchPin",
    "NotInstalled",
    "NothingToHandOut",
    "Overvoltage",
    "PageGone",
    "PartNotWired",
    "PinDrives",
    "PinOvercurrent",
    "RealPins",
    "RecordingFailed",
    "ScenarioError",
    "ShortCircuit",
    "StopIncomplete",
    "Stopped",
    "UnknownBench",
    "UnsafeCircuit",
    "UnsafeFolder",
]


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


class BadRate(LabError, ValueError):
    """Nothing can be sampled at that rate."""


class RealPins(LabError, RuntimeError):
    """Something that only simulated pins have was asked of real ones."""


class BenchClosed(LabError, RuntimeError):
    """The bench was closed or replaced by another one."""


class Stopped(LabError, RuntimeError):
    """The bench was stopped, and nothing on it switches until `bench.resume()`."""


class PageGone(LabError, RuntimeError):
    """The page that drove the device was gone; what it sent before it came back drives nothing."""


class StopIncomplete(LabError, RuntimeError):
    """The bench was stopped and is latched, but some output could not be switched off."""


class GuardGone(LabError, RuntimeError):
    """The process that would switch outputs off, if the kernel were killed, can't be kept alive."""


class UnsafeFolder(LabError, PermissionError):
    """A folder or file that only this user may write could be written by others."""


class NoProgram(LabError, ValueError):
    """There is no Python program in that file."""


class CheckFailed(LabError, AssertionError):
    """A lesson's check did not hold, where a program grades it."""


class FolderInUse(LabError, FileExistsError):
    """Something is in that folder already."""


class NothingToHandOut(LabError, ValueError):
    """There are no lessons to hand out, or no place to put them."""


class BadTraceFile(LabError, ValueError):
    """A trace can't be written to that file, or read from it."""


class BadRunFile(LabError, ValueError):
    """That file is no recording, or none can be written there."""


class RecordingFailed(LabError, RuntimeError):
    """A recording ended before it was stopped; what it had written is in its file."""


class DiskFull(RecordingFailed, OSError):
    """There is no room for what is recorded."""


class ScenarioError(LabError, ValueError):
    """A scenario asks for something that does not exist; the message says where it does, and what there is."""


class CircuitError(LabError, ValueError):
    """A circuit asks for something that does not exist; the message says where it does, and what there is.

    Attributes:
        part: The name of the part that it is about; empty where it is none in particular.
        setting: The setting of that part; empty where it is none in particular.
    """

    def __init__(self, message: str, *, part: str = "", setting: str = "") -> None:
        super().__init__(message)
        self.part = part
        self.setting = setting


class NotInstalled(LabError, ImportError):
    """A package that this needs, and labkit itself does not, is not here."""


class NoSuchPin(LabError, LookupError):
    """The board has no such pin, or nothing is wired to it."""


class PinDrives(LabError, RuntimeError):
    """A pin is an output, so no level can be put on it from outside."""


class PartNotWired(LabError, RuntimeError):
    """The part is on no board yet, so it can't act; see `Board.add`."""


class NetOscillates(LabError, RuntimeError):
    """Parts without delay drive each other for ever, like an inverter fed back to itself."""


class ElectricalFault(LabError, UserWarning):
    """Something a real board would suffer from: a warning by default, an error on a strict board."""


class ShortCircuit(ElectricalFault):
    """Two strong drivers disagree about one net: two outputs, or an output and a supply."""


class UnsafeCircuit(ElectricalFault):
    """A circuit was declared that would suffer if it was powered; `circuit.lint()` tells all about it."""


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


_LIBRARIES = tuple(
    os.path.realpath(path)
    for path in (os.path.dirname(__file__), *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))
)


def _is_library(filename: str) -> bool:
    return filename.startswith("<frozen") or os.path.realpath(filename).startswith(_LIBRARIES)
