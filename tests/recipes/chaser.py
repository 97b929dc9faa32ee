from time import sleep

from gpiozero import LEDBoard

lights = LEDBoard(5, 6, 13, 19, 26)

for led in lights:
    led.on()
    sleep(0.5)
    led.off()
