"""One live panel per family of gpiozero devices."""

from labkit.panels import analog as _analog
from labkit.panels import composites as _composites
from labkit.panels import displays as _displays
from labkit.panels import inputs as _inputs
from labkit.panels import internal as _internal
from labkit.panels import motion as _motion
from labkit.panels import outputs as _outputs
from labkit.panels import rgb as _rgb
from labkit.panels import robots as _robots
from labkit.panels import sensors as _sensors
from labkit.panels import sound as _sound
from labkit.panels.base import Panel, panel
from labkit.panels.column import panels
from labkit.panels.notebook import show_devices_as_panels

__all__ = ["Panel", "panel", "panels", "show_devices_as_panels"]

# Importing a family registers its panels.
FAMILIES = (
    _analog, _composites, _displays, _inputs, _internal, _motion, _outputs, _rgb, _robots, _sensors, _sound,
)  # fmt: skip
