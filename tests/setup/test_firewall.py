"""One rule of our own in the firewall in force, and nothing else of it touched."""

import json
from ipaddress import ip_network
from pathlib import Path

import pytest
from labkit_setup import steps as engine
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.firewalls import FIREWALLD, NFTABLES, UFW, nft_ruleset
from labkit_setup.journal import Journal
from labkit_setup.pi import firewall
from labkit_setup.pi.firewall import Opening, active_firewall, firewall_step

LAN = ip_network("192.168.1.0/24")
NFT = Path("/run/nft.json")
FOLDERS = {
    "/etc/ufw/user.rules": "ufw allow 22/tcp\n",
    "/etc/firewalld/zones/public.xml": 'rule family="ipv4" accept\n',
    "/run/firewalld.rules": "",
    "/run/nft.json": nft_ruleset(),
    "/var/lib/there": "",
}
MACHINES = {"ufw": UFW, "firewalld": FIREWALLD, "nftables": NFTABLES}


def machine(kind: str) -> FakeHost:
    return FakeHost(FOLDERS, MACHINES[kind])


def ruleset(host: FakeHost) -> list:
    return json.loads(host.read(NFT))["nftables"]


def test_without_a_firewall_there_is_none() -> None:
    assert active_firewall(FakeHost()) is None


@pytest.mark.parametrize("kind", MACHINES)
def test_the_active_firewall_is_recognised(kind) -> None:
    assert active_firewall(machine(kind)) == kind


@pytest.mark.parametrize("kind", MACHINES)
def test_a_rule_is_added_once_and_removed_alone(kind) -> None:
    host = machine(kind)
    before = dict(host.nodes)
    journal = Journal(host, Path("/var/lib/labkit-setup"))
    step = firewall_step(kind, 8443, LAN)
    with journal.alone():
        engine.apply(host, journal, [step], lambda _: None)
    assert step.is_done(host)
    with journal.alone():
        assert engine.apply(host, journal, [step], lambda _: None) == []
        assert engine.take_back(host, journal, lambda _: None) == []
    assert not step.is_done(host)
    if kind == "nftables":
        assert ruleset(host) == json.loads(FOLDERS["/run/nft.json"])["nftables"]
        del before[NFT], host.nodes[NFT]
    assert {path: node.content for path, node in host.nodes.items()} == {
        path: node.content for path, node in before.items()
    }
    assert not any("flush" in word for words in host.commands for word in words)


@pytest.mark.parametrize("kind", MACHINES)
def test_with_another_port_the_old_rule_goes(kind) -> None:
    host = machine(kind)
    journal = Journal(host, Path("/var/lib/labkit-setup"))
    with journal.alone():
        for port in (8443, 9443):
            engine.apply(host, journal, [firewall_step(kind, port, LAN)], lambda _: None)
    assert firewall.is_open(host, kind, Opening(9443, str(LAN)))
    assert not firewall.is_open(host, kind, Opening(8443, str(LAN)))


@pytest.mark.parametrize("kind", MACHINES)
def test_a_rule_that_somebody_removed_is_put_back_and_one_that_is_gone_is_no_trouble(kind) -> None:
    host = machine(kind)
    step = firewall_step(kind, 8443, LAN)
    step.apply(host)
    firewall.close(host, kind, 8443, str(LAN))
    firewall.close(host, kind, 8443, str(LAN))
    assert not step.is_done(host)
    step.apply(host)
    assert step.is_done(host)


def test_on_nftables_the_rule_stands_before_those_that_drop() -> None:
    host = machine("nftables")
    firewall_step("nftables", 8443, LAN).apply(host)
    first = next(item["rule"] for item in ruleset(host) if "rule" in item)
    assert first["comment"] == "labkit"


@pytest.mark.parametrize(
    ("policy", "last", "active"),
    [
        ("drop", None, True),
        ("accept", {"reject": None}, True),
        ("accept", {"drop": None}, True),
        ("accept", None, False),
        ("accept", {"accept": None}, False),
    ],
)
def test_nftables_counts_if_it_turns_away_what_no_rule_lets_in(policy, last, active) -> None:
    host = FakeHost({"/run/nft.json": nft_ruleset(policy, last)}, NFTABLES)
    assert (active_firewall(host) == "nftables") is active


def test_a_chain_that_leads_to_one_that_drops_counts() -> None:
    rules = json.loads(nft_ruleset("accept", {"jump": {"target": "rest"}}))
    place = {"family": "inet", "table": "filter"}
    rules["nftables"] += [
        {"chain": {**place, "name": "rest", "handle": 8}},
        {"rule": {**place, "chain": "rest", "handle": 9, "expr": [{"drop": None}]}},
    ]
    assert active_firewall(FakeHost({"/run/nft.json": json.dumps(rules)}, NFTABLES)) == "nftables"


def test_a_ban_of_some_addresses_is_no_firewall() -> None:
    rules = json.loads(nft_ruleset("accept"))
    ban = [{"match": {"left": {"payload": {"field": "saddr"}}, "right": "@banned"}}, {"reject": None}]
    rules["nftables"].append(
        {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 9, "expr": ban}}
    )
    assert active_firewall(FakeHost({"/run/nft.json": json.dumps(rules)}, NFTABLES)) is None


def test_a_table_of_the_other_protocol_gets_no_rule() -> None:
    host = FakeHost({"/run/nft.json": nft_ruleset(family="ip6")}, NFTABLES)
    before = ruleset(host)
    firewall.open_(host, "nftables", Opening(8443, str(LAN)))
    assert ruleset(host) == before


def test_a_firewall_that_answers_nonsense_is_none() -> None:
    host = FakeHost({"/run/nft.json": "x"}, {"nft": lambda host, words, stdin: firewall.Host().run(["echo", "{"])})
    assert active_firewall(host) is None
