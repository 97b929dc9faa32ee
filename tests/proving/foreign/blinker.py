from time import sleep

from gpiozero import PWMLED


def steps(levels):
    with PWMLED(17) as led:
        for level in levels:
            led.value = level
            sleep(60)
