from time import sleep

from gpiozero import RGBLED

led = RGBLED(red=9, green=10, blue=11)

led.red = 1
sleep(1)
led.red = 0.5
sleep(1)
led.color = (0, 1, 0)
sleep(1)
led.color = (1, 0, 1)
sleep(1)
led.off()
