from signal import pause

from gpiozero import LED, RotaryEncoder

knob = RotaryEncoder(5, 6, max_steps=4)
right, left = LED(17), LED(27)

knob.when_rotated_clockwise = right.toggle
knob.when_rotated_counter_clockwise = left.toggle

pause()
