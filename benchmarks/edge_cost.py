"""What one edge costs on the simulated pins, as a ratio to gpiozero's MockFactory in the same run.

    python benchmarks/edge_cost.py

Rounds of both are interleaved and their medians compared, so that a busy machine slows both alike. On the
simulated side nets, a default part and a listener that records every edge are on; the mock has none of them.

The limit holds for devices, as programs use pins. A bare pin is listed for what it shows, the cost of the
simulation itself: some 0.6 µs an edge. No single thing limits it; reading the clock takes 0.1 µs, telling it
what happened 0.05, the rest is the lock, the solved net's look-up, and the listener.
"""

from __future__ import annotations

import statistics
import sys
import timeit
from collections.abc import Callable
from typing import Any

from gpiozero import LED, PWMLED, Button
from gpiozero.pins.mock import MockFactory, MockPWMPin

from labkit.devices import BenchFactory

ROUNDS = 15
EDGES = 10_000
LIMIT = 2.0


def toggle_pin(factory: Any) -> Callable[[], None]:
    pin = factory.pin(17)
    pin.function = "output"

    def two_edges() -> None:
        pin.state = True
        pin.state = False

    return two_edges


def toggle_led(factory: Any) -> Callable[[], None]:
    led = LED(17, pin_factory=factory)

    def two_edges() -> None:
        led.on()
        led.off()

    return two_edges


def fade_led(factory: Any) -> Callable[[], None]:
    led = PWMLED(18, pin_factory=factory)

    def two_edges() -> None:
        led.value = 0.25
        led.value = 0.75

    return two_edges


def press_button(factory: Any) -> Callable[[], None]:
    button = Button(2, pin_factory=factory)
    button.when_pressed = lambda: None
    pin = button.pin

    def two_edges() -> None:
        pin.drive_low()
        pin.drive_high()

    two_edges.button = button  # type: ignore[attr-defined]
    return two_edges


CASES = {
    "a bare output pin": toggle_pin,
    "an LED": toggle_led,
    "a PWMLED": fade_led,
    "a Button with a handler": press_button,
}


def microseconds(work: Callable[[], None]) -> float:
    return timeit.timeit(work, number=EDGES // 2) / EDGES * 1e6


def compare(make: Callable[[Any], Callable[[], None]]) -> tuple[float, float, float]:
    mock = MockFactory(pin_class=MockPWMPin) if make is fade_led else MockFactory()
    ours = BenchFactory()
    edges: list[tuple[str, int, float]] = []
    ours.board.listeners.append(lambda *edge: edges.append(edge))
    works = [make(mock), make(ours)]
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        edges.clear()
        for pin in mock.pins.values():
            pin.clear_states()
        for work, kept in zip(works, times, strict=True):
            kept.append(microseconds(work))
    ratio = statistics.median(b / a for a, b in zip(*times, strict=True))
    ours.close()
    return statistics.median(times[0]), statistics.median(times[1]), ratio


def main() -> int:
    print(f"{'per edge':26} {'mock µs':>8} {'ours µs':>8} {'ratio':>6}")
    worst = 0.0
    for name, make in CASES.items():
        mock, ours, ratio = compare(make)
        worst = max(worst, ratio if make is not toggle_pin else 0.0)
        print(f"{name:26} {mock:8.2f} {ours:8.2f} {ratio:6.2f}")
    print(f"worst ratio of a device {worst:.2f}, limit {LIMIT}")
    return worst > LIMIT


if __name__ == "__main__":
    sys.exit(main())
