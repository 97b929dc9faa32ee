"""A gpiozero device as a cell's last line shows its panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpiozero import Device

__all__ = ["show_devices_as_panels"]


def show_devices_as_panels(shell: Any, panel_of: Callable[[Any], Any]) -> None:
    """Let a device as a cell's last line show its panel in this IPython."""

    def bundle(device: Any, **kwargs: Any) -> Any:
        return panel_of(device)._repr_mimebundle_(**kwargs)

    shell.display_formatter.mimebundle_formatter.for_type(Device, bundle)
