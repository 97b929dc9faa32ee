"""The groups that may use the pins, and the buses beside them."""

from collections.abc import Mapping
from pathlib import Path

from ..errors import SetupError
from ..host import Host
from ..steps import Step
from ..undo import VERBS, Action, Verb, restore

__all__ = ["PIN_GROUPS", "bus_step", "existing", "group_step"]

# gpio: /dev/gpiochip*, spi: /dev/spidev*, i2c: /dev/i2c-*; Raspberry Pi OS makes them, other systems may not.
PIN_GROUPS = ("gpio", "spi", "i2c")

_CONFIGS = ("/boot/firmware/config.txt", "/boot/config.txt", "/etc/modules", "/etc/modprobe.d/raspi-blacklist.conf")
_WORDS = {"spi": "SPI", "i2c": "I²C"}


def existing(host: Host) -> tuple[str, ...]:
    """Those of the groups that this machine has."""
    found = host.groups()
    return tuple(name for name in PIN_GROUPS if name in found)


def group_step(user: str, group: str) -> Step:
    """A user who may use pins, also outside the lab: `ssh` and a script want that, too."""

    def apply(host: Host) -> None:
        _must(host, ["gpasswd", "--add", user, group])

    return Step(
        f"group {group} for {user}",
        lambda host: user in host.groups().get(group, ()),
        apply,
        lambda host: [Action("leave_group", {"user": user, "group": group})],
        lambda host: [f"add {user} to the group {group}"],
    )


def bus_step(bus: str, wanted: bool) -> Step:
    """SPI or I²C switched on or off, by Raspberry Pi OS's own tool.

    The tool edits files whose exact content is brought back, unless somebody else changed them since: then the
    tool is asked to switch the bus back.
    """
    number = "0" if wanted else "1"

    def is_done(host: Host) -> bool:
        # 0 is yes, as for an exit status.
        return host.run(["raspi-config", "nonint", f"get_{bus}"]).output.strip() == number

    def apply(host: Host) -> None:
        _must(host, ["raspi-config", "nonint", f"do_{bus}", number])

    def undo(host: Host) -> list[Action]:
        before = {str(path): restore(host, path).to_json() for path in map(Path, _CONFIGS) if _is_file(host, path)}
        was_on = host.run(["raspi-config", "nonint", f"get_{bus}"]).output.strip() == "0"
        return [Action("switch_bus", {"bus": bus, "on": was_on, "files": before})]

    state = "on" if wanted else "off"
    return Step(f"bus {bus}", is_done, apply, undo, lambda host: [f"switch {_WORDS[bus]} {state} (raspi-config)"])


def has_buses(host: Host) -> bool:
    """Whether the system has the tool that switches them."""
    return host.run(["raspi-config", "nonint", "get_spi"]).ok


def leave_group(host: Host, user: str, group: str) -> None:
    """Take a user out of a group; fine if the user is not in it."""
    if user in host.groups().get(group, ()):
        _must(host, ["gpasswd", "--delete", user, group])


def switch_bus(host: Host, bus: str, on: bool, files: Mapping[str, Mapping[str, str]]) -> None:
    """Switch a bus back, and bring files back to the byte where that is all that happened to them."""
    if host.run(["raspi-config", "nonint", f"get_{bus}"]).ok:
        _must(host, ["raspi-config", "nonint", f"do_{bus}", "0" if on else "1"])
    for name, before in files.items():
        action = Action.of_json(before)
        if _same_but_for_the_bus(host.read(Path(name)) or b"", action, bus):
            action.do(host)


def _same_but_for_the_bus(now: bytes, before: Action, bus: str) -> bool:
    from ..undo import restored_content

    path = Path(str(before.arguments["path"]))
    old = restored_content(before, path)
    return old is not None and _without(old, bus) == _without(now, bus)


def _without(content: bytes, bus: str) -> list[str]:
    lines = content.decode(errors="replace").splitlines()
    names = (bus, f"{bus}_arm", f"{bus}-dev", f"{bus}_bcm2708", f"{bus}-bcm2708")
    return [line for line in lines if line.strip() and not any(name in line for name in names)]


def _is_file(host: Host, path: Path) -> bool:
    found = host.look(path)
    return found is not None and found.kind == "file"


def _must(host: Host, command: list[str]) -> None:
    ran = host.run(command)
    if not ran.ok:
        raise SetupError(f"`{' '.join(command)}` failed ({ran.complaint}); mend that and run the same command again.")


def _switch_words(bus: str, on: bool, files: Mapping[str, object]) -> str:
    return f"switch {_WORDS.get(bus, bus)} {'on' if on else 'off'} again"


VERBS["leave_group"] = Verb(leave_group, lambda user, group: f"take {user} out of the group {group}")
VERBS["switch_bus"] = Verb(switch_bus, _switch_words)
