from signal import pause

from gpiozero import LED, Button

alarm = LED(17)
stop = Button(3, hold_time=2)

stop.when_held = alarm.on

pause()
