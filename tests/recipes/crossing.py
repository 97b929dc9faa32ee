from time import sleep

from gpiozero import Button, Buzzer, TrafficLights

lights = TrafficLights(9, 10, 11)
buzzer = Buzzer(15)
button = Button(21)

while True:
    lights.green.on()
    button.wait_for_press()
    lights.green.off()
    lights.amber.on()
    sleep(1)
    lights.amber.off()
    lights.red.on()
    buzzer.beep(0.25, 0.25, n=4, background=False)
    lights.red.off()
