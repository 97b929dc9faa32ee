"""Which pins there are: real ones where they can be reached, simulated ones elsewhere."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpiozero import Device
from gpiozero.exc import BadPinFactory as GpiozeroBadPinFactory
from gpiozero.exc import PWMSoftwareFallback

from labkit.devices import BenchFactory
from labkit.errors import BadPinFactory
from labkit.sim.factory import SimulatedFactory
from labkit.sim.pins import SimulatedPWMPin

__all__ = ["Board", "choose"]


@dataclass(frozen=True)
class Board:
    """Which pins these are.

    Attributes:
        name: The board: `"Raspberry Pi 4B"`.
        simulated: Whether no real pin moves.
        why: One sentence for the banner: why these pins.
    """

    name: str
    simulated: bool
    why: str

    @property
    def banner(self) -> str:
        """What a person must know before wiring anything: simulated or real."""
        kind = "Simulated pins" if self.simulated else "REAL PINS"
        return f"{kind} · {self.name}. {self.why}"


def choose(kind: str | None) -> tuple[Any, Board]:
    """A pin factory, and what to tell about it.

    Args:
        kind: `"real"`, `"simulated"`, or None for what there is.

    Raises:
        BadPinFactory: The pins that were asked for can't be had.
    """
    asked = os.environ.get("GPIOZERO_PIN_FACTORY")
    if kind == "simulated":
        return _simulated("As asked for: no real pin moves.")
    if kind is None and Device.pin_factory is not None:
        # Devices were made before the bench: stay on their pins.
        return _described(Device.pin_factory, "These pins were in use before the bench came.")
    if kind is None and asked:
        return _described(_load_factory(), f"GPIOZERO_PIN_FACTORY is {asked!r}.")
    if kind is None and not _is_raspberry_pi():
        return _simulated("This machine is no Raspberry Pi: no real pin moves.")
    try:
        return _described(_load_factory(), "What you switch here switches for real.")
    except BadPinFactory as error:
        if kind == "real":
            raise
        return _simulated(f"This is a Raspberry Pi, but its pins can't be reached: {error}")


def _simulated(why: str) -> tuple[Any, Board]:
    # gpiozero says of every distance sensor that another pin factory measured better: of no use here.
    warnings.filterwarnings("ignore", category=PWMSoftwareFallback)
    factory = BenchFactory("c03114", SimulatedPWMPin)
    return factory, Board(f"Raspberry Pi {factory.board_info.model}", simulated=True, why=why)


def _described(factory: Any, why: str) -> tuple[Any, Board]:
    mocked = type(factory).__module__ == "gpiozero.pins.mock" or isinstance(factory, SimulatedFactory)
    return factory, Board(f"Raspberry Pi {factory.board_info.model}", simulated=mocked, why=why)


def _load_factory() -> Any:
    """gpiozero's own choice of factory, with its reasons in one sentence where there is none."""
    asked = os.environ.get("GPIOZERO_PIN_FACTORY")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        folder = os.getcwd()
        try:
            return Device._default_pin_factory()
        except GpiozeroBadPinFactory as error:
            reasons = [str(warning.message) for warning in caught] or [str(error)]
        except Exception as error:  # noqa: BLE001 - a backend may raise anything: lgpio.error, OSError, ImportError
            reasons = [f"{type(error).__name__}: {error}"]
        finally:
            # lgpio goes to the folder that LG_WD names and stays there; the user's files are here.
            os.chdir(folder)
    if asked:
        raise BadPinFactory(
            f"GPIOZERO_PIN_FACTORY names {asked!r}, which does not work here ({'; '.join(reasons)}). "
            f"Unset it, set one that exists, such as 'lgpio' or 'mock', or write labkit.bench('simulated')."
        )
    raise BadPinFactory(
        f"No way to the pins works here ({'; '.join(reasons)}). "
        f"On a Raspberry Pi run: sudo apt install python3-lgpio, then set labkit up again."
    )


def _is_raspberry_pi() -> bool:
    model = Path("/proc/device-tree/model")
    if model.exists():
        return model.read_bytes().startswith(b"Raspberry Pi")
    # gpiozero asks the same file where there is no device tree.
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.exists() and "\nRevision" in cpuinfo.read_text(errors="replace")
