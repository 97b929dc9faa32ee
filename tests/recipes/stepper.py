from time import sleep

from gpiozero import OutputDevice

coils = [OutputDevice(pin) for pin in (5, 6, 13, 19)]

for step in range(8):
    for number, coil in enumerate(coils):
        coil.value = number == step % 4
    sleep(0.01)
for coil in coils:
    coil.off()
