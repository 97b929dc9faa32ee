from signal import pause

from gpiozero import LED, PingServer
from gpiozero.tools import negated

green, red = LED(17), LED(18)
google = PingServer("google.com")

green.source = google
green.source_delay = 20
red.source = negated(green)

pause()
