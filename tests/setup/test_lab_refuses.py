"""What stands in the way of a start: one sentence each, what to do, and nothing half-written."""

import socket
from types import SimpleNamespace

import pytest
from jupyter_server.auth.identity import PasswordIdentityProvider
from labkit_setup import network, server
from labkit_setup.errors import ConfigurationError
from labkit_setup.jupyter_settings import Settings, configuration, environment
from labkit_setup.paths import State
from labkit_setup.words import welcome
from traitlets.config import Config


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


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(8443, tmp_path / "notebooks", State(tmp_path / "state"), tmp_path / "run", "argon2:$argon2id$x")


@pytest.fixture
def sound(settings: Settings):
    """As much of a server as the check before listening looks at, all in order."""
    identity = PasswordIdentityProvider(config=configuration(settings))
    listening = SimpleNamespace(getsockname=lambda: ("127.0.0.1", 8443))
    return SimpleNamespace(
        settings=settings,
        identity_provider=identity,
        sockets=[listening],
        web_app=SimpleNamespace(settings={"xsrf_cookie_kwargs": {"secure": True}}),
        disable_check_xsrf=False,
        allow_origin="",
        allow_origin_pat="",
        allow_credentials=False,
        allow_unauthenticated_access=False,
        allow_remote_access=False,
        kernel_manager=SimpleNamespace(config=Config({"KernelManager": {"transport": "ipc"}})),
        certfile=str(settings.pki.certificate),
        keyfile=str(settings.pki.key),
    )


def test_settings_that_are_in_order_are_served(sound) -> None:
    assert server._fault(sound) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda s: setattr(s.identity_provider, "token", "sesame"), "a token would be accepted"),
        (lambda s: setattr(s.identity_provider, "hashed_password", ""), "the password is not the one"),
        (lambda s: setattr(s.identity_provider, "allow_password_change", True), "could be changed"),
        (lambda s: setattr(s.identity_provider, "secure_cookie", False), "without https"),
        (lambda s: s.web_app.settings.clear(), "XSRF cookie"),
        (lambda s: setattr(s, "identity_provider", object()), "not Jupyter's password login"),
        (lambda s: setattr(s, "disable_check_xsrf", True), "cross-site"),
        (lambda s: setattr(s, "allow_origin", "*"), "other origins"),
        (lambda s: setattr(s, "allow_unauthenticated_access", True), "without a login"),
        (lambda s: setattr(s, "allow_remote_access", True), "other hosts"),
        (
            lambda s: s.sockets.append(SimpleNamespace(getsockname=lambda: ("0.0.0.0", 1))),
            "beyond this machine",
        ),
        (lambda s: s.sockets.clear(), "beyond this machine"),
        (lambda s: s.kernel_manager.config.KernelManager.update(transport="tcp"), "open ports"),
        (lambda s: setattr(s, "keyfile", ""), "another certificate"),
    ],
)
def test_settings_that_would_let_someone_in_are_not_served(sound, change, fault: str) -> None:
    change(sound)
    assert fault in (server._fault(sound) or "")


def test_the_servers_environment_has_nothing_of_anothers_jupyter(settings: Settings) -> None:
    made = environment(
        settings, {"PATH": "/bin", "JUPYTER_TOKEN": "x", "JUPYTERLAB_DIR": "y", "JUPYTER_NO_CONFIG": "1"}
    )
    assert made["PATH"] == "/bin"
    assert {name for name in made if name.startswith("JUPYTER")} == {
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "JUPYTER_PREFER_ENV_PATH",
    }


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
    assert State(tmp_path / ("x" * 90)).run(8443) is None


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


def test_over_ssh_it_says_how_to_reach_the_lab(settings: Settings) -> None:
    remote = network.remote({"SSH_CONNECTION": "192.168.1.5 50000 192.168.1.50 2222"})
    said = "\n".join(welcome(settings, "https://localhost:8443/lab", "secret", remote, "linux"))
    assert "ssh -N -p 2222 -L 8443:localhost:8443 " in said
    assert "@192.168.1.50\n" in said
    assert f"@192.168.1.50:{settings.pki.ca_certificate}' ." in said


def test_at_the_machine_itself_it_names_the_certificate(settings: Settings) -> None:
    said = "\n".join(welcome(settings, "https://localhost:8443/lab", "secret", None, "linux"))
    assert "ssh" not in said
    assert str(settings.pki.ca_certificate) in said
