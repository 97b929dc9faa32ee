from signal import pause

from gpiozero import LED, MotionSensor

pir = MotionSensor(4)
led = LED(16)

pir.when_motion = led.on
pir.when_no_motion = led.off

pause()
