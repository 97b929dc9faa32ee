"""Three firewalls, played: what ufw, firewalld and nftables answer and keep."""

import json
from pathlib import Path
from typing import Any

from .played import Played, Program
from .programs import Ran
from .values import Owner

__all__ = ["FIREWALLD", "NFTABLES", "UFW", "nft_ruleset"]

_UFW = Path("/etc/ufw/user.rules")
_ZONE = Path("/etc/firewalld/zones/public.xml")
_NFT = Path("/run/nft.json")


def _lines(host: Played, path: Path) -> list[str]:
    return (host.read(path) or b"").decode().splitlines()


def _store(host: Played, path: Path, lines: list[str]) -> Ran:
    host.write(path, "".join(f"{line}\n" for line in lines).encode(), 0o640, Owner(0, 0))
    return Ran(0)


def _ufw(host: Played, words: list[str], _: bytes) -> Ran:
    rules = _lines(host, _UFW)
    if words == ["status"]:
        return Ran(0, "Status: active\n\nTo                         Action      From\n")
    if words == ["show", "added"]:
        return Ran(0, "Added user rules (see 'ufw status' for running firewall):\n" + "".join(f"{r}\n" for r in rules))
    rule = " ".join(["ufw", *[word for word in words if word != "delete"]])
    if words[0] == "delete":
        return _store(host, _UFW, [line for line in rules if line.split(" comment ")[0] != rule])
    text, _comment, comment = rule.partition(" comment ")
    return _store(host, _UFW, [*rules, f"{text} comment '{comment}'" if comment else text])


def _firewall_cmd(host: Played, words: list[str], _: bytes) -> Ran:
    if words == ["--state"]:
        return Ran(0, "running\n")
    path = _ZONE if "--permanent" in words else Path("/run/firewalld.rules")
    rules = _lines(host, path)
    verb, _equals, rule = words[-1].partition("=")
    if verb == "--query-rich-rule":
        return Ran(0 if rule in rules else 1, "yes\n" if rule in rules else "no\n")
    if verb == "--add-rich-rule":
        return _store(host, path, [*rules, rule])
    return _store(host, path, [line for line in rules if line != rule])


def nft_ruleset(policy: str = "drop", last: dict[str, Any] | None = None, family: str = "inet") -> str:
    """A table with one chain for what comes in, as `nft -j list ruleset` prints it.

    Args:
        policy: What becomes of a packet that no rule decides about.
        last: The verdict of an unconditional last rule, such as {"reject": None}.
        family: The table's.
    """
    place = {"family": family, "table": "filter"}
    ssh = {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}
    rules = [[ssh, {"accept": None}], *([[{"counter": {"packets": 0, "bytes": 0}}, last]] if last else [])]
    return json.dumps(
        {
            "nftables": [
                {"metainfo": {"json_schema_version": 1}},
                {"table": {"family": family, "name": "filter", "handle": 1}},
                {
                    "chain": {
                        **place,
                        "name": "input",
                        "handle": 1,
                        "type": "filter",
                        "hook": "input",
                        "prio": 0,
                        "policy": policy,
                    }
                },
                *({"rule": {**place, "chain": "input", "handle": 4 + n, "expr": expr}} for n, expr in enumerate(rules)),
            ]
        }
    )


def _nft(host: Played, words: list[str], _: bytes) -> Ran:
    ruleset = json.loads(host.read(_NFT) or b'{"nftables": []}')
    items: list[dict[str, Any]] = ruleset["nftables"]
    if words == ["-j", "list", "ruleset"]:
        return Ran(0, json.dumps(ruleset))
    verb, _rule, family, table, chain, *rest = words
    place = {"family": family, "table": table, "chain": chain}
    mine = [item for item in items if place.items() <= item.get("rule", {}).items()]
    if verb == "delete":
        items = [item for item in items if item not in mine or item["rule"]["handle"] != int(rest[-1])]
    else:
        protocol, _saddr, network, _tcp, _dport, port, _accept, _comment, comment = rest
        address, length = network.split("/")
        match = [
            {
                "match": {
                    "left": {"payload": {"protocol": protocol}},
                    "right": {"prefix": {"addr": address, "len": int(length)}},
                }
            },
            {"match": {"left": {"payload": {"protocol": "tcp"}}, "right": int(port)}},
        ]
        handle = 1 + max(item[kind].get("handle", 0) for item in items for kind in item)
        rule = {**place, "handle": handle, "comment": comment.strip('"'), "expr": [*match, {"accept": None}]}
        at = next((n for n, item in enumerate(items) if item in mine), len(items))
        items = [*items[:at], {"rule": rule}, *items[at:]]
    host.write(_NFT, json.dumps({"nftables": items}).encode(), 0o644, Owner(0, 0))
    return Ran(0)


UFW: dict[str, Program] = {"ufw": _ufw}
FIREWALLD: dict[str, Program] = {"firewall-cmd": _firewall_cmd}
NFTABLES: dict[str, Program] = {"nft": _nft}
