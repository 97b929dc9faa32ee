"""The pins: whether this user may have them, whether they answer, who else holds some."""

import json
from pathlib import Path

from ..groups import existing
from .finding import Check, Finding, fault, note, sound, unknown
from .patient import Patient

__all__ = ["CHECKS"]

# What a process that holds lines has open, as /proc shows it (the kernel's gpiolib-cdev.c).
_LINES = "anon_inode:gpio-line"

# Runs as the lab's user. It reads a line that is an input and that nobody uses, so nothing on it changes. lgpio makes
# pipes in its folder, and writes to standard output when it fails: the answer is the last line.
_READ = """
import json, os, tempfile
folder = tempfile.mkdtemp()
os.environ["LG_WD"] = folder
os.chdir(folder)
try:
    import lgpio
    from gpiozero.pins.lgpio import LGPIOFactory
    factory = LGPIOFactory()
    chip = factory._handle
    free = [n for n in range(2, 28) if not lgpio.gpio_get_line_info(chip, n)[2] & 3]
    pin = factory.pin(free[0])
    answer = {"pin": free[0], "level": int(pin.state)}
    factory.close()
except BaseException as error:
    answer = {"error": f"{type(error).__name__}: {error}"}
print()
print(json.dumps(answer))
"""


def _groups(patient: Patient) -> Finding | None:
    if not patient.board.has_chip:
        return None
    found = patient.host.groups()
    missing = [group for group in existing(patient.host) if patient.user.name not in found[group]]
    if missing:
        return fault(
            f"{patient.user.name} is not in the group{'s' if missing[1:] else ''} {', '.join(missing)}",
            "run `labkit-setup apply`; in a terminal that is open already it counts from the next login on",
        )
    return sound(f"{patient.user.name} is in {', '.join(existing(patient.host)) or 'no group for pins: there is none'}")


def _nodes(patient: Patient) -> Finding:
    chips = [entry for entry in patient.host.entries(Path("/dev")) if entry.name.startswith("gpiochip")]
    if not chips:
        return unknown(
            "this machine has no GPIO character device (/dev/gpiochip*): notebooks run on simulated pins",
            "on a Raspberry Pi, update the system: `sudo apt full-upgrade`",
        )
    group = {entry: patient.host.look(entry) for entry in chips}
    gpio = patient.host.groups().get("gpio")
    closed = [entry for entry, found in group.items() if found is not None and not found.mode & 0o060]
    if closed:
        return fault(
            f"{closed[0]} can be opened by root only (mode {group[closed[0]].mode:03o})",  # type: ignore[union-attr]
            "give it to the group gpio with a udev rule; Raspberry Pi OS has one in `raspberrypi-sys-mods`"
            if gpio is not None
            else "make the group and a udev rule: `sudo groupadd --system gpio`, and restart",
        )
    wanted = {"spi": patient.settings and patient.settings.spi, "i2c": patient.settings and patient.settings.i2c}
    names = [entry.name for entry in patient.host.entries(Path("/dev"))]
    lacking = [
        bus for bus, on in wanted.items() if on and not any(name.startswith((bus, f"{bus}dev")) for name in names)
    ]
    if lacking:
        return fault(
            f"{lacking[0].upper()} was asked for, but there is no /dev/{lacking[0]}*",
            "restart the machine; if it is still not there, `labkit-setup apply --spi --i2c`",
        )
    return sound(f"{', '.join(map(str, chips))} can be opened by its group")


def _factory(patient: Patient) -> Finding | None:
    if patient.settings is None or not patient.board.has_chip:
        return None
    ran = patient.host.run([patient.layout.python, "-I", "-c", _READ], user=patient.user.name, seconds=120)
    try:
        answer = json.loads(ran.output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        answer = {"error": ran.complaint}
    error = answer.get("error")
    if error is None:
        return sound(f"gpiozero opens the pins and reads GPIO{answer['pin']}: {answer['level']}")
    remedy = "run `labkit-setup apply`; the checks of groups and devices say more"
    if "No module named" in error:
        remedy = "run `python3 setup pi` in a clone of labkit: lgpio, or another package, is missing"
    return fault(f"gpiozero can't use the pins ({error[:300]})", remedy)


def _held(patient: Patient) -> Finding | None:
    if not patient.board.has_chip:
        return None
    holders = [pid for pid in patient.processes() if any(name.startswith(_LINES) for name in patient.open_files(pid))]
    strangers = [pid for pid in holders if not patient.is_ours(pid)]
    if strangers:
        named = ", ".join(f"process {pid} ({patient.program(pid)})" for pid in strangers[:3])
        return fault(
            f"lines are held outside the lab, by {named}: a notebook that wants one gets “GPIO busy”",
            f"end that (`kill {strangers[0]}`) if you do not need it; `gpioinfo` lists the lines",
        )
    if holders:
        return note(f"{len(holders)} kernels of the lab hold lines", "shut a kernel down to free its lines")
    return sound("no line is held by anybody")


CHECKS = (
    Check("groups", _groups),
    Check("devices", _nodes),
    Check("pins", _factory),
    Check("lines held", _held),
)
