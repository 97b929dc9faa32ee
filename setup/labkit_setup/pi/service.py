"""systemd: units known, started, stopped."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import SetupError
from ..host import Host
from ..managed import file_step, link_step
from ..steps import Step
from ..undo import VERBS, Action, Verb
from .units import FOLDER

__all__ = ["enable_step", "has_systemd", "is_active", "last_words", "running_step", "started_step", "unit_step"]

# A Zero 2 W takes its time for the first start of JupyterLab.
_START_SECONDS = 330.0


def has_systemd(host: Host) -> bool:
    """Whether systemd runs this machine, as sd_booted(3) tells."""
    return host.look(Path("/run/systemd/system")) is not None


def is_active(host: Host, unit: str) -> bool:
    """Whether a unit is running, or waiting for its time if it is a timer."""
    return host.run(["systemctl", "is-active", unit]).output.strip() == "active"


def last_words(host: Host, unit: str, count: int = 5) -> list[str]:
    """The last lines that a unit's processes wrote; what systemd says of it, only where they wrote nothing."""
    form = ["--lines", str(count), "--output", "cat", "--quiet", "--no-pager"]
    for which in ([f"_SYSTEMD_UNIT={unit}"], ["--unit", unit]):
        found = host.run(["journalctl", *which, *form])
        if lines := [line for line in found.output.splitlines() if line.strip()]:
            return lines
    return []


def unit_step(name: str, text: str) -> Step:
    """A unit file; systemd forgets it when it is taken back."""
    step = file_step(FOLDER / name, text.encode())

    def apply(host: Host) -> None:
        step.apply(host)
        host.run(["systemctl", "daemon-reload"])

    # Done last of all, after the file is gone.
    return replace(step, apply=apply, undo=lambda host: [Action("reload_units", {}), *step.undo(host)])


def enable_step(name: str, target: str) -> Step:
    """Start a unit with the machine: the very link that `systemctl enable` makes."""
    return link_step(FOLDER / f"{target}.wants" / name, str(FOLDER / name))


def started_step(unit: str) -> Step:
    """A unit that is to be active, whatever it was started with."""

    def apply(host: Host) -> None:
        _must(host, ["systemctl", "start", unit], unit)

    return Step(
        f"start {unit}",
        lambda host: is_active(host, unit),
        apply,
        lambda host: [Action("stop_unit", {"unit": unit})],
        lambda host: [f"start {unit}"],
    )


def running_step(unit: str, mark: Path, inputs: Sequence[Path]) -> Step:
    """A service that runs with what its files say now: it is restarted when one of them has changed.

    Args:
        unit: The service.
        mark: Where it is noted what the service was last started with.
        inputs: Files and links that it reads at its start only.
    """

    def fingerprint(host: Host) -> bytes:
        found = hashlib.sha256()
        for path in inputs:
            at = host.look(path)
            content = b"" if at is None or at.kind != "file" else host.read(path) or b""
            found.update(repr((str(path), at and at.target, content)).encode())
        return found.hexdigest().encode() + b"\n"

    def apply(host: Host) -> None:
        _must(host, ["systemctl", "restart", unit], unit)
        host.sweep(mark)
        host.write(mark, fingerprint(host), 0o644)

    return Step(
        f"run {unit}",
        lambda host: is_active(host, unit) and host.read(mark) == fingerprint(host),
        apply,
        lambda host: [Action("stop_unit", {"unit": unit})],
        lambda host: [f"{'restart' if is_active(host, unit) else 'start'} {unit}"],
    )


def stop_unit(host: Host, unit: str) -> None:
    """Stop a unit; fine if it does not run or is not known."""
    if host.run(["systemctl", "cat", unit]).ok:
        _must(host, ["systemctl", "stop", unit], unit)
        host.run(["systemctl", "reset-failed", unit])


def reload_units(host: Host) -> None:
    """Have systemd read its unit files again."""
    host.run(["systemctl", "daemon-reload"])


def _must(host: Host, command: list[str], unit: str) -> None:
    ran = host.run(command, seconds=_START_SECONDS)
    if not ran.ok:
        said = last_words(host, unit, 1)
        why = f"it said: {said[0][:300]}" if said else ran.complaint
        raise SetupError(f"`{' '.join(command)}` failed ({why}); `labkit-setup logs` has more.")


VERBS["stop_unit"] = Verb(stop_unit, lambda unit: f"stop {unit}")
VERBS["reload_units"] = Verb(reload_units, lambda: "have systemd forget it")
