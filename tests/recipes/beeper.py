from gpiozero import Buzzer

buzzer = Buzzer(15)
buzzer.beep(on_time=0.1, off_time=0.4, n=3, background=False)
