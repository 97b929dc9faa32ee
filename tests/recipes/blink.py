from time import sleep

from gpiozero import LED

red = LED(17)

while True:
    red.on()
    sleep(1)
    red.off()
    sleep(2)
