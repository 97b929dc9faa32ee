"""A lab that is set up: what options made of it, and the commands that keep it up, on a Raspberry Pi in memory."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from labkit_setup import password
from labkit_setup.certs import CA, new_key
from labkit_setup.errors import ConfigurationError
from labkit_setup.host import Owner, Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.raspberry import FILES, PROGRAMS
from labkit_setup.leaf import Leaf
from labkit_setup.pi import keys, libraries
from labkit_setup.pi.commands import upkeep
from labkit_setup.pi.context import Context
from labkit_setup.pi.layout import Layout
from labkit_setup.pi.main import run
from labkit_setup.pi.options import parse
from labkit_setup.pi.welcome import qr_code
from labkit_setup.subject import Scope, Subject
from leaks import in_text

LAYOUT = Layout.of_machine()
FIRST, SECOND = "correct horse battery", "seven quiet herons"
NOW = datetime.now(UTC)


@pytest.fixture
def host(monkeypatch) -> FakeHost:
    monkeypatch.setenv("SUDO_USER", "pi")
    return FakeHost(FILES, PROGRAMS)


@pytest.fixture
def labkit(host, clone, monkeypatch, capsys) -> Callable[..., str]:
    """A command on that machine: what it answers. It must end with 0, or with the status that is given."""

    def command(*words: str, stdin: str = f"{FIRST}\n", status: int = 0) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
        capsys.readouterr()
        assert run(Context.of(parse([*words, "--root", "/"], "labkit-setup"), clone, host)) == status
        return capsys.readouterr().out

    return command


@pytest.fixture
def lab(labkit) -> Callable[..., str]:
    """The same, after a lab was set up."""
    labkit("apply", "--password-stdin", "--yes")
    return labkit


def leaf(host: FakeHost) -> Leaf:
    return Leaf.parse(host.read(LAYOUT.pki / "server.pem") or b"")


def server(host: FakeHost) -> dict:
    return json.loads(host.read(LAYOUT.config / "server.json") or b"")


def opens(host: FakeHost, typed: str) -> bool:
    return password.matches((host.read(LAYOUT.password) or b"").decode().strip(), typed)


def test_names_and_addresses_that_were_asked_for_are_in_the_certificate(labkit, host) -> None:
    labkit("apply", "--password-stdin", "--yes", "--name", "bench.lan", "--name", "lab", "--ip", "192.168.1.77")
    subject = leaf(host).subject
    assert {"raspberrypi.local", "raspberrypi", "localhost", "bench.lan", "lab"} <= set(subject.names)
    assert {ip_address("192.168.1.20"), ip_address("192.168.1.77"), ip_address("127.0.0.1")} <= set(subject.addresses)
    assert leaf(host).is_issued_by(host.read(LAYOUT.pki / "ca.pem") or b"")


def test_the_network_that_was_asked_for_is_whom_it_serves_and_vouches_for(labkit, host) -> None:
    labkit("apply", "--password-stdin", "--yes", "--lan", "10.1.0.0/16", "--ip", "10.1.2.3")
    assert server(host)["peers"] == ["10.1.0.0/16"]
    scope = CA(host.read(LAYOUT.pki / "ca.pem") or b"", None).scope
    assert scope.permits(ip_address("10.1.9.9"))
    assert not scope.permits(ip_address("10.2.0.1"))


def test_without_one_it_is_the_network_it_is_in_but_not_its_router(lab, host) -> None:
    assert server(host)["peers"] == ["192.168.1.0/24"]
    scope = CA(host.read(LAYOUT.pki / "ca.pem") or b"", None).scope
    assert scope.permits(ip_address("192.168.1.200"))
    assert not scope.permits(ip_address("192.168.1.1"))


def test_the_oldest_tls_and_the_port_reach_the_server(labkit, host) -> None:
    labkit("apply", "--password-stdin", "--yes", "--tls", "1.2", "--port", "9443")
    assert (server(host)["tls"], server(host)["port"]) == ("1.2", 9443)


@pytest.mark.parametrize(("keeping", "has_key", "has_stock"), [
    ("local", True, False), ("offline", True, True), ("discard", False, True),
])  # fmt: skip
def test_what_becomes_of_the_authoritys_key_is_as_asked(labkit, host, keeping, has_key, has_stock) -> None:
    labkit("apply", "--password-stdin", "--yes", "--ca", keeping)
    authority = LAYOUT.pki / "authority"
    assert (host.look(authority / "ca-key.pem") is not None) is has_key
    assert bool(host.entries(authority / "stock")) is has_stock
    assert host.look(authority).mode == 0o700
    assert all(host.look(path).mode & 0o077 == 0 for path in host.nodes if authority in path.parents)


def test_the_servers_group_may_read_its_key_and_nobody_else(lab, host) -> None:
    for path in (LAYOUT.pki / "server.pem", LAYOUT.password):
        found = host.look(path)
        assert (found.mode, found.owner) == (0o640, Owner(0, 1000)), path
    assert host.look(LAYOUT.pki).mode == 0o750


def test_where_others_are_in_the_users_group_the_user_alone_may_read(labkit, host) -> None:
    groups = (host.read(Path("/etc/group")) or b"").replace(b"pi:x:1000:", b"users:x:1000:anna")
    host.add("/etc/group", groups)
    labkit("apply", "--password-stdin", "--yes")
    for path in (LAYOUT.pki / "server.pem", LAYOUT.password):
        found = host.look(path)
        assert (found.mode, found.owner) == (0o600, Owner(1000, 1000)), path
    assert host.look(LAYOUT.pki).mode == 0o700
    assert json.loads(labkit("apply", "--yes", "--json"))["changed"] == []


def test_a_password_that_is_made_up_is_shown_this_once_and_works(labkit, host) -> None:
    answer = json.loads(labkit("apply", "--generate", "--yes", "--json"))
    assert opens(host, answer["password"])
    assert "password" not in json.loads(labkit("status", "--json"))
    assert json.loads(labkit("apply", "--yes", "--json"))["password"] is None
    assert "shown this once" in labkit("apply", "--generate", "--yes")


def test_the_answer_of_apply_has_what_a_person_needs(labkit) -> None:
    shown = labkit("apply", "--password-stdin", "--yes")
    assert "https://raspberrypi.local:8443/" in shown
    assert "https://192.168.1.20:8443/" in shown
    assert "labkit-setup trust --from pi@raspberrypi.local" in shown
    assert FIRST not in shown
    answer = json.loads(labkit("apply", "--yes", "--json"))
    assert answer["fingerprint"].count(":") == 31
    assert answer["fingerprint"] in shown
    assert "\n".join(qr_code(answer["address"])) in shown


def test_the_qr_code_has_the_corners_that_cameras_look_for() -> None:
    drawn = qr_code("https://raspberrypi.local:8443/")
    # Two modules in a character: light is drawn, as most terminals are dark.
    modules = [
        [{" ": (1, 1), "▀": (0, 1), "▄": (1, 0), "█": (0, 0)}[char] for char in line.ljust(len(drawn[0]))]
        for line in drawn
    ]
    rows = [[pair[half] for pair in line] for line in modules for half in (0, 1)][: len(drawn[0])]
    dark = [(y, x) for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    top, side, end = min(y for y, _ in dark), min(x for _, x in dark), max(x for _, x in dark)
    corner = [[int(max(abs(y - 3), abs(x - 3)) != 2) for x in range(7)] for y in range(7)]
    for left in (side, end - 6):
        assert [row[left : left + 7] for row in rows[top : top + 7]] == corner
    assert (end - side + 1 - 17) % 4 == 0


def test_a_certificate_of_ones_own_is_served_and_its_key_kept_from_others(labkit, host) -> None:
    subject = Subject(("lab.example.org",), ())
    brought = CA.create("example.org", Scope.around(subject), new_key(), NOW).issue(subject, NOW)
    host.add("/home/pi/cert.pem", b"Bag Attributes\n" + brought.certificate)
    host.add("/home/pi/key.pem", brought.key)
    shown = labkit("apply", "--password-stdin", "--yes", "--cert", "/home/pi/cert.pem", "--key", "/home/pi/key.pem")
    assert leaf(host) == brought
    assert host.look(LAYOUT.pki / "server.pem").mode == 0o640
    assert host.look(LAYOUT.pki / "ca.pem") is None
    assert "trust --from" not in shown
    assert json.loads(labkit("apply", "--yes", "--json"))["changed"] == []
    with pytest.raises(ConfigurationError, match="renew it where it came from"):
        labkit("renew")
    with pytest.raises(ConfigurationError, match="your own"):
        labkit("trust")
    labkit("apply", "--yes", "--ca", "local")
    assert leaf(host) != brought


def test_renewal_does_nothing_before_its_time_unless_forced(lab, host) -> None:
    before = leaf(host)
    assert "not due yet" in lab("renew")
    assert lab("renew", "--if-due") == ""
    assert leaf(host) == before
    answer = json.loads(lab("renew", "--force", "--json"))
    assert answer["told"]
    assert leaf(host).key != before.key
    assert host.look(LAYOUT.pki / "server.pem").mode == 0o640


def test_the_timers_renewal_follows_a_new_address_and_keeps_the_authority(lab, host) -> None:
    authority = host.read(LAYOUT.pki / "ca.pem")
    real = host.programs["ip"]

    def moved(machine, words, stdin) -> Ran:
        ran = real(machine, words, stdin)
        return replace(ran, output=ran.output.replace("192.168.1.20", "192.168.1.99"))

    host.programs["ip"] = moved
    assert "new: 192.168.1.99; gone: 192.168.1.20" in lab("renew", "--if-due")
    assert leaf(host).covers(ip_address("192.168.1.99"))
    assert host.read(LAYOUT.pki / "ca.pem") == authority


def test_the_timer_waits_for_the_clock_and_a_person_is_told(lab, host, capsys) -> None:
    host.programs["timedatectl"] = lambda machine, words, stdin: Ran(0, "no\n")
    before = leaf(host)
    lab("renew", "--if-due")
    assert leaf(host) == before
    with pytest.raises(ConfigurationError, match=r"The clock is not synchronised.*wait a minute"):
        lab("renew", "--force")


def test_a_key_that_is_kept_elsewhere_can_be_brought_for_a_renewal(labkit, host) -> None:
    labkit("apply", "--password-stdin", "--yes", "--ca", "offline")
    kept = LAYOUT.pki / "authority" / "ca-key.pem"
    host.add("/media/stick/ca-key.pem", host.read(kept) or b"")
    host.remove(kept)
    host.remove(LAYOUT.pki / "authority" / "stock")
    with pytest.raises(ConfigurationError, match="--ca-key"):
        labkit("renew", "--force")
    with pytest.raises(ConfigurationError, match="--ca-key /none is not there"):
        labkit("renew", "--force", "--ca-key", "/none")
    assert "issued a new one" in labkit("renew", "--force", "--ca-key", "/media/stick/ca-key.pem")
    assert host.look(kept) is None


def test_another_password_is_the_only_one_from_then_on(lab, host) -> None:
    assert opens(host, FIRST)
    shown = lab("passwd", "--password-stdin", stdin=f"{SECOND}\n")
    assert "everybody has to log in again" in shown
    assert SECOND not in shown
    assert opens(host, SECOND)
    assert not opens(host, FIRST)
    assert (host.look(LAYOUT.password).mode, host.look(LAYOUT.password).owner) == (0o640, Owner(0, 1000))
    made = json.loads(lab("passwd", "--generate", "--json"))["password"]
    assert opens(host, made)


def test_a_password_typed_on_a_terminal_is_asked_for_twice(lab, host, monkeypatch) -> None:
    typed = iter((SECOND, SECOND))
    monkeypatch.setattr(upkeep, "ask_twice", lambda: password.ask_twice(lambda prompt: next(typed)))
    monkeypatch.setattr(upkeep, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    lab("passwd")
    assert opens(host, SECOND)
    assert list(typed) == []


def test_another_password_is_no_edit_that_apply_or_uninstall_would_refuse(lab, host) -> None:
    lab("passwd", "--password-stdin", stdin=f"{SECOND}\n")
    assert json.loads(lab("apply", "--yes", "--json"))["changed"] == []
    assert lab("plan").startswith("Nothing to do")
    lab("uninstall", "--yes")
    assert host.look(LAYOUT.config) is None


def test_status_says_how_it_is(lab, host) -> None:
    shown = lab("status")
    assert "https://raspberrypi.local:8443/   (running)" in shown
    assert "Runs as:      pi, with the notebooks in /home/pi/notebooks" in shown
    values = json.loads(lab("status", "--json"))
    assert (values["ok"], values["running"], values["timer"]) == (True, True, True)
    assert values["fingerprint"] in shown
    assert "raspberrypi.local" in values["certificate_for"]


def test_status_of_a_service_that_ended_says_why_and_ends_with_1(lab, host) -> None:
    host.remove(Path("/run/played/active-labkit.service"))
    host.programs["journalctl"] = lambda machine, words, stdin: Ran(0, "Port 8443 is taken.\n")
    shown = lab("status", status=1)
    assert "NOT RUNNING" in shown
    assert "Port 8443 is taken." in shown
    assert json.loads(lab("status", "--json", status=1))["ok"] is False


def test_status_without_a_certificate_still_answers(lab, host) -> None:
    host.write(LAYOUT.pki / "server.pem", b"rubbish")
    assert json.loads(lab("status", "--json"))["certificate_until"] is None


def test_logs_are_those_of_the_service_and_its_renewal(lab, host) -> None:
    host.programs["journalctl"] = lambda machine, words, stdin: Ran(0, f"{' '.join(words)}\n")
    shown = lab("logs", "--lines", "7")
    assert "--unit labkit.service --unit labkit-renew.service --lines 7" in shown
    assert "--output json" in lab("logs", "--json")


def test_the_tunnel_needs_no_certificate_and_names_user_port_and_machine(lab) -> None:
    answer = json.loads(lab("tunnel", "--json"))
    assert answer["command"].startswith("ssh ")
    assert "8443:localhost:8443" in answer["command"]
    assert answer["command"].endswith("pi@raspberrypi.local")
    assert answer["address"] == "https://localhost:8443/"
    assert answer["command"] in lab("tunnel")


def test_the_tunnel_goes_the_way_the_person_came(lab, host, clone, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.168.1.5 50000 192.168.1.20 2222")
    assert run(Context.of(parse(["tunnel", "--json", "--root", "/"], "labkit-setup"), clone, host)) == 0
    command = json.loads(capsys.readouterr().out)["command"]
    assert "-p 2222" in command
    assert command.endswith("pi@192.168.1.20")


def test_no_program_is_given_a_secret(host, labkit) -> None:
    """Every program that is started, with its arguments; those of `python` and `pip` among them."""
    labkit("apply", "--password-stdin", "--yes", "--spi", "--i2c")
    labkit("passwd", "--password-stdin", stdin=f"{SECOND}\n")
    labkit("renew", "--force")
    labkit("plan", "--port", "9443", status=2)
    secrets = {"first": FIRST.encode(), "second": SECOND.encode(), "hash": host.read(LAYOUT.password) or b""}
    secrets |= {"leaf": leaf(host).key, "authority": host.read(LAYOUT.pki / "authority" / "ca-key.pem") or b""}
    assert len(host.commands) > 20
    assert [words for words in host.commands if in_text(secrets, " ".join(words).encode())] == []
    held = {
        str(path): names
        for path, node in host.nodes.items()
        if node.mode & 0o007 and (names := in_text(secrets, node.content))
    }
    assert held == {}


def test_the_certificate_is_short_lived_and_for_servers(lab, host) -> None:
    found = x509.load_pem_x509_certificate(leaf(host).certificate)
    assert leaf(host).life <= timedelta(days=89)
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]


def test_after_an_upgrade_of_the_system_apply_makes_its_packages_before_it_looks_at_keys(
    lab, host, monkeypatch
) -> None:
    """They are for the Python before: nothing that needs them may be looked at until they are there."""
    monkeypatch.setattr(libraries, "are_here", lambda: False)
    monkeypatch.setattr(keys.Certificates, "pki", property(lambda self: pytest.fail("it was looked at too early")))
    shown = lab("plan", status=2)
    assert shown.count("once the packages are there that can tell") == 2
