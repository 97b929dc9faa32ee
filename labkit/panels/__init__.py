"""One live panel per family of gpiozero devices."""

from labkit.panels import inputs as _inputs
from labkit.panels import outputs as _outputs
from labkit.panels.base import Panel, panel, show_devices_as_panels

__all__ = ["Panel", "panel", "show_devices_as_panels"]

# Importing a family registers its panels.
FAMILIES = (_inputs, _outputs)
