"""One rule of our own in the firewall that is in force, if there is one; nothing else of it is touched.

nftables keeps no rules over a restart by itself, so there a small unit puts ours back after nftables' own.
"""

import ipaddress
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..addresses import Network
from ..errors import SetupError
from ..host import Host
from ..steps import Step
from ..undo import VERBS, Action, Verb

__all__ = ["Opening", "active_firewall", "firewall_step"]

Kind = Literal["ufw", "firewalld", "nftables"]
_COMMENT = "labkit"


@dataclass(frozen=True)
class Opening:
    """A port that the machines of one network may reach."""

    port: int
    network: str

    @property
    def family(self) -> str:
        """As nftables and firewalld call it, without the `ip`."""
        return f"v{ipaddress.ip_network(self.network).version}"


def active_firewall(host: Host) -> Kind | None:
    """The firewall that decides what comes in, or None where nothing does.

    ufw and firewalld come first: they write the rules of nftables, and would not know one made behind their back.
    """
    if "Status: active" in host.run(["ufw", "status"]).output:
        return "ufw"
    if host.run(["firewall-cmd", "--state"]).output.strip() == "running":
        return "firewalld"
    return "nftables" if _filtering_chains(host) else None


def firewall_step(kind: Kind, port: int, network: Network) -> Step:
    """Let the machines of a network reach a port.

    The rule is part of the name: with another port or network this is another step, and the old one is taken back.
    """
    opening = Opening(port, str(network))
    arguments = {"kind": kind, "port": port, "network": str(network)}
    words = f"{kind} rule: machines in {network} may reach port {port} (TCP)"
    return Step(
        f"firewall {kind} {port} {network}",
        lambda host: is_open(host, kind, opening),
        lambda host: open_(host, kind, opening),
        lambda host: [Action("close_firewall", arguments)],
        lambda host: [words],
    )


def is_open(host: Host, kind: Kind, opening: Opening) -> bool:
    """Whether our rule is in force, and stays so."""
    if kind == "ufw":
        # `ufw status` leaves out the rules' exact form; this lists them as they were asked for.
        wanted = f"ufw allow from {opening.network} to any port {opening.port} proto tcp"
        return any(
            line.split(" comment ")[0] == wanted for line in host.run(["ufw", "show", "added"]).output.splitlines()
        )
    if kind == "firewalld":
        return all(
            host.run(["firewall-cmd", *where, f"--query-rich-rule={_rich(opening)}"]).ok
            for where in ([], ["--permanent"])
        )
    chains = _filtering_chains(host)
    return bool(chains) and all(_handles(host, chain, opening) for chain in _chains_for(chains, opening))


def open_(host: Host, kind: Kind, opening: Opening) -> None:
    """Add our rule where it is missing.

    Raises:
        SetupError: The firewall refused it.
    """
    if kind == "ufw":
        rule = ["allow", "from", opening.network, "to", "any", "port", str(opening.port), "proto", "tcp"]
        _must(host, ["ufw", *rule, "comment", _COMMENT])
    elif kind == "firewalld":
        for where in ([], ["--permanent"]):
            _must(host, ["firewall-cmd", *where, f"--add-rich-rule={_rich(opening)}"])
    else:
        for chain in _chains_for(_filtering_chains(host), opening):
            if not _handles(host, chain, opening):
                # First in the chain: behind a rule that drops it would do nothing.
                _must(host, ["nft", "insert", "rule", *chain, *_matches(opening), "accept", "comment", f'"{_COMMENT}"'])


def close(host: Host, kind: Kind, port: int, network: str) -> None:
    """Remove our rule, and only it; fine if it is gone already, or the firewall is."""
    opening = Opening(port, network)
    if kind == "ufw":
        rule = ["allow", "from", network, "to", "any", "port", str(port), "proto", "tcp"]
        if is_open(host, kind, opening):
            _must(host, ["ufw", "delete", *rule])
    elif kind == "firewalld":
        for where in ([], ["--permanent"]):
            if host.run(["firewall-cmd", *where, f"--query-rich-rule={_rich(opening)}"]).ok:
                _must(host, ["firewall-cmd", *where, f"--remove-rich-rule={_rich(opening)}"])
    else:
        for chain in _chains(host):
            for handle in _handles(host, chain, opening):
                _must(host, ["nft", "delete", "rule", *chain, "handle", str(handle)])


def _must(host: Host, command: Sequence[str]) -> None:
    ran = host.run(command)
    if not ran.ok:
        raise SetupError(f"`{' '.join(command[:2])}` failed ({ran.complaint}); `labkit-setup doctor` says more.")


def _rich(opening: Opening) -> str:
    source = f'rule family="ip{opening.family}" source address="{opening.network}"'
    return f'{source} port port="{opening.port}" protocol="tcp" accept'


def _matches(opening: Opening) -> list[str]:
    protocol = "ip" if opening.family == "v4" else "ip6"
    return [protocol, "saddr", opening.network, "tcp", "dport", str(opening.port)]


def _listed(host: Host) -> list[dict[str, Any]]:
    ran = host.run(["nft", "-j", "list", "ruleset"])
    try:
        found = json.loads(ran.output or "{}").get("nftables", []) if ran.ok else []
    except ValueError:
        return []
    return [item for item in found if isinstance(item, dict)]


def _chains(host: Host) -> list[tuple[str, str, str]]:
    """Every base chain for packets that come in, as (family, table, chain)."""
    chains = [item["chain"] for item in _listed(host) if "chain" in item]
    return [_place(chain) for chain in chains if chain.get("hook") == "input" and chain.get("type") == "filter"]


def _filtering_chains(host: Host) -> list[tuple[str, str, str]]:
    """Those that turn away what no rule lets in: by their policy, or by a rule without a condition.

    A rule for some addresses only is none of our business: it may be a ban that fail2ban made.
    """
    listed = _listed(host)
    denying = {_place(item["chain"]) for item in listed if item.get("chain", {}).get("policy") == "drop"}
    rules = [item["rule"] for item in listed if "rule" in item]
    unconditional = [rule for rule in rules if not any("match" in expression for expression in rule.get("expr", []))]
    before: set[tuple[str, str, str]] | None = None
    while before != denying:
        before = set(denying)
        denying |= {(rule["family"], rule["table"], rule["chain"]) for rule in unconditional if _denies(rule, before)}
    return [chain for chain in _chains(host) if chain in denying]


def _denies(rule: dict[str, Any], denying: set[tuple[str, str, str]]) -> bool:
    for expression in rule.get("expr", []):
        for verdict, what in expression.items():
            if verdict in ("drop", "reject"):
                return True
            if verdict in ("jump", "goto") and (rule["family"], rule["table"], what["target"]) in denying:
                return True
    return False


def _place(chain: dict[str, Any]) -> tuple[str, str, str]:
    return (chain["family"], chain["table"], chain["name"])


def _chains_for(chains: list[tuple[str, str, str]], opening: Opening) -> list[tuple[str, str, str]]:
    family = "ip" if opening.family == "v4" else "ip6"
    return [chain for chain in chains if chain[0] in ("inet", family)]


def _handles(host: Host, chain: tuple[str, str, str], opening: Opening) -> list[int]:
    """The rules of ours in a chain for this opening; usually none or one."""
    rules = [item["rule"] for item in _listed(host) if "rule" in item]
    return [
        int(rule["handle"])
        for rule in rules
        if (rule["family"], rule["table"], rule["chain"]) == chain
        and rule.get("comment") == _COMMENT
        and _is_for(rule.get("expr", []), opening)
    ]


def _is_for(expressions: list[dict[str, Any]], opening: Opening) -> bool:
    compared = [expression["match"]["right"] for expression in expressions if "match" in expression]
    network = ipaddress.ip_network(opening.network)
    prefix = {"prefix": {"addr": str(network.network_address), "len": network.prefixlen}}
    single = str(network.network_address)
    return opening.port in compared and (prefix in compared or (network.num_addresses == 1 and single in compared))


def _close_words(kind: Kind, port: int, network: str) -> str:
    return f"remove the {kind} rule for port {port} from {network}"


VERBS["close_firewall"] = Verb(close, _close_words)


def main(arguments: Sequence[str]) -> int:
    """What the unit runs that puts our rule back after a restart of nftables: `open|close PORT NETWORK`."""
    what, port, network = arguments
    if what == "open":
        open_(Host(), "nftables", Opening(int(port), network))
    else:
        close(Host(), "nftables", int(port), network)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
