from signal import pause

from gpiozero import PWMLED

led = PWMLED(17)
led.pulse(fade_in_time=1, fade_out_time=1, n=1)

pause()
