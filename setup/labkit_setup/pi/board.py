"""What kind of machine this is: its processor, memory, Python, and what it has of a Raspberry Pi."""

import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ..host import Host

__all__ = ["Board"]

MIB = 1024 * 1024
_MEMORY = re.compile(r"^(MemTotal|SwapTotal):\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Board:
    """A machine's facts.

    Attributes:
        model: What the board calls itself, or the processor's architecture.
        machine: The architecture of the running programs, as in `aarch64`.
        is_64_bit: Whether Python is a 64-bit program: a 64-bit kernel may run 32-bit ones.
        python: Python's version, as in (3, 11).
        memory_bytes: RAM that Linux has; 0 where unknown.
        swap_bytes: Swap space.
        has_chip: Whether there is a GPIO character device.
    """

    model: str
    machine: str
    is_64_bit: bool
    python: tuple[int, int]
    memory_bytes: int
    swap_bytes: int
    has_chip: bool

    @classmethod
    def of(cls, host: Host) -> "Board":
        """This machine's."""
        model = (host.read(Path("/proc/device-tree/model")) or b"").rstrip(b"\0").decode(errors="replace")
        sizes = dict(_MEMORY.findall((host.read(Path("/proc/meminfo")) or b"").decode(errors="replace")))
        return cls(
            model=model or platform.machine(),
            machine=platform.machine(),
            is_64_bit=sys.maxsize > 2**32,
            python=sys.version_info[:2],
            memory_bytes=int(sizes.get("MemTotal", 0)) * 1024,
            swap_bytes=int(sizes.get("SwapTotal", 0)) * 1024,
            has_chip=any(entry.name.startswith("gpiochip") for entry in host.entries(Path("/dev"))),
        )

    @property
    def memory_limits(self) -> tuple[int, int]:
        """From where on the lab's memory is reclaimed, and where it ends, in bytes.

        What is left for the rest of the system is a tenth of the RAM, but never less than 128 MiB: with less,
        sshd of a board of 512 MiB is swapped out, and nobody gets in any more to see why.
        """
        most = self.memory_bytes - max(128 * MIB, self.memory_bytes // 10)
        return most * 9 // 10 // MIB * MIB, most // MIB * MIB
