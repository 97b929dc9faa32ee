from signal import pause

from gpiozero import LEDCharDisplay, LEDMultiCharDisplay

digit = LEDCharDisplay(4, 5, 6, 7, 8, 9, 10)
display = LEDMultiCharDisplay(digit, 22, 23, 24, 25)
display.value = "1234"

pause()
