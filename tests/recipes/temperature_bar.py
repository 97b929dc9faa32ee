from signal import pause

from gpiozero import CPUTemperature, LEDBarGraph

cpu = CPUTemperature(min_temp=50, max_temp=90)
leds = LEDBarGraph(5, 6, 13, 19, 26, pwm=False)
leds.source = cpu

pause()
