"""What a check is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from .patient import Patient

__all__ = ["Check", "Finding", "examine", "fault", "note", "sound", "unknown"]

Level = Literal["sound", "note", "fault", "unknown"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        level: `fault` is what keeps a lab from working or from being safe; a `note` does neither; `unknown`
            could not be looked at.
        evidence: What was seen.
        remedy: What to do about it; empty where there is nothing to do.
    """

    level: Level
    evidence: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that can go wrong: a name, and a look at it that changes nothing."""

    name: str
    look: Callable[[Patient], Finding | None]


def sound(evidence: str) -> Finding:
    """All is well."""
    return Finding("sound", evidence)


def fault(evidence: str, remedy: str) -> Finding:
    """Something is wrong."""
    return Finding("fault", evidence, remedy)


def note(evidence: str, remedy: str) -> Finding:
    """Something could be better."""
    return Finding("note", evidence, remedy)


def unknown(evidence: str, remedy: str = "") -> Finding:
    """It could not be looked at."""
    return Finding("unknown", evidence, remedy)


def examine(patient: Patient, checks: tuple[Check, ...]) -> Iterator[tuple[Check, Finding]]:
    """All that apply to this patient, one after the other. A check that breaks finds that out, and no other suffers."""
    for check in checks:
        try:
            found = check.look(patient)
        except Exception as error:  # noqa: BLE001 - one broken thing must not hide the others
            found = fault(f"this could not be checked: {error}", "mend that first, then look again")
        if found is not None:
            yield check, found
