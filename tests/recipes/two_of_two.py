from signal import pause

from gpiozero import LED, Button
from gpiozero.tools import all_values, negated

led, idle = LED(17), LED(27)
a, b = Button(2), Button(3)

led.source = all_values(a, b)
idle.source = negated(led)

pause()
