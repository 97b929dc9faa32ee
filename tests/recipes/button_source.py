from signal import pause

from gpiozero import LED, Button

led = LED(17)
led.source = Button(3)

pause()
