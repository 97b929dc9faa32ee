from time import sleep

from gpiozero import TonalBuzzer
from gpiozero.tones import Tone

buzzer = TonalBuzzer(21)

for note in "A4", "C5", 60, Tone(frequency=300):
    buzzer.play(note)
    sleep(0.5)
buzzer.stop()
