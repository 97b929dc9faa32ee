"""Types for what is on a network. Standard library only."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

__all__ = ["LOOPBACK", "Address", "Network"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
