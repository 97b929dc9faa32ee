"""What a real board would suffer from in a net's present state.

Limits: 16 mA a pin and 50 mA for all pins together, BCM2835 ARM Peripherals and the Raspberry Pi
documentation "GPIO pads control"; pins tolerate their 3.3 V supply and no 5 V.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.errors import ElectricalFault, MissingResistor, Overvoltage, PinOvercurrent, ShortCircuit

if TYPE_CHECKING:
    from labkit.sim.leg import Drive, Leg
    from labkit.sim.net import Net

__all__ = ["BOARD_LIMIT_UA", "PIN_LIMIT_AMPS", "check"]

PIN_LIMIT_AMPS = 0.016
BOARD_LIMIT_UA = 50_000
PIN_LIMIT_VOLTS = 3.3 * 1.05
FIGHT_OHMS = 100.0
FIGHT_VOLTS = 0.5
BARE_OHMS = 10.0


def check(net: Net, volts: float) -> tuple[ElectricalFault, ...]:
    """The faults of a net at a voltage; a net without a pin of the board can't hurt it."""
    if not any(leg.pin for leg in net.legs):
        return ()
    return tuple(fault for fault in (_overvoltage(net, volts), _overload(net, volts)) if fault is not None)


def _overvoltage(net: Net, volts: float) -> ElectricalFault | None:
    if volts <= PIN_LIMIT_VOLTS:
        return None
    source = max(_sources(net), key=lambda one: one[1].volts or 0.0)[0]
    return Overvoltage(
        f"{net.name}: {volts:.1f} V from {source.label} on a pin that tolerates 3.3 V. "
        f"Put a divider (1 kΩ over 2 kΩ for 5 V) or a level shifter between."
    )


def _overload(net: Net, volts: float) -> ElectricalFault | None:
    fight = _fight(net)
    if fight is not None:
        return fight
    for leg, drive in _sources(net):
        amps = abs((drive.volts or 0.0) - volts) / drive.ohms
        if leg.pin is not None and amps > PIN_LIMIT_AMPS:
            bare = _bare_diode(net, volts)
            if bare is not None:
                return MissingResistor(
                    f"{leg.pin}: {bare.label} draws {amps * 1e3:.0f} mA without a resistor. "
                    f"Put 330 Ω in series; 16 mA is all that the pin may carry."
                )
            return PinOvercurrent(
                f"{leg.pin}: {amps * 1e3:.0f} mA where 16 mA is the limit. Use a larger resistor, or a transistor."
            )
    return None


def _fight(net: Net) -> ShortCircuit | None:
    strong = [(leg, drive) for leg, drive in _sources(net) if drive.ohms < FIGHT_OHMS]
    if len(strong) < 2:
        return None
    high = max(strong, key=lambda one: one[1].volts or 0.0)
    low = min(strong, key=lambda one: 0.0 if one[1].frequency_hz else one[1].volts or 0.0)
    gap = (high[1].volts or 0.0) - (0.0 if low[1].frequency_hz else low[1].volts or 0.0)
    if high[0] is low[0] or gap < FIGHT_VOLTS or high[1].ohms + low[1].ohms >= FIGHT_OHMS:
        return None
    if high[0].pin is None and low[0].pin is None:
        return None
    milliamps = gap / (high[1].ohms + low[1].ohms) * 1e3
    return ShortCircuit(
        f"{net.name}: {high[0].label} drives high against {low[0].label} driving low, {milliamps:.0f} mA. "
        f"Take one of them off, or make its pin an input."
    )


def _bare_diode(net: Net, volts: float) -> Leg | None:
    for leg in net.legs:
        if leg.diode is not None and leg.diode.ohms < BARE_OHMS and leg.diode.conducts_at(volts):
            return leg
    return None


def _sources(net: Net) -> list[tuple[Leg, Drive]]:
    return [(leg, leg.drive_now) for leg in net.legs if leg.drive_now.volts is not None]
