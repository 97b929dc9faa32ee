from time import sleep

from gpiozero import Motor, Robot

robot = Robot(left=Motor(4, 14), right=Motor(17, 18))

for _ in range(4):
    robot.forward()
    sleep(10)
    robot.right()
    sleep(1)
robot.stop()
