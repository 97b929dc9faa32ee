"""The service: whether it runs, as whom, and if not, why, in plain words."""

import re
from pathlib import Path

from ..service import last_words
from ..units import RENEW, SERVICE, TIMER
from .finding import Check, Finding, fault, sound
from .patient import Patient

__all__ = ["CHECKS"]

# systemd.exec(5), "Process exit codes"; sysexits.h for ours.
_STATUSES = {
    "200": ("its folder of notebooks is gone", "make it again, or `labkit-setup apply --root-dir …`"),
    "203": ("its packages are gone", "run `python3 setup pi` in a clone of labkit"),
    "216": ("one of its groups is gone", "run `labkit-setup apply`, which uses those that there are"),
    "217": ("its user is gone", "run `labkit-setup apply --user NAME`"),
    "226": ("a folder it needs is gone", "run `labkit-setup apply`"),
    "78": (
        "something in its configuration is wrong",
        "do what its last line says, then `sudo systemctl restart labkit`",
    ),
}
# What its last lines may hold, and what that means.
_WORDS = (
    (
        r"Address already in use|is taken by",
        "another program has its port",
        "`labkit-setup apply --port` chooses another",
    ),
    (r"No space left on device", "the disk is full", "free some space, then `sudo systemctl restart labkit`"),
    (
        r"Permission denied|can't be read",
        "it may not read one of its files",
        "run `labkit-setup apply`, which mends modes",
    ),
    (r"ModuleNotFoundError|ImportError", "its packages are incomplete", "run `python3 setup pi` in a clone of labkit"),
    (r"MemoryError|Cannot allocate memory", "there is too little memory", "close notebooks, or add swap (zram-tools)"),
)


def _unit(patient: Patient) -> Finding | None:
    if patient.settings is None or not patient.settings.service:
        return None
    unit = patient.unit
    if unit.get("LoadState") == "not-found" or not unit:
        return fault(f"the service {SERVICE} is not there", "run `labkit-setup apply`")
    if unit.get("UnitFileState") not in ("enabled", None):
        return fault(
            f"the service would not come back after a restart ({unit.get('UnitFileState')})",
            f"run `sudo systemctl enable {SERVICE}`",
        )
    if unit.get("ActiveState") == "active":
        return sound(f"the service runs (process {unit.get('MainPID')})")
    said = last_words(patient.host, SERVICE)
    what, remedy = _explained(unit, " ".join(said))
    last = f"; last it said: {said[-1][:300]}" if said else ""
    return fault(f"the service is {unit.get('ActiveState')}: {what}{last}", remedy)


def _explained(unit: dict[str, str], said: str) -> tuple[str, str]:
    if unit.get("Result") == "oom-kill":
        return "it used up its memory and was ended", "close notebooks you don't need; `sudo systemctl restart labkit`"
    for pattern, what, remedy in _WORDS:
        if re.search(pattern, said):
            return what, remedy
    if unit.get("ExecMainStatus", "") in _STATUSES:
        return _STATUSES[unit["ExecMainStatus"]]
    if unit.get("Result") in ("success", None):
        return "somebody stopped it", f"run `sudo systemctl start {SERVICE}`"
    return (
        f"it ended ({unit.get('Result')}, {unit.get('ExecMainStatus')})",
        "`labkit-setup logs` has all it said; `sudo systemctl restart labkit` tries again",
    )


def _root(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    pid = patient.server_pid
    status = (patient.host.read(Path(f"/proc/{pid}/status")) or b"").decode(errors="replace") if pid else ""
    found = re.search(r"^Uid:\s+\d+\s+(\d+)", status, re.MULTILINE)
    if patient.settings.user == "root" or (found and found[1] == "0"):
        return fault(
            "the lab runs as root, so every notebook can change the whole machine",
            "run `labkit-setup apply --user pi`, with the name of an ordinary user",
        )
    return sound(f"it runs as {patient.settings.user}")


def _renewal(patient: Patient) -> Finding | None:
    if patient.settings is None or not patient.settings.service:
        return None
    if patient.shown(TIMER).get("ActiveState") != "active":
        return fault("nothing renews the certificate: the timer is off", f"run `sudo systemctl enable --now {TIMER}`")
    if patient.shown(RENEW).get("Result", "success") != "success":
        said = last_words(patient.host, RENEW, 1)
        return fault(
            f"the last renewal failed{f': {said[-1][:300]}' if said else ''}",
            "run `labkit-setup renew`, which says what is in the way",
        )
    return sound("the timer for renewal is on")


CHECKS = (Check("service", _unit), Check("root", _root), Check("renewal", _renewal))
