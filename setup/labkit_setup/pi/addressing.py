"""What a person may ask for: names, addresses, networks, ports. Each either is accepted or says why not."""

import re
from ipaddress import ip_address, ip_network

from ..addresses import Address, Network
from ..errors import UsageError

__all__ = ["address", "host_name", "is_local", "local_network", "port"]

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Special-use and private-use domains: RFC 6762, RFC 8375, ICANN's .internal, and what routers hand out.
_LOCAL_DOMAINS = ("local", "home.arpa", "internal", "lan", "home", "localdomain", "intranet", "private", "corp")
# RFC 1918, RFC 3927, RFC 6598 (which Tailscale uses), RFC 4193, RFC 4291.
_LOCAL_NETWORKS = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10"),
    )
)
_TUNNEL = "for access from the internet use `labkit-setup tunnel`"


def port(text: str) -> int:
    """A port that a service without privileges can have.

    Raises:
        UsageError: It is none.
    """
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 65535):
        raise UsageError(f"--port {text!r} is not a port: use a number from 1024 to 65535.")
    if int(text) < 1024:
        raise UsageError(
            f"--port {text} is below 1024, which only root may serve on, and the lab never runs as root; "
            "use 8443 or another number from 1024 to 65535."
        )
    return int(text)


def host_name(text: str) -> str:
    """A name that this machine may have in its own network.

    Raises:
        UsageError: It can't be one, or belongs to somebody on the internet.
    """
    name = text.lower().rstrip(".")
    if "*" in name:
        raise UsageError(f"--name {text!r} stands for many names; give each one of its own.")
    if len(name) > 253 or not name or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise UsageError(
            f"--name {text!r} is not a host name: letters, digits and hyphens, as in `{_nearest(name)}`, "
            "with dots between the parts."
        )
    if name.replace(".", "").isdigit():
        raise UsageError(f"--name {text!r} looks like an address; use --ip for one.")
    if "." in name and not any(name.endswith(f".{domain}") for domain in _LOCAL_DOMAINS):
        raise UsageError(
            f"--name {text!r} is a name on the internet, which a lab's own authority must not vouch for; "
            "use one that ends in .local or .home.arpa, or bring its certificate with --cert and --key."
        )
    return name


def address(text: str) -> Address:
    """An address that this machine may have in its own network.

    Raises:
        UsageError: It is none, or a public one.
    """
    try:
        found = ip_address(text)
    except ValueError:
        raise UsageError(f"--ip {text!r} is not an address, such as 192.168.1.20 or fd00::20.") from None
    if not found.is_loopback and not any(found in network for network in _LOCAL_NETWORKS):
        raise UsageError(f"--ip {text} is not an address of a local network; {_TUNNEL}.")
    return found


def local_network(text: str) -> Network:
    """A local network, from any address in it and its prefix length.

    Raises:
        UsageError: It is none, or not a local one.
    """
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise UsageError(f"--lan {text!r} is not a network, such as 192.168.1.0/24.") from None
    if not is_local(found):
        raise UsageError(
            f"--lan {text} would let in more than a local network; give your own, such as 192.168.1.0/24, "
            f"and {_TUNNEL}."
        )
    return found


def is_local(network: Network) -> bool:
    """Whether nobody on the internet is in a network."""
    return any(
        network.version == local.version and network.subnet_of(local)  # type: ignore[arg-type]
        for local in _LOCAL_NETWORKS
    )


def _nearest(name: str) -> str:
    parts = (re.sub(r"[^a-z0-9-]+", "-", label).strip("-")[:63] for label in name.split("."))
    return ".".join(part for part in parts if part) or "raspberrypi"
