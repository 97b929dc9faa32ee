"""Errors a user of labkit can meet; each is also the builtin that a caller would expect."""

__all__ = ["BadPinFactory", "BenchClosed", "LabError", "NoSuchPin", "UnknownBench"]


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
