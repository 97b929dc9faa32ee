"""Looks at a circuit before anything is powered."""

from __future__ import annotations

from labkit.circuits.circuit import Circuit
from labkit.circuits.findings import Findings
from labkit.circuits.header import Header
from labkit.circuits.network import Network
from labkit.circuits.rules import lights, nets, pins, power

__all__ = ["RULES", "lint"]

RULES = (*lights.RULES, *nets.RULES, *pins.RULES, *power.RULES)


def lint(circuit: Circuit, header: Header) -> Findings:
    """Every finding of every rule, the worst first."""
    network = Network(circuit, header)
    return Findings(finding for rule in RULES for finding in rule(network))
