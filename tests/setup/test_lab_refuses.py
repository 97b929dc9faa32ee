"""What stands in the way of a start: one sentence each, what to do, and nothing half-written."""

import socket

import pytest
from labkit_setup import network
from labkit_setup.errors import ConfigurationError
from labkit_setup.paths import State
from labkit_setup.pki import Pki
from labkit_setup.server.runfolder import fits
from labkit_setup.words import welcome


def test_a_home_that_is_not_set(desk) -> None:
    status, sentence = desk.refused("--port", "0", HOME="")
    assert status == 78
    assert "HOME is not set" in sentence


def test_a_home_that_can_not_be_written(desk) -> None:
    status, sentence = desk.refused("--port", "0", HOME="/proc/nobody")
    assert status == 78
    assert "/proc/nobody/.local/share/labkit can't be made" in sentence


def test_lessons_that_are_missing(desk) -> None:
    (desk.clone / "notebooks" / "01_blink.ipynb").unlink()
    (desk.clone / "notebooks").rmdir()
    status, sentence = desk.refused("--port", "0")
    assert status == 78
    assert "git checkout notebooks" in sentence
    assert list(desk.home.iterdir()) == []


def test_a_stored_password_that_is_no_hash(desk, host) -> None:
    state = desk.home / ".local" / "share" / "labkit"
    host.make_private_dir(state)
    host.write(state / "password", b"hunter2hunter2")
    status, sentence = desk.refused("--port", "0")
    assert status == 78
    assert "argon2id" in sentence
    assert "hunter2" not in sentence


def test_a_state_folder_that_others_can_enter(desk) -> None:
    state = desk.home / ".local" / "share" / "labkit"
    state.mkdir(parents=True, mode=0o755)
    status, sentence = desk.refused("--port", "0")
    assert status == 78
    assert f"chmod 700 '{state}'" in sentence


def test_a_port_below_1024_without_the_right_to_it(monkeypatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", denied)
    with pytest.raises(ConfigurationError, match=r"Port 443 is below 1024.*--port 8443"):
        network.reserve(443)


def test_a_port_that_is_taken_on_ipv6_only_is_taken() -> None:
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port} is taken by process"):
            network.reserve(port)


def test_two_that_reserved_the_same_port_do_not_both_listen() -> None:
    first = network.reserve(0)
    port = first[0].getsockname()[1]
    second = network.reserve(port)
    try:
        network.listen(first)
        with pytest.raises(ConfigurationError, match=f"Port {port} is taken"):
            network.listen(second)
    finally:
        for opened in (*first, *second):
            opened.close()


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"HOME": "/home/pi"}, "linux", "/home/pi/.local/share/labkit"),
        ({"HOME": "/home/pi", "XDG_DATA_HOME": "/data"}, "linux", "/data/labkit"),
        ({"HOME": "/home/pi", "XDG_DATA_HOME": "data"}, "linux", "/home/pi/.local/share/labkit"),
        ({"HOME": "/Users/ada"}, "darwin", "/Users/ada/Library/Application Support/labkit"),
    ],
)
def test_state_lives_where_the_platform_keeps_such_things(environment, platform: str, folder: str) -> None:
    assert str(State.of(environment, platform).root) == folder


def test_a_path_too_long_for_a_socket_is_not_used(tmp_path) -> None:
    assert not fits(State(tmp_path / ("x" * 90)).run(8443))


@pytest.mark.parametrize(
    ("own", "hosts", "names"),
    [
        ("raspberrypi", "127.0.1.1 raspberrypi", ("localhost", "raspberrypi", "raspberrypi.local")),
        ("Pi", "127.0.1.1 pi.lan pi # mine", ("localhost", "pi", "pi.local", "pi.lan")),
        ("pi.example.org", "", ("localhost", "pi", "pi.local", "pi.example.org")),
        ("Adas-Mac.local", "", ("localhost", "adas-mac", "adas-mac.local")),
        ("pi_1", "", ("localhost",)),
        ("localhost", "127.0.0.1 localhost", ("localhost",)),
        ("", "", ("localhost",)),
    ],
)
def test_a_hosts_names_are_those_that_can_be_names(own: str, hosts: str, names: tuple[str, ...]) -> None:
    assert network.sane_names(own, hosts) == names


@pytest.mark.parametrize(
    ("environment", "platform", "seen"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.2 5 10.0.0.1 22"}, "linux", False),
        ({"SSH_TTY": "/dev/ttys001"}, "darwin", False),
    ],
)
def test_a_browser_opens_only_where_the_person_sees_it(environment, platform: str, seen: bool) -> None:
    assert network.has_display(environment, platform) is seen


def test_over_ssh_it_says_how_to_reach_the_lab(tmp_path) -> None:
    remote = network.remote({"SSH_CONNECTION": "192.168.1.5 50000 192.168.1.50 2222"})
    said = "\n".join(welcome(State(tmp_path), 8443, "https://localhost:8443/lab", "secret", remote, "linux"))
    assert "ssh -N -p 2222 -L 8443:localhost:8443 " in said
    assert "@192.168.1.50\n" in said
    assert f"@192.168.1.50:{Pki(tmp_path / 'pki').ca_certificate}' ." in said


def test_at_the_machine_itself_it_names_the_certificate(tmp_path) -> None:
    said = "\n".join(welcome(State(tmp_path), 8443, "https://localhost:8443/lab", "secret", None, "linux"))
    assert "ssh" not in said
    assert str(Pki(tmp_path / "pki").ca_certificate) in said
