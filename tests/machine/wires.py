"""What is at the pins of this machine: wires of the kernel's gpio-sim, or a Raspberry Pi's own `pinctrl`."""

import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["SIMULATED", "level", "pull", "pull_file"]

SIMULATED = sorted(Path("/sys/devices/platform").glob("gpio-sim.*/gpiochip*/sim_gpio17"))


def level(pin: int) -> str:
    """The level on the wire, asked without touching the line."""
    if SIMULATED:
        return (SIMULATED[0].with_name(f"sim_gpio{pin}") / "value").read_text().strip()
    if not shutil.which("pinctrl"):
        pytest.skip("nothing here tells a line's level without claiming it")
    return subprocess.run(["pinctrl", "lev", str(pin)], capture_output=True, text=True, check=True).stdout.strip()


def pull_file(pin: int) -> Path:
    """Where root says what the wire does while nobody drives it; outside the reach of the process under test."""
    return SIMULATED[0].with_name(f"sim_gpio{pin}") / "pull"


def pull(pin: int, way: str) -> None:
    """Pull a wire "up" or "down"."""
    command = ["sudo", "-n", "tee", str(pull_file(pin))]
    subprocess.run(command, input=f"pull-{way}", text=True, check=True, capture_output=True)
