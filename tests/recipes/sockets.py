from time import sleep

from gpiozero import Energenie

lamp = Energenie(1)

lamp.on()
sleep(5)
lamp.off()
