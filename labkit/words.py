"""What a refusal is called where a person asked for something: in a panel, at the header."""

from __future__ import annotations

from gpiozero import GPIOZeroError

from labkit.errors import LabError

__all__ = ["sentence"]


def sentence(error: Exception) -> str:
    """The device's own words; an error that is no refusal is named by its class as well."""
    said = str(error) or type(error).__name__
    known = isinstance(error, GPIOZeroError | LabError | ValueError)
    return said[:1].upper() + said[1:] if known else f"{type(error).__name__}: {said}"
