"""All panels on one page, in groups that fit on a board's pins: to be used, checked by axe, and photographed."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from desk import SCREENSHOTS, Notebook

__all__ = ["GROUPS", "Gallery"]

GROUPS = {
    "lights": """
        valve = OutputDevice(2)
        red = LED(3)
        dim = PWMLED(4, initial_value=0.4)
        light = RGBLED(5, 6, 7, initial_value=(1, 0.4, 0))
        buzz = Buzzer(8)
        tune = TonalBuzzer(9)
        socket = Energenie(1)""",
    "movers": """
        fan = Motor(2, 3)
        wheel = PhaseEnableMotor(4, 5)
        servo = Servo(6)
        arm = AngularServo(7, initial_angle=-30)
        robot = Robot(Motor(8, 9), Motor(10, 11))""",
    "inputs": """
        bare = GPIODevice(2)
        raw = InputDevice(3, pull_up=True)
        door = DigitalInputDevice(4, pull_up=True)
        go = Button(5, hold_time=0.2)
        floor = LineSensor(6, queue_len=1)
        hall = MotionSensor(7)
        day = LightSensor(8, queue_len=1)
        ranger = DistanceSensor(echo=9, trigger=10, queue_len=2)
        knob = RotaryEncoder(11, 12)
        smooth = SmoothedInputDevice(13, pull_up=True, partial=True)""",
    "boards": """
        board = LEDBoard(2, LEDBoard(up=3, down=4), sign=5)
        bar = LEDBarGraph(6, 7, 8, 9, 10, pwm=True, initial_value=0.7)
        digit = LEDCharDisplay(11, 12, 13, 14, 15, 16, 17, dp=18, initial_value='4')
        crossing = TrafficLights(19, 20, 21)
        keys = ButtonBoard(22, 23)""",
    "converters": """
        pot = MCP3008(3)
        pair = MCP3304(1, differential=True)
        score = LEDMultiCharDisplay(LEDCharDisplay(2, 3, 4, 12, 13, 16, 19), 20, 21)
        hat = TrafficHat()""",
    "computer": """
        cpu, load, disk = CPUTemperature(), LoadAverage(), DiskUsage()
        server = PingServer('example.org')
        noon = TimeOfDay(gpiozero.internal_devices.time(11), gpiozero.internal_devices.time(13))
        cam = CamJamKitRobot()""",
}

# A picture of the panels as they are: the notebook goes on to the next board. What was typed is no attribute by itself.
TAKE = """([group, panels]) => {
  let sheet = document.getElementById('gallery');
  if (!sheet) {
    sheet = document.createElement('div');
    sheet.id = 'gallery';
    sheet.style.cssText = 'position:fixed;inset:0 auto auto 0;z-index:99999;box-sizing:border-box;width:2010px;' +
      'padding:12px;min-height:100vh;column-count:3;column-gap:12px;background:var(--jp-layout-color0)';
    sheet.hidden = true;
    document.body.append(sheet); }
  sheet.querySelectorAll(`[data-group="${group}"]`).forEach((old) => old.remove());
  for (const panel of document.querySelectorAll(panels)) {
    for (const input of panel.querySelectorAll('input')) input.setAttribute('value', input.value);
    const copy = panel.cloneNode(true);
    copy.dataset.group = group;
    copy.style.cssText = 'break-inside:avoid;width:640px;box-sizing:border-box';
    sheet.append(copy); } }"""
SHOW = """(isShown) => {
  const sheet = document.getElementById('gallery');
  sheet.hidden = !isShown;
  return sheet.scrollHeight }"""
# Rows that stick out of their panel.
OVERFLOWS = """() => [...document.querySelectorAll('#gallery .labkit-panel')].flatMap((panel) => {
  const edge = panel.getBoundingClientRect().right;
  return [...panel.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > edge + 1)
    .map((each) => `${panel.innerText.split(' ')[0]}: ${each.className}`) })"""
PANELS = ".labkit-panels > .labkit-panel"


class Gallery:
    """What has been shown so far, in one page."""

    def __init__(self, sheet: Notebook) -> None:
        self._sheet = sheet
        self._page = sheet.page
        self._groups: set[str] = set()

    def open(self, group: str) -> None:
        """Run the group's code in the second cell, and show all its panels."""
        lines = [line.strip() for line in GROUPS[group].strip().splitlines()]
        self._sheet.run(1, "\n".join([*lines, "bench.panels()"]))

    def take(self, group: str) -> None:
        """Keep a picture of the group's panels as they are now."""
        self._page.evaluate(TAKE, [group, PANELS])
        self._groups.add(group)

    @property
    def missing(self) -> list[str]:
        return [group for group in GROUPS if group not in self._groups]

    def faults(self, selector: str) -> list[str]:
        """What axe finds wrong: names, roles, contrast."""
        if not self._page.evaluate("'axe' in window"):
            self._page.evaluate(AXE_SCRIPT)
        found: Any = self._page.evaluate("place => axe.run(place, { resultTypes: ['violations'] })", selector)
        return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]

    def picture(self, name: str = "") -> list[str]:
        """What axe finds in the sheet, and what sticks out; with a name, it is also written to `screenshots/`."""
        before = self._page.viewport_size
        height = self._page.evaluate(SHOW, True)
        self._page.set_viewport_size({"width": 2040, "height": height + 10})
        faults = [*self.faults("#gallery"), *self._page.evaluate(OVERFLOWS)]
        if name:
            SCREENSHOTS.mkdir(exist_ok=True)
            self._page.locator("#gallery").screenshot(path=SCREENSHOTS / f"{name}.png")
        self._page.evaluate(SHOW, False)
        self._page.set_viewport_size(before)
        return faults
