"""A board whose time the test moves, and pins on it; devices are closed when the test is over."""

from collections.abc import Iterator

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from labkit.claims import close_reservers
from labkit.clock import ManualClock
from labkit.sim.board import Board
from labkit.sim.clock import VirtualClock
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
        close_reservers(made)


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    """gpiozero's own mock pins, for what is about the clock alone."""
    before = Device.pin_factory
    Device.pin_factory = MockFactory(pin_class=MockPWMPin)
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    """Virtual time, in which the test takes part."""
    with VirtualClock(wall_budget=20).running() as clock:
        yield clock
