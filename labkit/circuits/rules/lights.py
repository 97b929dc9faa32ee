"""LEDs: their resistors, and which way round they are."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.circuits.findings import Finding
from labkit.circuits.network import PIN_OHMS, Network
from labkit.parts.elements import Junction
from labkit.parts.nodes import RAILS
from labkit.sim.checks import PIN_LIMIT_AMPS
from labkit.sim.net import VDD

__all__ = ["RULES", "junction_amps"]

MOST_AMPS = 0.020
"""What a common 5 mm LED stands for long (Kingbright WP7113 datasheets: 20 to 30 mA)."""
BARE_OHMS = 10.0
LEAST_OHMS = 22.0
"""Asked for even where the LED's own voltage leaves little: it is not the same for any two."""


def led_current(network: Network) -> Iterator[Finding]:
    """An LED without a resistor, whatever flows; or with one that is too small."""
    for name, junction in network.all(Junction):
        amps, ohms, net = junction_amps(network, junction)
        limit = PIN_LIMIT_AMPS if net.startswith("GPIO") else MOST_AMPS
        is_bare = ohms < BARE_OHMS
        if amps <= (0.0 if is_bare else limit):
            continue
        needed = max(_resistor_for(junction.volts, limit, 5.0 if net == "5V" else VDD), LEAST_OHMS)
        what = "The LED has no resistor" if is_bare else f"The LED's resistor is only {ohms:.0f} Ω"
        more = f"where {limit * 1e3:.0f} mA is the limit" if amps > limit else "and more as it gets warm"
        yield Finding(
            "led-without-resistor" if is_bare else "led-current", "error", (name,), net,
            f"{what}: {amps * 1e3:.0f} mA would flow, {more}.",
            "It damages the LED or the pin.",
            f"Put {needed:.0f} Ω or more in series; 330 Ω is a good choice.",
        )  # fmt: skip


def led_polarity(network: Network) -> Iterator[Finding]:
    """An LED that current can never pass, because it is the wrong way round."""
    for name, junction in network.all(Junction):
        forward, backward = (
            _reach(network, junction),
            _reach(network, Junction(junction.cathode, junction.anode, junction.volts)),
        )
        if forward is None or backward is None or forward > 0 or backward <= 0:
            continue
        yield Finding(
            "wrong-polarity", "error", (name,), _pin(network, junction),
            "The LED is the wrong way round: no current can pass it.",
            "It never lights, whatever the program does.",
            "Turn it: its long leg, the anode, belongs to the higher voltage. Or say active_high the other way.",
        )  # fmt: skip


def junction_amps(network: Network, junction: Junction) -> tuple[float, float, str]:
    """The most current through a junction, the resistance on its way without the pins' own, and where it comes from."""
    worst = 0.0, 0.0, ""
    for upper, upper_ohms in network.fixed_from(junction.anode).items():
        for lower, lower_ohms in network.fixed_from(junction.cathode).items():
            volts = _highest(upper) - _lowest(lower) - junction.volts
            ohms = upper_ohms + lower_ohms
            if upper == lower or volts <= 0:
                continue
            amps = volts / max(ohms, 0.1)
            if amps > worst[0]:
                own = PIN_OHMS * sum(net not in RAILS for net in (upper, lower))
                worst = amps, ohms - own, lower if lower not in RAILS else upper
    return worst


def _reach(network: Network, junction: Junction) -> float | None:
    """How far the forward voltage can be exceeded; None where one end is connected to nothing that has a voltage."""
    uppers, lowers = network.fixed_from(junction.anode), network.fixed_from(junction.cathode)
    if not uppers or not lowers:
        return None
    return max(map(_highest, uppers)) - min(map(_lowest, lowers)) - junction.volts


def _highest(net: str) -> float:
    return RAILS.get(net, VDD)


def _lowest(net: str) -> float:
    return RAILS.get(net, 0.0)


def _pin(network: Network, junction: Junction) -> str:
    reached = [*network.fixed_from(junction.anode), *network.fixed_from(junction.cathode)]
    return next((net for net in reached if net not in RAILS), "")


def _resistor_for(volts: float, amps: float, supply_volts: float) -> float:
    return max(0.0, (supply_volts - volts) / amps - PIN_OHMS)


RULES = (led_current, led_polarity)
