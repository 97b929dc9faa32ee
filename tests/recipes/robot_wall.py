from gpiozero import DistanceSensor, Motor, Robot

sensor = DistanceSensor(23, 24, max_distance=1, threshold_distance=0.2)
robot = Robot(left=Motor(4, 14), right=Motor(17, 18))

robot.forward()
sensor.wait_for_in_range()
robot.backward()
sensor.wait_for_out_of_range()
robot.stop()
