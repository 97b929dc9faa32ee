"""The last look before clients can connect: what is in order is served, and nothing else."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.auth.security import passwd
from labkit_setup.server.checks import fault
from labkit_setup.server.configuration import configuration, environment, files
from labkit_setup.server.credentials import Credentials
from labkit_setup.server.culling import Kernels
from labkit_setup.server.login import DESK, Desk
from labkit_setup.server.secretfile import SecretFile
from labkit_setup.server.settings import Settings
from labkit_setup.subject import ip_network


@pytest.fixture(scope="module")
def hashed() -> str:
    return passwd("blue otter", algorithm="argon2")


@pytest.fixture
def settings(tmp_path: Path, hashed: str) -> Settings:
    password = tmp_path / "password"
    password.write_text(hashed)
    password.chmod(0o600)
    return Settings(8443, tmp_path / "notebooks", tmp_path, tmp_path / "run", tmp_path / "server.pem", password)


@pytest.fixture
def sound(settings: Settings):
    """As much of a server as the check looks at, all in order."""
    credentials = Credentials(SecretFile(settings.password))
    config = configuration(settings, credentials.hashed)
    identity = PasswordIdentityProvider(config=config)
    listening = SimpleNamespace(getsockname=lambda: ("127.0.0.1", 8443))
    kernels = Kernels(config=config)
    yield SimpleNamespace(
        settings=settings,
        credentials=credentials,
        identity_provider=identity,
        sockets=[listening],
        web_app=SimpleNamespace(settings={DESK: Desk(credentials), **config.ServerApp.tornado_settings}),
        disable_check_xsrf=False,
        allow_origin="",
        allow_origin_pat="",
        allow_credentials=False,
        allow_unauthenticated_access=config.ServerApp.allow_unauthenticated_access,
        kernel_manager=kernels,
    )
    credentials.close()
    kernels.context.term()


def test_settings_that_are_in_order_are_served(sound) -> None:
    assert fault(sound) is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda s: setattr(s.identity_provider, "token", "sesame"), "a token would be accepted"),
        (lambda s: setattr(s.identity_provider, "hashed_password", ""), "the password is not the one"),
        (lambda s: setattr(s.identity_provider, "allow_password_change", True), "could be changed"),
        (lambda s: setattr(s.identity_provider, "secure_cookie", False), "without https"),
        (lambda s: setattr(s.identity_provider, "cookie_options", {}), "from other sites"),
        (
            lambda s: setattr(s.identity_provider, "login_handler_class", "jupyter_server.auth.login.LoginFormHandler"),
            "without a limit",
        ),
        (lambda s: s.web_app.settings.pop(DESK), "without a limit"),
        (lambda s: s.web_app.settings.pop("xsrf_cookie_kwargs"), "XSRF cookie"),
        (lambda s: s.web_app.settings.pop("headers"), "in a frame"),
        (lambda s: setattr(s, "identity_provider", object()), "not Jupyter's password login"),
        (lambda s: setattr(s, "disable_check_xsrf", True), "cross-site"),
        (lambda s: setattr(s, "allow_origin", "*"), "other origins"),
        (lambda s: setattr(s, "allow_unauthenticated_access", True), "without a login"),
        (lambda s: s.sockets.append(SimpleNamespace(getsockname=lambda: ("0.0.0.0", 1))), "beyond this machine"),
        (lambda s: s.sockets.clear(), "listen nowhere"),
        (lambda s: s.kernel_manager.config.KernelManager.update(transport="tcp"), "open ports"),
        (
            lambda s: setattr(s, "kernel_manager", SimpleNamespace(config=s.kernel_manager.config)),
            "kernels at work could be ended",
        ),
    ],
)
def test_settings_that_would_let_someone_in_are_not_served(sound, change, what: str) -> None:
    change(sound)
    assert what in (fault(sound) or "")


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


def test_a_private_configuration_folder_has_the_file_that_jupyter_would_want_to_write(settings: Settings) -> None:
    assert settings.state / "config" / "migrated" in files(settings)


def test_settings_survive_the_way_through_a_file(settings: Settings) -> None:
    lan = (ip_network("192.168.1.0/24"), ip_network("fd00::/64"))
    given = Settings(**{**vars(settings), "peers": lan, "tls": "1.2", "cull_after": 3600})
    assert Settings.from_json(given.to_json(), Path("/etc/x")) == given
    assert given.to_json() == given.to_json()
    assert b"argon2" not in given.to_json()
