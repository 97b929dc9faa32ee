"""gpiozero's mock pins under their own names, on a simulated board: change one import, and tests go on.

    from gpiozero.pins.mock import MockFactory, MockPWMPin     # before
    from labkit.sim.mock import MockFactory, MockPWMPin        # after

Nothing is wired by default here, as a test of mock pins expects; `labkit.devices.BenchFactory` wires parts.
"""

from gpiozero.pins.mock import MockSPIClockPin, MockSPIDevice, MockSPISelectPin, PinState

from labkit.sim.factory import SimulatedFactory as MockFactory
from labkit.sim.pins import SimulatedPin as MockPin
from labkit.sim.pins import SimulatedPWMPin as MockPWMPin
from labkit.sim.testpins import ChargingPin as MockChargingPin
from labkit.sim.testpins import ConnectedPin as MockConnectedPin
from labkit.sim.testpins import TriggerPin as MockTriggerPin

__all__ = [
    "MockChargingPin",
    "MockConnectedPin",
    "MockFactory",
    "MockPWMPin",
    "MockPin",
    "MockSPIClockPin",
    "MockSPIDevice",
    "MockSPISelectPin",
    "MockTriggerPin",
    "PinState",
]
