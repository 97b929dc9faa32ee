from signal import pause

from gpiozero import MCP3008, PWMLED

pot = MCP3008(0)
led = PWMLED(17)

led.source = pot

pause()
