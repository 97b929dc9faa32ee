"""What is connected to what: missing grounds, outputs against each other, too many volts, nothing at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from labkit.circuits.findings import Finding
from labkit.circuits.network import WIRE_OHMS, Network, number_in
from labkit.parts.analog import AnalogSensor
from labkit.parts.elements import Contact, Resistance, Sensed, Source
from labkit.parts.nodes import RAILS, SUPPLY, gpio_number
from labkit.sim.checks import PIN_LIMIT_VOLTS
from labkit.sim.net import INPUT_HIGH_VOLTS, INPUT_LOW_VOLTS

__all__ = ["RULES"]

SENSED_MARGIN = 1.05


def open_ends(network: Network) -> Iterator[Finding]:
    """Terminals that go nowhere."""
    for name, part in network.circuit.items():
        for piece in part.pieces(name):
            for terminal, end in piece.terminals.items():
                if end.net is not None or end.is_unused:
                    continue
                if end.is_ground:
                    yield Finding(
                        "missing-ground", "error", (name,), "",
                        f"The {terminal} of the {_short(piece.label)} is not connected to ground.",
                        "Without a way back no current flows, and levels mean nothing.",
                        "Connect it to a ground pin, by the blue rail.",
                    )  # fmt: skip
                else:
                    yield Finding(
                        "not-connected", "warning", (name,), "",
                        f"The {terminal} of the {_short(piece.label)} is connected to nothing.",
                        "It does nothing so.", "Connect it, or leave the part out.",
                    )  # fmt: skip


def unmeasured(network: Network) -> Iterator[Finding]:
    """Sensors for a converter that no converter measures."""
    measured = {sensed.net for _, sensed in network.all(Sensed)}
    for name, part in network.circuit.items():
        if isinstance(part, AnalogSensor) and f"{name}.out" not in measured:
            yield Finding(
                "not-connected", "warning", (name,), "",
                f"No converter measures the output of the {part.title}.",
                "Pins read 0 or 1 only: a voltage takes a converter.",
                f'Connect it: adc=Mcp3xxx("MCP3008", channels={{0: "{name}"}}).',
            )  # fmt: skip


def joined_outputs(network: Network) -> Iterator[Finding]:
    """Two outputs on one net, or an output against a supply."""
    seen: set[frozenset[str]] = set()
    for net in [*RAILS, *network.gpio_nets()]:
        group = frozenset(network.joined(net))
        if group not in seen:
            seen.add(group)
            yield from _short_circuits(network, group) or _fights(network, group)


def _short_circuits(network: Network, group: frozenset[str]) -> list[Finding]:
    """Supplies that are joined with each other, or with an output, by bare wires."""
    supplies = [rail for rail in RAILS if rail in group]
    outputs = [pin for pin in group if pin in network.driven] or [name for name, _ in _outputs(network, group)]
    wires = _wires(network, group)
    if len(supplies) > 1:
        both = " and ".join(supplies)
        return [
            Finding(
                "short-circuit", "error", wires, both, f"A bare wire joins {both}.",
                "It is a short circuit: it can destroy the board and the power supply.", "Take that wire away.",
            )
        ]  # fmt: skip
    if supplies and outputs:
        return [
            Finding(
                "short-circuit", "error", wires, outputs[0], f"A bare wire joins an output with {supplies[0]}.",
                "At the other level it is a short circuit, which destroys the output.",
                "Take that wire away, or put a resistor of 1 kΩ in its place.",
            )
        ]  # fmt: skip
    return []


def _fights(network: Network, group: frozenset[str]) -> list[Finding]:
    """Outputs that are joined with each other."""
    pins = sorted((pin for pin in group if pin in network.driven), key=number_in)
    outputs = _outputs(network, group)
    own = [name for name, source in outputs if not source.shares]
    sharing = [name for name, source in outputs if source.shares]
    if len(pins) + len(own) + bool(sharing) < 2:
        return []
    told = [*pins, *(f"the output of {name}" for name in [*own, *sharing])]
    names = [*(name for pin in pins for name in network.driven[pin]), *own, *sharing, *_wires(network, group)]
    sentence = f"{', '.join(told[:-1])} and {told[-1]} are outputs on one wire."
    return [
        Finding(
            "outputs-joined", "error", tuple(dict.fromkeys(names)), pins[0] if pins else min(group, key=number_in),
            sentence[0].upper() + sentence[1:],
            "When one says high and the other low, both are short-circuited.", "Give each a pin of its own.",
        )
    ]  # fmt: skip


def joined_pins(network: Network) -> Iterator[Finding]:
    """Pins with a bare wire between that are no outputs of this circuit, but may be of the program."""
    done: set[str] = set()
    for net in network.gpio_nets():
        joined = network.joined(net)
        pins = sorted((one for one in joined if gpio_number(one) is not None), key=number_in)
        if len(pins) < 2 or net in done:
            continue
        done |= set(pins)
        if sum(one in network.driven for one in pins) <= 1:
            both = " and ".join(pins)
            yield Finding(
                "joined-pins", "note", _wires(network, joined), both, f"A bare wire joins {both}.",
                "If the program makes both outputs, they are short-circuited.",
                "Let only one be an output; a resistor of 1 kΩ in place of the wire makes mistakes harmless.",
            )  # fmt: skip


def too_many_volts(network: Network) -> Iterator[Finding]:
    """More than 3.3 V on a pin, or more than a converter may measure."""
    worst: dict[str, float] = {}
    for closed in (False, True):
        for net, volts in network.volts(high=True, closed=closed).items():
            worst[net] = max(worst.get(net, 0.0), volts)
    for net in network.gpio_nets():
        if worst.get(net, 0.0) > PIN_LIMIT_VOLTS:
            yield Finding(
                "five-volts-into-pin", "error", _around(network, net), net,
                f"{worst[net]:.1f} V would come to {net}, which stands 3.3 V.",
                "It destroys the pin, and often the whole processor.",
                "Run the part on 3.3 V, or put a divider between: 1 kΩ from its output, 2 kΩ to ground.",
            )  # fmt: skip
    for name, sensed in network.all(Sensed):
        volts = worst.get(sensed.net or "", 0.0)
        if volts > sensed.limit_volts * SENSED_MARGIN:
            sensor = (sensed.net or "").removesuffix(".out")
            yield Finding(
                "too-many-volts-to-measure", "error", (sensor, name), "",
                f"{volts:.1f} V would come to the converter, which measures up to {sensed.limit_volts:g} V.",
                "More than its supply destroys it.", "Run the sensor on the converter's own supply, or divide it down.",
            )  # fmt: skip


def stuck_levels(network: Network) -> Iterator[Finding]:
    """Pins that the board pulls up, which a part can't pull low enough, or whose contact goes the same way."""
    loose, held = network.volts(high=False, closed=False), network.volts(high=False, closed=True)
    outputs = {source.net for _, source in network.all(Source)}
    for net in network.gpio_nets():
        if net not in network.header.pulled_up or net not in network.read:
            continue
        names = tuple(network.users(net))
        if net in outputs or any(one in outputs for one in network.joined(net)):
            if loose.get(net, 0.0) > INPUT_LOW_VOLTS:
                yield Finding(
                    "pulled-up-too-hard", "warning", names, net,
                    f"Low is {loose[net]:.1f} V here: the board pulls {net} up with 1.8 kΩ, against the part's output.",
                    "The pin may read high all the time.", f"Use another pin than {net}.",
                )  # fmt: skip
        elif loose.get(net, 0.0) > INPUT_HIGH_VOLTS and held.get(net, 0.0) > INPUT_HIGH_VOLTS:
            yield Finding(
                "contact-without-effect", "warning", names, net,
                f"The board pulls {net} up with 1.8 kΩ, and the contact goes to {SUPPLY}: it reads high either way.",
                "Pressing changes nothing.", "Let the contact go to ground, or use another pin.",
            )  # fmt: skip


def floating(network: Network) -> Iterator[Finding]:
    """Inputs that nothing holds at a level while a contact is open."""
    contacts = {net for _, contact in network.all(Contact) for net in (contact.one, contact.other)}
    for name, part in network.circuit.items():
        if getattr(part, "pull", "internal") is not None:
            continue
        for net in part.read:
            if net in contacts and not network.is_held(net):
                yield Finding(
                    "floating-input", "warning", (name,), net,
                    f"Nothing holds {net} at a level while the contact is open.",
                    "The pin then reads noise: presses that nobody made.",
                    "Let the program switch the pin's own pull on, as gpiozero's Button does, or add pull=10_000.",
                )  # fmt: skip


def _outputs(network: Network, group: Collection[str]) -> list[tuple[str, Source]]:
    return [(name, source) for name, source in network.all(Source) if source.net in group]


def _wires(network: Network, group: Collection[str]) -> tuple[str, ...]:
    """The parts that are bare wires between nets of the group."""
    wires = [name for name, wire in network.all(Resistance) if wire.ohms < WIRE_OHMS and wire.one in group]
    return tuple(dict.fromkeys(wires))


def _short(label: str) -> str:
    return label.split(",")[0]


def _around(network: Network, net: str) -> tuple[str, ...]:
    """The parts on a net, those that a wire brings there included."""
    near = network.joined(net)
    found = []
    for name, part in network.circuit.items():
        nets = {end.net for piece in part.pieces(name) for end in piece.terminals.values()}
        if near & nets:
            found.append(name)
    return tuple(found)


RULES = (open_ends, unmeasured, joined_outputs, joined_pins, too_many_volts, stuck_levels, floating)
