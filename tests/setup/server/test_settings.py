"""The file that a service is started with: what is in it, and what is refused."""

import json
import socket
from pathlib import Path

import pytest
from labkit_setup.errors import ConfigurationError
from labkit_setup.server.__main__ import main, notify, refuse
from labkit_setup.server.settings import Settings
from labkit_setup.subject import ip_network

PATH = Path("/etc/labkit/server.json")
GIVEN = Settings(
    port=8443,
    notebooks=Path("/home/pi/notebooks"),
    state=Path("/var/lib/labkit"),
    run=Path("/run/labkit"),
    leaf=Path("/etc/labkit/pki/server.pem"),
    password=Path("/etc/labkit/password"),
    peers=(ip_network("192.168.1.0/24"), ip_network("fd00::/64")),
    tls="1.2",
    cull_after=86400,
)


def changed(**values: object) -> bytes:
    return json.dumps({**json.loads(GIVEN.to_json()), **values}).encode()


def test_settings_survive_the_way_through_a_file() -> None:
    assert Settings.from_json(GIVEN.to_json(), PATH) == GIVEN
    assert Settings.from_json(changed(log="/var/log/lab.log"), PATH).log == Path("/var/log/lab.log")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "can't be used"),
        (b"[]", "no settings"),
        (b"{}", "missing"),
        (changed(token="sesame"), "unknown: token"),
        (changed(port="8443"), "port must be a number"),
        (changed(port=True), "port must be a number"),
        (changed(port=70000), "port must be a number"),
        (changed(tls="1.1"), "tls must be"),
        (changed(peers=["everyone"]), "everyone"),
        (changed(peers=["192.168.1.7/24"]), "host bits"),
        (changed(leaf="server.pem"), "leaf must be a path from the root"),
        (changed(state=None), "state must be a path from the root"),
        (changed(cull_after=-1), "cull_after must be a number"),
    ],
)
def test_a_file_that_does_not_make_sense_is_named(content: bytes, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as refused:
        Settings.from_json(content, PATH)
    assert str(PATH) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE"])
def test_a_token_in_the_environment_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is set") as refused:
        refuse({name: "sesame"}, 1000)
    assert "sesame" not in str(refused.value)


def test_a_service_does_not_run_as_root() -> None:
    with pytest.raises(ConfigurationError, match="does not run as root"):
        refuse({}, 0)
    refuse({"PATH": "/bin"}, 1000)


def test_a_start_without_its_file_is_one_sentence(tmp_path: Path, capsys) -> None:
    assert main([str(tmp_path / "server.json")]) == 78
    assert main([]) == 64
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "is not there; run `apply`" in said[0]


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_when_clients_can_connect(tmp_path: Path, abstract: bool) -> None:
    address = f"@{tmp_path}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + address[1:] if abstract else address)
        notify(address, b"READY=1")
        assert manager.recv(100) == b"READY=1"
    notify("", b"READY=1")
    notify(address, b"READY=1")
