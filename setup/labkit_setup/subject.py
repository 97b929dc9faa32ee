"""Whom a certificate is for, and what an authority may vouch for."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from cryptography import x509

from .addresses import LOOPBACK, Address, Network

__all__ = ["LOOPBACK", "Address", "Network", "Scope", "Subject"]


@dataclass(frozen=True)
class Scope:
    """The names and networks that an authority is limited to, by critical name constraints.

    Attributes:
        names: Each stands for itself; X.509 lets in the names below it as well.
        networks: Where the host's addresses may be. Never empty for either protocol: a family that is
            not mentioned is not limited, so loopback stands for "no other" there.
        excluded: Networks within those that it may not vouch for: the router's address.
    """

    names: tuple[str, ...]
    networks: tuple[Network, ...]
    excluded: tuple[Network, ...] = ()

    @classmethod
    def around(
        cls, subject: "Subject", networks: tuple[Network, ...] = (), gateways: tuple[Address, ...] = ()
    ) -> "Scope":
        """For a subject where it is now, and any address it may get in `networks` but not a gateway's."""
        own = (*LOOPBACK, *subject.addresses)
        single = tuple(ip_network(address) for address in own if not any(address in network for network in networks))
        # A Pi that is a hotspot is the gateway of its network itself.
        excluded = tuple(
            ip_network(gateway) for gateway in gateways if gateway not in own and _lies_in(gateway, networks)
        )
        return cls(subject.names, tuple(dict.fromkeys((*single, *networks))), excluded)

    @classmethod
    def of(cls, certificate: x509.Certificate) -> "Scope":
        """What a certificate's own constraints say.

        Raises:
            ValueError: It has none, or none for addresses of one of the two protocols.
        """
        try:
            found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        except x509.ExtensionNotFound as error:
            raise ValueError("the authority is not limited to any names") from error
        permitted = found.permitted_subtrees or []
        names = tuple(name.value for name in permitted if isinstance(name, x509.DNSName))
        networks = _networks(permitted)
        if not names or {network.version for network in networks} != {4, 6}:
            raise ValueError("the authority is not limited to names and addresses")
        return cls(names, networks, _networks(found.excluded_subtrees or []))

    def constraints(self) -> x509.NameConstraints:
        """The extension that says so."""
        permitted = [*map(x509.DNSName, self.names), *map(x509.IPAddress, self.networks)]
        return x509.NameConstraints(permitted, [*map(x509.IPAddress, self.excluded)] or None)

    def permits(self, name: str | Address) -> bool:
        """Whether clients accept a certificate of this authority for a name or an address."""
        if isinstance(name, str):
            return any(name == own or name.endswith(f".{own}") for own in self.names)
        return _lies_in(name, self.networks) and not _lies_in(name, self.excluded)


@dataclass(frozen=True)
class Subject:
    """The names and addresses that a certificate is for; the first name is the one shown to people."""

    names: tuple[str, ...]
    addresses: tuple[Address, ...] = LOOPBACK

    def within(self, scope: Scope) -> "Subject":
        """What is left of it when an authority of that scope issues the certificate."""
        return Subject(tuple(filter(scope.permits, self.names)), tuple(filter(scope.permits, self.addresses)))

    def outside(self, scope: Scope) -> tuple[str, ...]:
        """The names and addresses that an authority of that scope can't vouch for."""
        return tuple(str(name) for name in (*self.names, *self.addresses) if not scope.permits(name))

    def same_as(self, other: "Subject") -> bool:
        """Whether both are for the same, in whatever order."""
        return set(self.names) == set(other.names) and set(self.addresses) == set(other.addresses)

    def alternative_names(self) -> x509.SubjectAlternativeName:
        """The extension that browsers read names and addresses from."""
        return x509.SubjectAlternativeName([*map(x509.DNSName, self.names), *map(x509.IPAddress, self.addresses)])


def _lies_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _networks(names: list[x509.GeneralName]) -> tuple[Network, ...]:
    values = (name.value for name in names if isinstance(name, x509.IPAddress))
    return tuple(value for value in values if isinstance(value, IPv4Network | IPv6Network))
