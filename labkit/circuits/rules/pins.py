"""Pins: those that are not there, those that mean something already, and those used twice."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.circuits.findings import Finding
from labkit.circuits.network import Network
from labkit.parts.analog import Mcp3xxx
from labkit.parts.elements import Contact, Source
from labkit.parts.lights import Led
from labkit.parts.nodes import gpio_number
from labkit.parts.plain import Module, Resistor, Wire

__all__ = ["RULES"]

SPI_PINS = {"clock": "GPIO11", "mosi": "GPIO10", "miso": "GPIO9"}
SELECT_PINS = ("GPIO8", "GPIO7")
BUS = ("clock", "mosi", "miso")


def missing_pins(network: Network) -> Iterator[Finding]:
    """Pins that the header does not have."""
    there = network.header.gpios
    for net in network.gpio_nets():
        if gpio_number(net) not in there:
            yield Finding(
                "no-such-pin", "error", _parts_on(network, net), net, f"The header has no {net}.",
                "Nothing can be connected to it.", f"Use one of GPIO{there[0]} to GPIO{there[-1]}.",
            )  # fmt: skip


def reserved_pins(network: Network) -> Iterator[Finding]:
    """Pins that the system uses itself."""
    for net in network.gpio_nets():
        names = _parts_on(network, net)
        if net in ("GPIO0", "GPIO1"):
            yield Finding(
                "reserved-pin", "warning", names, net, f"{net} is kept for add-on boards' memory chips (ID_SD, ID_SC).",
                "The board talks to it while it starts.", "Use another pin.",
            )  # fmt: skip
        elif net in ("GPIO14", "GPIO15"):
            yield Finding(
                "serial-pin", "note", names, net, f"{net} is the serial port's, where the system may have its console.",
                "While that is on, the pin chatters and the program can't have it.",
                "Use another pin, or switch the console off in raspi-config.",
            )  # fmt: skip
        elif net in network.header.pulled_up and any(isinstance(network.circuit[name], Led) for name in names):
            yield Finding(
                "pulled-up-pin", "note", names, net, f"The board pulls {net} up with 1.8 kΩ.",
                "The LED glows faintly until a program takes the pin.", "Use another pin, if that disturbs.",
            )  # fmt: skip


def shared_pins(network: Network) -> Iterator[Finding]:
    """Pins that two parts use, unless they are a bus."""
    for net in network.gpio_nets():
        names = [name for name in network.users(net) if not _is_bus(network, name, net)]
        if len(names) < 2:
            continue
        out = [name for name in names if name in network.driven.get(net, ())]
        contacts = [
            name for name, contact in network.all(Contact) if net in (contact.one, contact.other) and name in names
        ]
        outputs = [name for name, source in network.all(Source) if source.net == net and not source.shares]
        if outputs and (out or len(outputs) > 1):
            continue  # outputs-joined says it, and worse
        if out and contacts:
            yield Finding(
                "pin-used-twice", "error", tuple(names), net, f"{' and '.join(names)} are both on {net}.",
                f"While the pin is high for {out[0]}, closing {contacts[0]} short-circuits it.",
                "Give each a pin of its own.",
            )  # fmt: skip
        else:
            yield Finding(
                "pin-used-twice", "warning", tuple(names), net, f"{' and '.join(names)} are both on {net}.",
                "A program can't tell them apart, and gpiozero gives a pin to one device only.",
                "Give each a pin of its own, if that is not meant.",
            )  # fmt: skip


def spi_pins(network: Network) -> Iterator[Finding]:
    """Converters that are not on the pins of the processor's own SPI bus."""
    converters = {name: part for name, part in network.circuit.items() if isinstance(part, Mcp3xxx)}
    hardware = []
    for name, adc in converters.items():
        wanted = {pin: net for pin, net in SPI_PINS.items() if pin != "mosi" or adc.has_input}
        odd = [pin for pin, net in wanted.items() if getattr(adc, pin) != net]
        if not odd and adc.select in SELECT_PINS:
            hardware.append(name)
        elif {getattr(adc, pin) for pin in odd} & set(SPI_PINS.values()):
            mixed = ", ".join(f"{pin} on {getattr(adc, pin)}" for pin in odd)
            yield Finding(
                "spi-pins-mixed-up", "warning", (name,), getattr(adc, odd[0]), f"The SPI pins look mixed up: {mixed}.",
                "The hardware bus has its clock on GPIO11, MOSI on GPIO10 and MISO on GPIO9.",
                "Wire them so; or use none of these three.",
            )  # fmt: skip
        else:
            first = odd[0] if odd else "select"
            yield Finding(
                "software-spi", "note", (name,), getattr(adc, first),
                f"{first} is on {getattr(adc, first)}, so the bus is done in software.",
                "It works, at some hundred samples a second in place of thousands, and gpiozero says so in a warning.",
                "For hardware SPI: clock 11, mosi 10, miso 9, and select 8 or 7.",
            )  # fmt: skip
    for net in SELECT_PINS:
        others = [name for name in network.users(net) if name not in converters]
        if hardware and others and not any(converters[name].select == net for name in converters):
            yield Finding(
                "spi-takes-pin", "warning", tuple(others), net,
                f"{net} is a select line of the SPI bus that {hardware[0]} is on.",
                "Where SPI is switched on in the system, its driver holds this pin.", "Use another pin.",
            )  # fmt: skip


def _is_bus(network: Network, name: str, net: str) -> bool:
    part = network.circuit[name]
    if isinstance(part, Resistor | Wire | Module):
        return True
    return isinstance(part, Mcp3xxx) and any(getattr(part, pin) == net for pin in BUS) and part.select != net


def _parts_on(network: Network, net: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, part in network.circuit.items()
        if any(end.net == net for piece in part.pieces(name) for end in piece.terminals.values())
    )


RULES = (missing_pins, reserved_pins, shared_pins, spi_pins)
