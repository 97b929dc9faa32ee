"""What `labkit-setup` is asked for: accepted, or refused in one sentence before anything is looked at."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from labkit_setup.errors import ConfigurationError, UsageError
from labkit_setup.host import Owner, User
from labkit_setup.host.fake import FakeHost
from labkit_setup.pi.notebooks import check_root_dir
from labkit_setup.pi.options import COMMANDS, parse
from labkit_setup.pi.settings import Settings

PI = User("pi", Owner(1000, 1000), "/home/pi")


def refused(*words: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(list(words), "labkit-setup")
    sentence = str(caught.value)
    assert caught.value.exit_status == 64
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_without_a_command_it_is_apply() -> None:
    assert parse([], "labkit-setup").command == "apply"
    assert parse(["--port", "9443"], "labkit-setup").port == 9443


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_answers_in_json(command, capsys) -> None:
    assert parse([command, "--json"], "labkit-setup").json is True
    with pytest.raises(SystemExit) as caught:
        parse([command, "--help"], "labkit-setup")
    assert caught.value.code == 0
    assert "usage: labkit-setup" in capsys.readouterr().out


def test_what_is_asked_for_is_understood() -> None:
    words = (
        "apply --port 9443 --name lab --name lab.home.arpa --ip fd00::20 --lan 192.168.1.7/24 --tls 1.2 --no-service"
    )
    found = parse([*words.split(), "--spi", "--no-i2c"], "labkit-setup")
    assert (found.port, found.name, found.ip) == (9443, ["lab", "lab.home.arpa"], [ip_address("fd00::20")])
    assert (found.lan, found.tls, found.service) == (ip_network("192.168.1.0/24"), "1.2", False)
    assert (found.spi, found.i2c) == (True, False)


@pytest.mark.parametrize("words", [("apply", "--password", "hunter2"), ("passwd", "--password=hunter2")])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(words) -> None:
    sentence = refused(*words)
    assert "visible to everyone on this machine (ps)" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("frobnicate",), "There is no command 'frobnicate'"),
        (("apply", "--frobnicate"), "--frobnicate"),
        (("apply", "--generate", "--password-stdin"), "not allowed with argument"),
        (("apply", "--cert", "x.pem"), "--cert and --key go together"),
        (("apply", "--tls", "1.1"), "invalid choice"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(words, sentence) -> None:
    assert sentence in refused(*words)


@pytest.mark.parametrize("port", ["", "abc", "0", "65536", "-1", "8443.0", "٨٤٤٣"])
def test_what_is_no_port_is_refused(port) -> None:
    assert "is not a port" in refused("apply", f"--port={port}")


@pytest.mark.parametrize("port", ["1", "443", "1023"])
def test_a_port_of_roots_is_refused(port) -> None:
    assert "below 1024" in refused("apply", "--port", port)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pi_1", "is not a host name: letters, digits and hyphens, as in `pi-1`"),
        ("*.local", "stands for many names"),
        ("google.com", "is a name on the internet"),
        ("-pi", "is not a host name"),
        ("pi..local", "is not a host name"),
        ("", "is not a host name"),
        ("x" * 64, "is not a host name"),
        ("192.168.1.20", "looks like an address; use --ip"),
        ("local.example.org", "is a name on the internet"),
    ],
)
def test_what_is_no_name_of_ones_own_is_refused(name, sentence) -> None:
    assert sentence in refused("apply", f"--name={name}")


@pytest.mark.parametrize("name", ["pi", "Pi-1", "lab.local", "lab.home.arpa", "a.b.internal", "lab.fritz.box.lan."])
def test_a_name_of_ones_own_is_accepted(name) -> None:
    assert parse(["apply", "--name", name], "labkit-setup").name == [name.lower().rstrip(".")]


@pytest.mark.parametrize(
    ("lan", "sentence"),
    [
        ("0.0.0.0/0", "would let in more than a local network"),
        ("8.8.8.0/24", "labkit-setup tunnel"),
        ("192.0.0.0/8", "would let in more"),
        ("2001:db8::/32", "would let in more"),
        ("::/0", "would let in more"),
        ("home", "is not a network"),
        ("192.168.1.0/33", "is not a network"),
    ],
)
def test_a_network_that_is_not_local_is_refused(lan, sentence) -> None:
    assert sentence in refused("apply", "--lan", lan)


@pytest.mark.parametrize(("ip", "sentence"), [("8.8.8.8", "use `labkit-setup tunnel`"), ("pi", "is not an address")])
def test_an_address_that_is_not_local_is_refused(ip, sentence) -> None:
    assert sentence in refused("apply", "--ip", ip)


@pytest.mark.parametrize(
    ("path", "error", "sentence"),
    [
        ("notebooks", UsageError, "must be a path from the root"),
        ("/home/pi/../root", UsageError, "must be a path from the root"),
        ("/", UsageError, "is a folder of the system"),
        ("/etc", UsageError, "is a folder of the system"),
        ("/home/pi", UsageError, "is a whole home folder"),
        ("/home/pi/nothing", ConfigurationError, "is not there; make it with `mkdir"),
        ("/home/pi/link", ConfigurationError, "is a link to /etc"),
        ("/home/pi/file", ConfigurationError, "is not a folder"),
        ("/home/pi/roots", ConfigurationError, "belongs to root, not to pi"),
    ],
)
def test_a_folder_that_can_not_be_served_is_refused(path, error, sentence) -> None:
    host = FakeHost({"/home/pi/file": ""})
    host.add("/home/pi/roots", None)
    host.link(Path("/home/pi/link"), "/etc")
    with pytest.raises(error, match=sentence) as caught:
        check_root_dir(host, path, PI)
    assert caught.value.exit_status in (64, 78)


def test_a_folder_of_ones_own_is_accepted() -> None:
    host = FakeHost()
    host.add("/srv/lab", None, owner=PI.owner)
    assert check_root_dir(host, "/srv/lab", PI) == Path("/srv/lab")


def test_settings_are_kept_and_changed_only_where_asked() -> None:
    path = Path("/etc/labkit/settings.json")
    host = FakeHost({str(path): ""})
    settings = Settings("pi", "/home/pi/notebooks", names=("lab",), lan="192.168.1.0/24", spi=True)
    host.write(path, settings.to_json())
    assert Settings.load(host, path) == settings
    assert settings.changed(port=9443, spi=None).port == 9443
    assert settings.changed(spi=None).spi is True
    assert settings.changed(spi=False).spi is False
    assert Settings.load(host, Path("/nothing")) is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"user": "pi", "root_dir": "/x", "port": "8443"}'])
def test_settings_that_can_not_be_read_are_named(content) -> None:
    host = FakeHost()
    host.write(Path("/settings.json"), content)
    with pytest.raises(ConfigurationError, match=r"/settings\.json can't be read as the lab's settings"):
        Settings.load(host, Path("/settings.json"))
