"""Currents and supplies: what pins and rails can give, and what parts take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from labkit.circuits.findings import Finding
from labkit.circuits.network import PIN_OHMS, WIRE_OHMS, Network
from labkit.circuits.rules.lights import junction_amps
from labkit.parts.elements import Junction, Motor, Resistance, Supplied
from labkit.parts.movers import Servo
from labkit.parts.nodes import FIVE_VOLTS, GROUND, RAILS, SUPPLY, gpio_number
from labkit.sim.checks import BOARD_LIMIT_UA, PIN_LIMIT_AMPS
from labkit.sim.net import VDD

__all__ = ["RULES"]

BOARD_LIMIT_AMPS = BOARD_LIMIT_UA / 1e6
FIVE_VOLT_LIMIT_AMPS = 1.2
"""What a 2.5 A supply has left beside the board (Raspberry Pi documentation, "Power supply": peripherals, 1.2 A)."""
STRONG_MILLIAMPS = 300.0


def pin_currents(network: Network) -> Iterator[Finding]:
    """Too much for one pin, though no single LED is to blame; or for all of them together."""
    high: dict[str, dict[str, float]] = defaultdict(dict)
    low: dict[str, dict[str, float]] = defaultdict(dict)
    for name, pin, load, sources in _loads(network):
        side = high if sources else low
        side[pin][name] = side[pin].get(name, 0.0) + load
    for net in network.gpio_nets():
        amps = max(sum(high[net].values()), sum(low[net].values()))
        names = tuple(name for name in network.circuit if name in high[net] or name in low[net])
        if amps > PIN_LIMIT_AMPS and max([*high[net].values(), *low[net].values()]) <= PIN_LIMIT_AMPS:
            yield Finding(
                "pin-current", "error", names, net,
                f"{' and '.join(names)} together take {amps * 1e3:.0f} mA from {net}, which gives 16 mA.",
                "It damages the pin.", "Use larger resistors, a pin for each, or a transistor.",
            )  # fmt: skip
    total = sum(sum(loads.values()) for loads in high.values())
    if total > BOARD_LIMIT_AMPS:
        names = tuple(dict.fromkeys(name for loads in high.values() for name in loads))
        yield Finding(
            "board-current", "warning", names, "",
            f"All on at once, the pins give {total * 1e3:.0f} mA, where 50 mA is the limit for all together.",
            "Lights dim, and the board may fail.",
            "Never switch all on at once, use larger resistors, or a driver chip.",
        )  # fmt: skip


def _loads(network: Network) -> Iterator[tuple[str, str, float, bool]]:
    """Part, pin, the most current, and whether the pin sources it (else it sinks it)."""
    for name, junction in network.all(Junction):
        amps, _, net = junction_amps(network, junction)
        if gpio_number(net) is not None:
            yield name, net, amps, net in network.fixed_from(junction.anode)
    for name, element in network.all(Resistance):
        for pin, there in ((element.one, element.other), (element.other, element.one)):
            is_load = pin in network.driven and there in RAILS and element.ohms >= WIRE_OHMS
            if is_load and pin is not None and there is not None:
                sources = there == GROUND
                volts = VDD if sources else RAILS[there]
                yield name, pin, volts / (element.ohms + PIN_OHMS), sources


def motors_on_pins(network: Network) -> Iterator[Finding]:
    """A motor without a driver."""
    for name, motor in network.all(Motor):
        pins = [net for net in (motor.one, motor.other) if net is not None and gpio_number(net) is not None]
        if pins:
            yield Finding(
                "motor-on-pin", "error", (name,), pins[0], "A motor is connected to pins directly.",
                "It takes hundreds of milliamperes where a pin gives 16, and kicks back when it is switched off.",
                'Put a driver between: HBridgeMotor(…, driver="DRV8833").',
            )  # fmt: skip


def weak_supplies(network: Network) -> Iterator[Finding]:
    """Servos and motors on 3.3 V, parts on too few or too many volts, and supplies the wrong way round."""
    for name, supplied in network.all(Supplied):
        positive, negative = supplied.positive, supplied.negative
        volts = RAILS.get(positive or "")
        if positive == GROUND and negative in (SUPPLY, FIVE_VOLTS):
            yield Finding(
                "wrong-polarity", "error", (name,), "", f"Its plus is at ground, and its minus at {negative}.",
                "That destroys most modules at once.", "Exchange the two.",
            )  # fmt: skip
        elif positive == SUPPLY and supplied.milliamps >= STRONG_MILLIAMPS:
            kind = "servo" if isinstance(network.circuit[name], Servo) else "motor"
            yield Finding(
                f"{kind}-on-3v3", "error", (name,), SUPPLY, f"The {kind} runs from the 3.3 V pin.",
                f"It takes up to {supplied.milliamps:.0f} mA: the board resets or fails, for it runs on 3.3 V itself.",
                'Run it from 5 V, or better from a battery: supply="battery".',
            )  # fmt: skip
        elif volts is not None and positive != GROUND and not supplied.least_volts <= volts <= supplied.most_volts:
            yield Finding(
                "wrong-supply", "warning", (name,), positive or "", f"It runs on {volts:g} V.",
                f"It needs {supplied.least_volts:g} to {supplied.most_volts:g} V.",
                f"Use the {'5V' if volts < supplied.least_volts else '3V3'} supply.",
            )  # fmt: skip


def five_volt_budget(network: Network) -> Iterator[Finding]:
    """More than the 5 V pins have to give."""
    takers = {name: one.milliamps / 1e3 for name, one in network.all(Supplied) if one.positive == FIVE_VOLTS}
    if sum(takers.values()) > FIVE_VOLT_LIMIT_AMPS:
        yield Finding(
            "supply-current", "warning", tuple(takers), FIVE_VOLTS,
            f"Together they take up to {sum(takers.values()):.1f} A from the 5 V pins.",
            f"A usual power supply has {FIVE_VOLT_LIMIT_AMPS:g} A left beside the board; with less it resets.",
            'Give servos and motors a battery: supply="battery"; it shares the ground.',
        )  # fmt: skip


RULES = (pin_currents, motors_on_pins, weak_supplies, five_volt_budget)
