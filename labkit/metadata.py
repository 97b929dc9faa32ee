"""What a recording tells of its circumstances: board, pins, devices, wiring, versions, notebook, time."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from datetime import datetime
from importlib import metadata
from typing import Any

from labkit.bench import Bench
from labkit.cells import notebook_name
from labkit.recordables import Recordable
from labkit.runfile.records import VERSION

__all__ = ["head_of"]

PACKAGES = {"labkit": "gpio-labkit", "gpiozero": "gpiozero", "lgpio": "lgpio"}


def head_of(bench: Bench, name: str, recordables: Sequence[Recordable]) -> dict[str, Any]:
    """A run's metadata, as of now."""
    factory = type(bench.factory)
    return {
        "format": "labkit run",
        "version": VERSION,
        "name": name,
        "start_ns": bench.clock.now_ns(),
        "wall_ns": time.time_ns(),
        "started": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "board": {
            "name": bench.board.name,
            "revision": getattr(bench.factory.board_info, "revision", ""),
            "simulated": bench.board.simulated,
        },
        "pin_factory": f"{factory.__module__}.{factory.__qualname__}",
        "devices": [_device(bench, each) for each in recordables],
        "wiring": _wiring(bench),
        "versions": _versions(),
        "notebook": notebook_name(),
        "cell": bench.cells.current.label,
    }


def _device(bench: Bench, recordable: Recordable) -> dict[str, Any]:
    cells = {id(holder.device()): holder.cell.label for holder in bench.holders()}
    return {
        "name": bench.name_of(recordable.device),
        "class": recordable.kind,
        "pins": [pin for pin, _ in recordable.pins],
        "cell": cells.get(id(recordable.device), ""),
    }


def _wiring(bench: Bench) -> list[dict[str, Any]]:
    """Which simulated part sits on which pins; what is wired to real ones, nobody knows but who did it."""
    if not bench.board.simulated or not hasattr(bench.factory, "board"):
        return []
    return [
        {
            "name": part.name,
            "part": type(part).__name__,
            "pins": {leg: f"GPIO{gpio}" for leg, gpio in part.pins.items()},
        }
        for part in bench.factory.board.parts.values()
    ]


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.release()}"}
    for name, package in PACKAGES.items():
        try:
            found[name] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
