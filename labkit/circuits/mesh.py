"""Voltages in a mesh of resistors between given voltages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

__all__ = ["Mesh"]

LEAK_SIEMENS = 1e-12
"""So that a net without any connection has a voltage at all; it does not matter which."""


class Mesh:
    """Nets with resistors between them: Kirchhoff's current law, solved for each group of connected nets.

    Args:
        given: The nets whose voltage is known.
    """

    def __init__(self, given: Mapping[str, float]) -> None:
        self._given = given
        self._resistors: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._sources: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def connect(self, one: str | None, other: str | None, ohms: float) -> None:
        """Put a resistor between two nets; None is no net."""
        for here, there in ((one, other), (other, one)):
            if here is None or there is None or here in self._given:
                continue
            if there in self._given:
                self._sources[here].append((self._given[there], ohms))
            else:
                self._resistors[here].append((there, ohms))

    def drive(self, net: str | None, volts: float, ohms: float) -> None:
        """Drive a net with a voltage behind a resistance."""
        if net is not None and net not in self._given:
            self._sources[net].append((volts, ohms))

    def volts(self) -> dict[str, float]:
        """The voltage of every net."""
        solved = dict(self._given)
        for net in (*self._resistors, *self._sources):
            if net not in solved:
                solved |= self._solve(net)
        return solved

    def _solve(self, start: str) -> dict[str, float]:
        nets = [start]
        for net in nets:
            nets += [there for there, _ in self._resistors.get(net, ()) if there not in nets]
        row_of = {net: row for row, net in enumerate(nets)}
        matrix = [[0.0] * (len(nets) + 1) for _ in nets]
        for net, row in row_of.items():
            matrix[row][row] += LEAK_SIEMENS
            for there, ohms in self._resistors.get(net, ()):
                matrix[row][row] += 1 / ohms
                matrix[row][row_of[there]] -= 1 / ohms
            for volts, ohms in self._sources.get(net, ()):
                matrix[row][row] += 1 / ohms
                matrix[row][-1] += volts / ohms
        return dict(zip(nets, _eliminate(matrix), strict=True))


def _eliminate(matrix: list[list[float]]) -> list[float]:
    """Gaussian elimination; the diagonal dominates, so that no rows need to be exchanged."""
    size = len(matrix)
    for pivot in range(size):
        for row in range(pivot + 1, size):
            factor = matrix[row][pivot] / matrix[pivot][pivot]
            if factor:
                for column in range(pivot, size + 1):
                    matrix[row][column] -= factor * matrix[pivot][column]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(matrix[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (matrix[row][size] - known) / matrix[row][row]
    return found
