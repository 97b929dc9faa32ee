"""Where the pins are on a board, what they are called and what else they can do: from gpiozero's board data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["PinStrip", "Place", "strips"]

MAIN = ("J8", "P1", "SODIMM")
"""The header that people mean by "the header": J8 since the B+, P1 before; compute modules have a socket."""

POWER = ("3V3", "5V", "1V8", "VBAT")

USUAL = {
    0: "I2C0 SDA", 1: "I2C0 SCL", 2: "I2C1 SDA", 3: "I2C1 SCL", 4: "GPCLK0",
    7: "SPI0 CE1", 8: "SPI0 CE0", 9: "SPI0 MISO", 10: "SPI0 MOSI", 11: "SPI0 SCLK",
    12: "PWM0 0", 13: "PWM0 1", 14: "UART0 TXD", 15: "UART0 RXD",
    16: "SPI1 CE2", 17: "SPI1 CE1", 18: "PCM CLK", 19: "PCM FS", 20: "PCM DIN", 21: "PCM DOUT",
}  # fmt: skip
"""What a pin does besides plain input and output when Raspberry Pi OS is asked for I²C, SPI, serial, PWM or
sound in the usual way (documentation of its `config.txt`: i2c_arm, spi, uart, i2s and the overlays README).
The same from the first board to the Pi 5, though the numbers of the functions behind it differ."""


@dataclass(frozen=True)
class Place:
    """One pin of a header.

    Attributes:
        number: On its header, from 1.
        name: `"GPIO17"`, `"GND"`, `"3V3"`, as the board data call it.
        kind: `"gpio"`, `"ground"`, `"power"`, `"none"` (not connected) or `"other"`.
        usual: Its usual other function, `"I2C1 SDA"`; empty where it has none.
        interfaces: What it can be part of besides: `("i2c", "spi", "uart")`.
        pull: A pull-up resistor on the board itself, `"up"`; empty where there is none.
    """

    number: int
    name: str
    kind: str
    usual: str = ""
    interfaces: tuple[str, ...] = ()
    pull: str = ""


@dataclass(frozen=True)
class PinStrip:
    """One header of a board: rows as on the board, from its pin 1; None where it has a hole less."""

    name: str
    rows: tuple[tuple[Place | None, ...], ...]

    @property
    def gpio_names(self) -> list[str]:
        """Its pins that a program can use."""
        return [place.name for row in self.rows for place in row if place is not None and place.kind == "gpio"]


def strips(board: Any) -> list[PinStrip]:
    """Every header of a board: the main one first, then those with pins to use, then jumpers and the like.

    Args:
        board: gpiozero's `BoardInfo`.
    """
    found = [_strip(header) for header in board.headers.values()]
    return sorted(found, key=lambda strip: (_rank(strip), strip.name))


def _rank(strip: PinStrip) -> int:
    if strip.name in MAIN:
        return MAIN.index(strip.name)
    return len(MAIN) + (0 if strip.gpio_names else 1)


def _strip(header: Any) -> PinStrip:
    # By number: a header's own row and column data take each for two columns wide.
    columns = header.columns
    return PinStrip(
        str(header.name),
        tuple(
            tuple(_place(header.pins.get(row * columns + column)) for column in range(1, columns + 1))
            for row in range(header.rows)
        ),
    )


def _place(pin: Any) -> Place | None:
    if pin is None:
        return None
    name = str(pin.name)
    if "gpio" not in pin.interfaces:
        return Place(pin.number, name, _kind(name))
    # The nameless ones are functions that the board data put in no class.
    interfaces = tuple(sorted(kind for kind in pin.interfaces if kind not in ("", "gpio")))
    return Place(pin.number, name, "gpio", _usual(name, interfaces), interfaces, str(pin.pull))


def _kind(name: str) -> str:
    if name == "GND":
        return "ground"
    return "power" if name in POWER else "none" if name == "NC" else "other"


def _usual(name: str, interfaces: tuple[str, ...]) -> str:
    usual = USUAL.get(int(name.removeprefix("GPIO")), "")
    kind = usual.partition(" ")[0].rstrip("0123456789").lower()
    # Only what the board data bear out; a clock is of no class.
    return usual if kind in interfaces or kind == "gpclk" else ""
