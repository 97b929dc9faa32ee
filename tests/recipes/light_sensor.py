from signal import pause

from gpiozero import LED, LightSensor

sensor = LightSensor(18)
led = LED(16)

sensor.when_dark = led.on
sensor.when_light = led.off

pause()
