"""`doctor`: what is wrong with a lab, and what to do about it; from its own machine, or from another."""

import sys
from collections.abc import Iterable

from ...errors import ConfigurationError
from ..context import Context
from ..doctor.checklist import checks
from ..doctor.finding import Finding, examine
from ..doctor.patient import Patient
from ..visit import context_for

__all__ = ["doctor"]

_MARKS = {"sound": "✓", "note": "·", "fault": "✗", "unknown": "?"}


def doctor(context: Context) -> int:
    """Look at everything; 0 where nothing is wrong, else 1."""
    if context.options.url is not None:
        return _tell(context, _from_outside(context))
    found = examine(Patient.of(context), checks())
    return _tell(context, ((check.name, finding) for check, finding in found))


def _from_outside(context: Context) -> Iterable[tuple[str, Finding]]:
    from ..doctor.remote import Outside, examine_from_outside, parse_url

    options = context.options
    name, port = parse_url(options.url)
    authority = None
    if options.ca_file is not None:
        authority = context.host.read(options.ca_file.absolute())
        if authority is None or b"BEGIN CERTIFICATE" not in authority:
            raise ConfigurationError(f"--ca-file {options.ca_file} holds no certificate in PEM.")
    password = sys.stdin.readline().rstrip("\r\n") if options.password_stdin else None
    return examine_from_outside(Outside(name, port, context_for(authority), password))


def _tell(context: Context, found: Iterable[tuple[str, Finding]]) -> int:
    told = []
    for name, finding in found:
        told.append((name, finding))
        if not context.options.json:
            # One by one: some take a while.
            print(f"{_MARKS[finding.level]} {name}: {finding.evidence}", flush=True)
            if finding.remedy:
                print(f"    → {finding.remedy}", flush=True)
    faults = sum(finding.level == "fault" for _, finding in told)
    values = [
        {"check": name, "level": finding.level, "evidence": finding.evidence, "remedy": finding.remedy}
        for name, finding in told
    ]
    summary = f"\n{len(told)} checks, {faults or 'nothing'} wrong."
    context.answer([summary], ok=not faults, checks=values)
    return 1 if faults else 0
