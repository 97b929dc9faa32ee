"""Who can reach the lab, seen from its own side: the port, the firewall, the networks, the name."""

from ipaddress import ip_address

from ..firewall import Opening, active_firewall, is_open
from ..lan import mdns_name
from .finding import Check, Finding, fault, note, sound
from .patient import Patient

__all__ = ["CHECKS"]


def _port(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    port = patient.settings.port
    found = patient.listeners(port)
    if not found:
        start = "sudo systemctl restart labkit" if patient.settings.service else " ".join(patient.recipe.serve_command)
        return fault(f"nothing listens on port {port}", f"see the check of the service, then `{start}`")
    strangers = [
        one for one in found if one.pid is not None and patient.settings.service and not patient.is_ours(one.pid)
    ]
    if strangers:
        return fault(
            f"port {port} is taken by process {strangers[0].pid} ({strangers[0].program}), which is not the lab",
            f"stop that, or `labkit-setup apply --port {port + 1}`",
        )
    if all(ip_address(one.address).is_loopback for one in found):
        return fault(
            f"port {port} is open to this machine only (it listens on {', '.join(one.address for one in found)})",
            "connect the machine to its network and run `labkit-setup apply`; or use `labkit-setup tunnel`",
        )
    return sound(f"the lab listens on port {port}, at {', '.join(one.address for one in found)}")


def _firewall(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    port, network = patient.settings.port, patient.recipe.network
    kind = active_firewall(patient.host)
    if kind is None:
        return sound("no firewall is active on this machine")
    if network is None or not is_open(patient.host, kind, Opening(port, str(network))):
        listens = "the lab listens, but " if patient.listeners(port) else ""
        return fault(
            f"{listens}the firewall ({kind}) lets nobody reach port {port}",
            f"run `labkit-setup apply`, which adds one rule, for {network or 'the local network'}",
        )
    return sound(f"the firewall ({kind}) lets machines in {network} reach port {port}")


def _networks(patient: Patient) -> Finding:
    if not patient.lan.addresses:
        return fault(
            "this machine is in no network",
            "plug in the cable, or `sudo raspi-config` for Wi-Fi; `ip address` shows it",
        )
    return sound(f"in {', '.join(map(str, patient.lan.networks))}, as {', '.join(map(str, patient.lan.addresses))}")


def _name(patient: Patient) -> Finding:
    announced, own = mdns_name(patient.host), f"{patient.host.name.split('.')[0].lower()}.local"
    if announced is None:
        return fault(
            "no .local name is announced, so the lab is reached by address only",
            "run `sudo apt install avahi-daemon`; then `labkit-setup apply`",
        )
    if announced != own:
        remedy = "give it a name of its own (`sudo raspi-config`, System, Hostname), restart, and `labkit-setup apply`"
        taken = f"avahi found {own} taken in the network, so this machine goes by {announced}"
        if patient.leaf is not None and not patient.leaf.covers(announced):
            return fault(f"{taken}, which its certificate is not for", f"run `labkit-setup renew`; or {remedy}")
        # The name in use works. Whose the other one is can't be told: it may be this machine's own echo.
        return note(taken, f"if another machine has that name, {remedy}")
    return sound(f"it is announced as {announced}")


CHECKS = (
    Check("networks", _networks),
    Check("name", _name),
    Check("port", _port),
    Check("firewall", _firewall),
)
