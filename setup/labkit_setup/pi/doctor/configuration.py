"""Files that say something else than the lab does: old ones, edited ones, ones that come on top."""

import json
from pathlib import Path

from ...errors import ConfigurationError
from ...steps import refuse_edited
from ..jupyterfiles import candidates
from ..units import FIREWALL, FOLDER, RENEW, SERVICE, TIMER
from .finding import Check, Finding, fault, sound
from .patient import Patient

__all__ = ["CHECKS"]

_TOKENS = ("JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE")


def _legacy(patient: Patient) -> Finding:
    found = candidates(patient.host, patient.user.home)
    if not found:
        return sound("no old Jupyter configuration is lying around")
    only_notebook = " (JupyterLab ignores a jupyter_notebook_config anyway)" if "notebook" in found[0].name else ""
    return fault(
        f"{', '.join(map(str, found))}: nothing in there is in force, as the lab reads no such file{only_notebook}",
        "`labkit-setup migrate` says what becomes of each setting and carries over what can be; then rename it",
    )


def _not_set_up(patient: Patient) -> Finding:
    if patient.settings is None:
        return fault("no lab is set up on this machine", "run `python3 setup pi` in a clone of labkit")
    return sound(f"a lab of {patient.settings.user}'s on port {patient.settings.port}")


def _edited(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    try:
        refuse_edited(patient.host, patient.context.journal.entries())
    except ConfigurationError as error:
        return fault(
            str(error).split(";")[0],
            "`labkit-setup plan` shows the difference; `labkit-setup apply --force` writes it anew",
        )
    return sound("the lab's files are as labkit wrote them")


def _shadowed(patient: Patient) -> Finding | None:
    if patient.settings is None or not patient.settings.service:
        return None
    over = [
        entry
        for unit in (SERVICE, RENEW, TIMER, FIREWALL)
        for base in (FOLDER, Path("/run/systemd/system"), Path("/usr/lib/systemd/system"))
        for entry in patient.host.entries(base / f"{unit}.d")
    ]
    if over:
        return fault(
            f"{', '.join(map(str, over))} changes the service on top of labkit's unit",
            f"look whether it is still wanted (`systemctl cat {SERVICE}`), else `sudo systemctl revert {SERVICE}` "
            "and `labkit-setup apply`",
        )
    at = patient.unit.get("FragmentPath", "")
    if at and Path(at) != FOLDER / SERVICE:
        return fault(f"systemd runs another unit of that name, {at}", "remove that one, then `labkit-setup apply`")
    if patient.unit.get("NeedDaemonReload") == "yes":
        return fault("systemd has not read the unit since it was changed", "run `sudo systemctl daemon-reload`")
    return sound("nothing changes the service on top of labkit's unit")


def _token(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    pid = patient.server_pid
    own = (patient.host.read(Path(f"/proc/{pid}/environ")) or b"") if pid else b""
    manager = patient.host.run(["systemctl", "show-environment"]).output
    unit = patient.unit.get("Environment", "")
    named = [name for name in _TOKENS if f"{name}=".encode() in own or f"{name}=" in manager or f"{name}=" in unit]
    if named:
        return fault(
            f"{named[0]} is set for the service: whoever has the token would need no password",
            f"take it away: `sudo systemctl unset-environment {named[0]}`, and from /etc/environment and drop-ins",
        )
    return sound("no token opens the lab beside the password")


def _server_file(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    from ...server.settings import Settings

    path = patient.recipe.server_file
    content = patient.host.read(path)
    if content is None:
        return fault(f"{path} is gone, so the server does not start", "run `labkit-setup apply`")
    found = Settings.from_json(content, path)
    wanted = patient.recipe.server()
    if found != wanted:
        differ = [
            name
            for name, value in json.loads(wanted.to_json()).items()
            if json.loads(content).get(name, object()) != value
        ]
        return fault(
            f"the machine or its network changed since ({', '.join(differ)})",
            "run `labkit-setup plan` to see what that means, and `labkit-setup apply`",
        )
    return sound("the server's settings fit this machine and its network")


CHECKS = (
    Check("set up", _not_set_up),
    Check("old configuration", _legacy),
    Check("edited files", _edited),
    Check("files on top", _shadowed),
    Check("token", _token),
    Check("settings", _server_file),
)
