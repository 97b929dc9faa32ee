"""What the lint finds: each says what, where, why, and what now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

__all__ = ["Finding", "Findings", "Severity"]

Severity = Literal["error", "warning", "note"]
ORDER: tuple[Severity, ...] = ("error", "warning", "note")
SIGNS = {"error": "✖", "warning": "▲", "note": "ℹ"}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or unwise.

    Attributes:
        rule: Its name, `"led-without-resistor"`: the same for every circuit.
        severity: "error": do not power it; "warning": it may not do what is meant; "note": good to know.
        parts: The names of the parts that it is about.
        net: The pin or net that it is about; empty where it is none in particular.
        what: The fact, with numbers.
        why: What comes of it.
        remedy: What to do.
    """

    rule: str
    severity: Severity
    parts: tuple[str, ...]
    net: str
    what: str
    why: str
    remedy: str

    @property
    def where(self) -> str:
        """The parts and the net, for people."""
        places = [*self.parts, self.net] if self.net else list(self.parts)
        return ", ".join(places)

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.what} {self.why} {self.remedy}"


class Findings(Sequence[Finding]):
    """All of them, the worst first. Empty, and so false, when all is well."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = sorted(findings, key=lambda one: ORDER.index(one.severity))

    def __getitem__(self, index: Any) -> Any:
        return self._findings[index]

    def __len__(self) -> int:
        return len(self._findings)

    @property
    def errors(self) -> list[Finding]:
        """Those with which nothing should be powered."""
        return [one for one in self if one.severity == "error"]

    @property
    def rules(self) -> list[str]:
        """The names of the rules, in the same order."""
        return [one.rule for one in self]

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "Nothing is wrong with this circuit."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self:
            return '<p role="status">✓ Nothing is wrong with this circuit.</p>'
        rows = "".join(
            f"<tr><td>{SIGNS[one.severity]} {one.severity}</td><td><b>{escape(one.where)}</b></td>"
            f'<td style="text-align:left">{escape(one.what)} {escape(one.why)} <b>{escape(one.remedy)}</b></td></tr>'
            for one in self
        )
        return f"<table><tr><th></th><th>where</th><th>what, why, and what now</th></tr>{rows}</table>"
