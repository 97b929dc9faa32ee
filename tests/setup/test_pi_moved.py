"""A machine whose name or network changes after it was set up: what goes on as it was, and what is said."""

import io
import json
import sys
from pathlib import Path

import pytest
from labkit_setup.certs import CA
from labkit_setup.errors import ConfigurationError
from labkit_setup.host import ROOT, Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.raspberry import FILES, PROGRAMS
from labkit_setup.journal import Journal
from labkit_setup.leaf import Leaf
from labkit_setup.pi.context import Context
from labkit_setup.pi.lan import mdns_names
from labkit_setup.pi.layout import Layout
from labkit_setup.pi.main import run
from labkit_setup.pi.options import parse
from labkit_setup.steps import refuse_edited

PKI = Layout.of_machine().pki
ANOTHER = "another one than before"


pytestmark = pytest.mark.usefixtures("quick_password")


@pytest.fixture
def fresh(monkeypatch, tmp_path, capsys):
    """Runs a command on a Pi; returns what it answered."""
    host = FakeHost(FILES, PROGRAMS)
    for folder in ("labkit", "setup/labkit_setup"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("pyproject.toml", "setup/requirements.lock", "setup/lgpio.lock"):
        (tmp_path / name).write_text("")

    def command(*words: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
        run(Context.of(parse([*words, "--root", "/"], "labkit-setup"), tmp_path, host))
        return capsys.readouterr().out

    command.host = host
    return command


@pytest.fixture
def labkit(fresh):
    """The same on a Pi that was set up."""
    fresh("apply", "--password-stdin", "--yes")
    return fresh


def announce(host: FakeHost, name: str) -> None:
    host.programs["busctl"] = lambda machine, words, stdin: Ran(0, json.dumps({"data": [name]}))


def served(host: FakeHost) -> tuple[str, ...]:
    return Leaf.parse(host.read(PKI / "server.pem")).subject.names


def test_avahis_next_name_needs_a_new_certificate_and_no_new_authority(labkit) -> None:
    authority = labkit.host.read(PKI / "ca.pem")
    assert served(labkit.host)[0] == "raspberrypi.local"
    announce(labkit.host, "raspberrypi-2.local")
    assert "new: raspberrypi-2.local; gone: raspberrypi.local" in labkit("renew")
    assert served(labkit.host)[0] == "raspberrypi-2.local"
    announce(labkit.host, "raspberrypi.local")
    assert ANOTHER not in labkit("apply", "--yes")
    assert served(labkit.host)[0] == "raspberrypi.local"
    assert labkit.host.read(PKI / "ca.pem") == authority


def test_the_authority_vouches_for_the_names_after_a_conflict_and_for_no_others(labkit) -> None:
    scope = CA(labkit.host.read(PKI / "ca.pem"), None).scope
    permitted = {name: scope.permits(name) for name in ("raspberrypi-3.local", "raspberrypi-9.local", "pi.local")}
    assert permitted == {"raspberrypi-3.local": True, "raspberrypi-9.local": False, "pi.local": False}
    assert mdns_names(FakeHost({"/etc/hostname": "localhost\n"})) == ()


def test_another_hostname_brings_another_authority_and_both_plan_and_apply_say_so(labkit) -> None:
    labkit.host.write(Path("/etc/hostname"), b"greenhouse\n")
    announce(labkit.host, "greenhouse.local")
    planned = labkit("plan")
    assert "new authority and certificate" in planned
    assert "browsers have to trust the new one again" in planned
    assert ANOTHER in labkit("apply", "--yes")
    assert ANOTHER not in labkit("apply", "--yes")


@pytest.mark.parametrize("option", ["--spi", "--no-i2c"])
def test_a_bus_is_not_promised_where_nothing_can_switch_it(labkit, option) -> None:
    del labkit.host.programs["raspi-config"]
    before = labkit.host.read(Path("/etc/labkit/settings.json"))
    with pytest.raises(ConfigurationError, match="done by raspi-config"):
        labkit("apply", "--yes", option)
    assert labkit.host.read(Path("/etc/labkit/settings.json")) == before


def test_a_plan_needs_none_of_the_packages_neither_before_they_came_nor_after_they_went(fresh, monkeypatch) -> None:
    def without_packages() -> str:
        with monkeypatch.context() as gone:
            for module in ("pki", "password", "leaf", "subject"):
                gone.setitem(sys.modules, f"labkit_setup.{module}", None)
            return fresh("plan")

    assert "new authority and certificate in /etc/labkit/pki/, for raspberrypi.local" in without_packages()
    fresh("apply", "--password-stdin", "--yes")
    fresh.host.remove(Path("/opt/labkit"))
    planned = without_packages()
    assert "Python packages (hash-locked)" in planned
    assert planned.count("once the packages are there that can tell") == 2


def test_settings_that_a_hand_edited_are_taken_over_by_apply_and_count_as_labkits(labkit) -> None:
    path = Path("/etc/labkit/settings.json")
    edited = labkit.host.read(path).replace(b'"port": 8443', b'"port": 9443')
    labkit.host.write(path, edited)
    entries = Journal(labkit.host, Layout.of_machine().journal, ROOT).entries
    with pytest.raises(ConfigurationError, match="was edited by hand"):
        refuse_edited(labkit.host, entries())
    labkit("apply", "--yes")
    refuse_edited(labkit.host, entries())
    assert labkit.host.read(path) == edited
    assert b'"port": 9443' in labkit.host.read(Path("/etc/labkit/server.json"))
