from signal import pause

from gpiozero import MCP3008, LEDBarGraph

graph = LEDBarGraph(5, 6, 13, 19, pwm=False)
graph.source = MCP3008(channel=1)

pause()
