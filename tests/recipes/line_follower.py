from signal import pause

from gpiozero import LED, LineSensor

sensor = LineSensor(4)
on_line, lost = LED(17), LED(27)

sensor.when_line = on_line.on
sensor.when_no_line = on_line.off

pause()
