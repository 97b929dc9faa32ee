"""A board whose time the test moves, and pins on it; devices are closed when the test is over."""

from collections.abc import Iterator

import pytest

from labkit.clock import ManualClock
from labkit.sim.board import Board
from labkit.sim.factory import SimulatedFactory


@pytest.fixture
def board() -> Board:
    return Board(ManualClock())


@pytest.fixture
def strict_board() -> Board:
    return Board(ManualClock(), strict=True)


@pytest.fixture
def factory(board: Board) -> Iterator[SimulatedFactory]:
    with SimulatedFactory(board=board) as made:
        yield made
        close_devices(made)


def close_devices(factory: SimulatedFactory) -> None:
    for references in list(factory._reservations.values()):
        for reference in references:
            device = reference()
            if device is not None:
                device.close()
