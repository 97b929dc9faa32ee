"""Random circuits of every kind of part, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from labkit import parts as p
from labkit.circuits.circuit import Circuit

COLORS = ("red", "orange", "yellow", "green", "blue", "white")
SENSORS: dict[str, Callable[[Random], Any]] = {
    "Potentiometer": lambda r: p.Potentiometer(round(r.random(), 3), supply=r.choice(["3V3", "5V"])),
    "Tmp36": lambda r: p.Tmp36(r.choice([None, -12.5, 30])),
    "Thermistor": lambda r: p.Thermistor(r.choice([None, 21.5]), resistor=r.choice([4_700, 10_000]), beta=3435),
    "LdrDivider": lambda r: p.LdrDivider(r.choice([None, 12]), resistor=22_000),
    "VoltageSource": lambda r: p.VoltageSource(round(r.uniform(-1, 4), 2)),
}


def far(r: Random, take: Callable[[], int]) -> Any:
    return r.choice(["auto", "auto", "GND", "3V3", "5V", None, take()])


def led(r: Random, take: Callable[[], int]) -> Any:
    ohms, high = r.choice([None, 330, 220, 1234.5]), r.random() < 0.7
    return p.Led(take(), resistor=ohms, color=r.choice(COLORS), active_high=high, to=far(r, take))


def rgb_led(r: Random, take: Callable[[], int]) -> Any:
    ohms, high = r.choice([None, 330]), r.random() < 0.7
    return p.RgbLed(take(), take(), take(), resistor=ohms, active_high=high, to=far(r, take))


def seven_segment(r: Random, take: Callable[[], int]) -> Any:
    names = "abcdefg" if r.random() < 0.5 else [*"abcdefg", "dp"]
    digits = [take() for _ in range(r.choice([0, 0, 1, 2, 4]))]
    return p.SevenSegment({name: take() for name in names}, digits=digits, active_high=r.random() < 0.7)


def converter(r: Random, take: Callable[[], int]) -> Any:
    model = r.choice(
        ["MCP3001", "MCP3002", "MCP3004", "MCP3008", "MCP3201", "MCP3202", "MCP3204", "MCP3208", "MCP3301"]
    )
    count = {"1": 2, "2": 2, "4": 4, "8": 8}[model[-1]]
    channels = {
        channel: SENSORS[r.choice(list(SENSORS))](r) for channel in sorted(r.sample(range(count), r.randint(0, count)))
    }
    bus = {} if r.random() < 0.6 else {"clock": take(), "mosi": take(), "miso": take()}
    return p.Mcp3xxx(
        model, **bus, select=take(), channels=channels, noise=r.choice([0, 1.5]), supply=r.choice(["3V3", "5V"])
    )


def knob(r: Random, take: Callable[[], int]) -> Any:
    button = r.choice([None, take()])
    return p.Knob(take(), take(), button=button, supply=r.choice(["3V3", "5V", None]), bounces=r.randint(0, 4))


def bridge(r: Random, take: Callable[[], int]) -> Any:
    encoder = r.choice([None, (take(), take())])
    return p.HBridgeMotor(
        take(), take(), enable=r.choice([None, take()]), encoder=encoder, driver=r.choice(["DRV8833", "L298N", None]),
        supply=r.choice(["5V", "3V3", "battery"]), ground=r.random() < 0.8,
    )  # fmt: skip


def some_module(r: Random, take: Callable[[], int]) -> Any:
    nodes = ["3V3", "5V", "GND", None, *(take() for _ in range(r.randint(1, 5)))]
    r.shuffle(nodes)
    pins = {f"P{index}": node for index, node in enumerate(nodes)}
    return p.Module(
        "some module", pins=pins, outputs=[name for name in pins if r.random() < 0.2], volts=r.choice([3.3, 5])
    )


def ends(r: Random, take: Callable[[], int]) -> tuple[Any, Any]:
    return r.choice([take(), "3V3", "5V", "GND"]), r.choice([take(), take(), "3V3", "5V", "GND"])


KINDS: dict[str, Callable[[Random, Callable[[], int]], Any]] = {
    "Led": led,
    "RgbLed": rgb_led,
    "SevenSegment": seven_segment,
    "PushButton": lambda r, t: p.PushButton(
        t(), to=far(r, t), pull=r.choice(["internal", None, 10_000]), bounces=r.randint(0, 5), within=0.002
    ),
    "Switch": lambda r, t: p.Switch(t(), to=far(r, t), pull=r.choice(["internal", None, 10_000])),
    "Knob": knob,
    "Buzzer": lambda r, t: p.Buzzer(t(), active=r.random() < 0.5, to=far(r, t)),
    "Pir": lambda r, t: p.Pir(t(), warm_up=60, hold=1.5, supply=r.choice(["3V3", "5V"])),
    "LineSensor": lambda r, t: p.LineSensor(t(), active_high=False, supply=r.choice(["3V3", "5V"])),
    "LdrCapacitor": lambda r, t: p.LdrCapacitor(t(), farads=r.choice([1e-6, 3.3e-7]), lux=r.choice([None, 250])),
    "HcSr04": lambda r, t: p.HcSr04(t(), t(), divider=r.random() < 0.7, distance=r.choice([None, 1.25]), noise=0.001),
    "Mcp3xxx": converter,
    "Servo": lambda r, t: p.Servo(t(), span=270, supply=r.choice(["5V", "3V3", "battery"]), ground=r.random() < 0.8),
    "HBridgeMotor": bridge,
    "PhaseEnableMotor": lambda r, t: p.PhaseEnableMotor(t(), t(), supply=r.choice(["5V", "battery"])),
    "Resistor": lambda r, t: p.Resistor(*ends(r, t), ohms=r.choice([470, 10_000])),
    "Wire": lambda r, t: p.Wire(*ends(r, t)),
    "Module": some_module,
    **{name: lambda r, t, made=made: made(r) for name, made in SENSORS.items()},
}  # fmt: skip


@pytest.fixture(scope="session")
def kinds_of_parts() -> dict[str, Callable[[Random, Callable[[], int]], Any]]:
    """Makes a random part of each kind from random numbers and a function that gives pins."""
    return KINDS


@pytest.fixture(scope="session")
def random_circuit() -> Callable[..., Circuit]:
    """A circuit by its seed: of so many parts, each pin used once while there are any."""

    def make(seed: int, count: int | None = None) -> Circuit:
        r = Random(seed)
        free = list(range(28))
        r.shuffle(free)

        def take() -> int:
            return free.pop() if free else r.randrange(28)

        chosen = [r.choice(list(KINDS)) for _ in range(r.randint(1, 9) if count is None else count)]
        found = {f"part{index}": KINDS[kind](r, take) for index, kind in enumerate(chosen)}
        return Circuit(found, r.choice(["", "Größe: 5 Ω", "- no: yes"]))

    return make
