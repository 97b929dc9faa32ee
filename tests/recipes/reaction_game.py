from random import uniform
from time import sleep

from gpiozero import LED, Button

led = LED(17)
player_1 = Button(2)
player_2 = Button(3)

sleep(uniform(5, 10))
led.on()
while True:
    if player_1.is_pressed:
        print("Player 1 wins!")
        break
    if player_2.is_pressed:
        print("Player 2 wins!")
        break
led.off()
