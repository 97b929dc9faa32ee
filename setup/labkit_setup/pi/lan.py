"""Where this machine is in its networks: addresses, networks, routers, and the name that others see."""

import json
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address, ip_interface
from typing import Any

from ..addresses import Address, Network
from ..host import Host
from ..network import sane_names
from .addressing import is_local

__all__ = ["Lan", "mdns_name", "mdns_names"]

_AVAHI = ("org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server", "GetHostNameFqdn")
# avahi_alternative_host_name(): what follows the name after the first conflict, and the second.
_CONFLICTS = ("", "-2", "-3")
_IFCONFIG_INET = re.compile(r"^\s+inet (\S+) netmask 0x([0-9a-f]{8})", re.MULTILINE)


@dataclass(frozen=True)
class Lan:
    """The local networks of a machine; loopback and what only containers see are left out.

    Attributes:
        addresses: Its own, those that last, IPv4 first.
        networks: What is around them.
        gateways: The routers.
    """

    addresses: tuple[Address, ...] = ()
    networks: tuple[Network, ...] = ()
    gateways: tuple[Address, ...] = ()

    @classmethod
    def of(cls, host: Host) -> "Lan":
        """This machine's, as far as it can be found out."""
        if host.platform == "darwin":
            return _of_ifconfig(host.run(["ifconfig"]).output, host.run(["route", "-n", "get", "default"]).output)
        interfaces = _json(host.run(["ip", "-j", "address"]).output)
        routes = [route for family in ("-4", "-6") for route in _json(host.run(["ip", "-j", family, "route"]).output)]
        return _of_iproute(interfaces, routes)

    @property
    def network(self) -> Network | None:
        """The one network that is meant where nobody said which: IPv4, as people name their home's."""
        return next((network for network in self.networks if isinstance(network, IPv4Network)), None)


def mdns_name(host: Host) -> str | None:
    """The name under which avahi really announces this machine; after a conflict that is another than its own."""
    name, path, interface, method = _AVAHI
    if host.platform == "darwin":
        local = host.run(["scutil", "--get", "LocalHostName"])
        return f"{local.output.strip().lower()}.local" if local.ok and local.output.strip() else None
    answer = host.run(["busctl", "--json=short", "call", name, path, interface, method], seconds=10)
    found = next(iter(_json(f"[{answer.output}]")), {}) if answer.ok else {}
    data = found.get("data", [])
    return str(data[0]).lower().rstrip(".") if data and data[0] else None


def mdns_names(host: Host) -> tuple[str, ...]:
    """The names under which avahi may announce this machine: its own, and those it goes on to after conflicts.

    A conflict need not be another machine's: one whose networks are bridged somewhere, as cable and Wi-Fi are at
    most routers, hears its own announcement and takes the next name, now and then, at a start.
    """
    own = [name.removesuffix(".local") for name in sane_names(host.name, "") if name.endswith(".local")]
    return tuple(f"{name}{suffix}.local" for name in own[:1] for suffix in _CONFLICTS)


def _of_iproute(interfaces: list[dict[str, Any]], routes: list[dict[str, Any]]) -> Lan:
    defaults = [route for route in routes if route.get("dst") == "default"]
    # The interface of the default route first: with several, that is the network people mean.
    order = [str(route.get("dev")) for route in sorted(defaults, key=lambda route: int(route.get("metric", 0)))]
    ranked = sorted(interfaces, key=lambda found: order.index(found["ifname"]) if found.get("ifname") in order else 99)
    addresses: list[Address] = []
    networks: list[Network] = []
    for interface in ranked:
        if _is_inside(interface):
            continue
        for entry in interface.get("addr_info", []):
            if entry.get("scope") != "global" or entry.get("temporary") or entry.get("deprecated"):
                continue
            own = ip_interface(f"{entry['local']}/{entry['prefixlen']}")
            addresses.append(own.ip)
            if own.network.num_addresses > 1 and own.network not in networks and is_local(own.network):
                networks.append(own.network)
    gateways = [ip_address(route["gateway"]) for route in defaults if "gateway" in route]
    addresses.sort(key=lambda address: address.version)
    return Lan(tuple(addresses), tuple(networks), tuple(dict.fromkeys(gateways)))


def _is_inside(interface: dict[str, Any]) -> bool:
    """Whether only this machine is at the other end: loopback, bridges and pairs of containers."""
    name = str(interface.get("ifname", ""))
    return "LOOPBACK" in interface.get("flags", []) or name.startswith(("docker", "br-", "veth", "virbr", "lxc"))


def _of_ifconfig(interfaces: str, route: str) -> Lan:
    own = [ip_interface(f"{address}/{_prefix(mask)}") for address, mask in _IFCONFIG_INET.findall(interfaces)]
    outside = [interface for interface in own if not interface.ip.is_loopback]
    gateway = re.search(r"gateway: ([0-9.]+)", route)
    networks = dict.fromkeys(interface.network for interface in outside if is_local(interface.network))
    return Lan(
        tuple(interface.ip for interface in outside),
        tuple(networks),
        (ip_address(gateway[1]),) if gateway else (),
    )


def _prefix(mask: str) -> int:
    return bin(int(mask, 16)).count("1")


def _json(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [item for item in found if isinstance(item, dict)]
