from time import sleep

from gpiozero import Motor, Robot

robot = Robot(left=Motor(4, 14), right=Motor(17, 18))

robot.forward(0.5)
sleep(5)
robot.backward(0.25, curve_left=0.6)
sleep(5)
robot.stop()
sleep(5)
