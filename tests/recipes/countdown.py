from time import sleep

from gpiozero import LEDCharDisplay

display = LEDCharDisplay(4, 5, 6, 7, 8, 9, 10, dp=11)

for char in "321":
    display.value = char
    sleep(1)
display.off()
sleep(1)
