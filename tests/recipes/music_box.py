from signal import pause

from gpiozero import ButtonBoard, LEDBoard

buttons = ButtonBoard(20, 21, 22)
leds = LEDBoard(5, 6, 13)

leds.source = buttons

pause()
