"""The parts that a circuit can be made of: `labkit.circuit(red=Led(17), go=PushButton(2))`.

They say what is on which pin, and nothing more; names and settings are those of the simulated parts.
"""

from labkit.parts.analog import LdrDivider, Mcp3xxx, Potentiometer, Thermistor, Tmp36, VoltageSource
from labkit.parts.contacts import Knob, PushButton, Switch
from labkit.parts.lights import Led, RgbLed, SevenSegment
from labkit.parts.movers import Buzzer, HBridgeMotor, PhaseEnableMotor, Servo
from labkit.parts.plain import Module, Resistor, Wire
from labkit.parts.sensors import HcSr04, LdrCapacitor, LineSensor, Pir

__all__ = [
    "Buzzer", "HBridgeMotor", "HcSr04", "Knob", "LdrCapacitor", "LdrDivider", "Led", "LineSensor", "Mcp3xxx",
    "Module", "PhaseEnableMotor", "Pir", "Potentiometer", "PushButton", "Resistor", "RgbLed", "Servo",
    "SevenSegment", "Switch", "Thermistor", "Tmp36", "VoltageSource", "Wire",
]  # fmt: skip
