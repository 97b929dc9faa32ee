from datetime import time
from signal import pause

from gpiozero import LED, TimeOfDay

morning = TimeOfDay(time(7), time(8))
lamp = LED(17)

morning.when_activated = lamp.on
morning.when_deactivated = lamp.off

pause()
