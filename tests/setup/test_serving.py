"""A real server, a real client: who gets in, over what, and what is left when it stops.

The lab of this file runs in an environment and a home that try to open it up.
"""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

HOSTILE_CONFIG = """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.certfile = c.ServerApp.keyfile = ""
c.ServerApp.allow_remote_access = True
c.ServerApp.disable_check_xsrf = True
c.IdentityProvider.token = "sesame"
c.ServerApp.default_url = "/owned"
"""
CONFIG_NAMES = ("jupyter_config", "jupyter_server_config", "jupyter_lab_config", "jupyter_notebook_config")


@pytest.fixture(scope="module")
def lab(shared_desk) -> Iterator:
    dot_jupyter = shared_desk.home / ".jupyter"
    dot_jupyter.mkdir()
    for name in CONFIG_NAMES:
        (dot_jupyter / f"{name}.py").write_text(HOSTILE_CONFIG)
    (dot_jupyter / "jupyter_server_config.json").write_text('{"IdentityProvider": {"token": "sesame"}}')
    running = shared_desk.start(
        "--generate",
        JUPYTER_TOKEN="sesame",
        JUPYTER_CONFIG_PATH=str(dot_jupyter),
        JUPYTERLAB_SETTINGS_DIR=str(dot_jupyter),
        JUPYTER_ALLOW_INSECURE_WRITES="1",
    )
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(scope="module")
def client(lab):
    logged_in = lab.client()
    assert logged_in.log_in(lab.password).status == 302
    return logged_in


def test_the_address_shown_is_that_of_the_first_lesson(lab, client) -> None:
    assert lab.address == f"https://localhost:{lab.port}/lab/tree/01_blink.ipynb"
    assert client.request("GET", "/lab/tree/01_blink.ipynb")[0].status == 200


def test_the_password_shown_lets_in_and_a_wrong_one_does_not(lab) -> None:
    right, wrong = lab.client(), lab.client()
    assert wrong.log_in("sesame-sesame").status == 401
    assert right.log_in(lab.password).status == 302
    assert wrong.request("GET", "/api/contents")[0].status == 403
    assert right.request("GET", "/api/contents")[0].status == 200


@pytest.mark.parametrize("path", ["/api/contents", "/api/kernels", "/api/status", "/lab/api/settings/"])
def test_a_token_from_the_environment_or_from_files_opens_nothing(lab, path: str) -> None:
    assert lab.client().request("GET", f"{path}?token=sesame")[0].status == 403
    assert lab.client().request("GET", path, headers={"Authorization": "token sesame"})[0].status == 403


def test_files_in_the_users_own_jupyter_folder_change_nothing(lab, client) -> None:
    assert client.request("GET", "/")[0].headers["Location"].rstrip("?") == "/lab"
    listening = {
        connection.laddr.ip
        for connection in psutil.Process(lab.process.pid).net_connections()
        if connection.status == "LISTEN"
    }
    assert listening <= {"127.0.0.1", "::1"}
    assert sorted(path.name for path in (lab.home / ".jupyter").iterdir()) == sorted(
        [*(f"{name}.py" for name in CONFIG_NAMES), "jupyter_server_config.json"]
    )


def test_plain_http_gets_no_answer(lab) -> None:
    with socket.create_connection(("127.0.0.1", lab.port)) as plain:
        plain.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # Closed or reset, but never a page.
        try:
            answer = plain.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert b"HTTP" not in answer


def test_tls_1_2_is_refused_and_1_3_is_not(lab) -> None:
    context = lab.client().tls
    with (
        socket.create_connection(("127.0.0.1", lab.port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secure,
    ):
        assert secure.version() == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", lab.port)) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname="localhost")


@pytest.mark.parametrize(("address", "name"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::1", "localhost")])
def test_every_loopback_address_serves_a_certificate_for_it(lab, address: str, name: str) -> None:
    if ":" in address and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with (
        socket.create_connection((address, lab.port)) as raw,
        lab.client().tls.wrap_socket(raw, server_hostname=name) as secure,
    ):
        assert secure.getpeercert()


def test_a_client_that_does_not_trust_the_authority_refuses(lab) -> None:
    stranger = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", lab.port)) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        stranger.wrap_socket(raw, server_hostname="localhost")


def test_requests_for_another_host_are_turned_away(client) -> None:
    # DNS rebinding: a stranger's page whose name was pointed at 127.0.0.1.
    assert client.request("GET", "/api/contents", headers={"Host": "evil.example.com"})[0].status == 421


def test_cookies_are_for_https_and_this_site_only(lab) -> None:
    fresh = lab.client()
    page, _ = fresh.request("GET", "/login")
    entered = fresh.log_in(lab.password)
    set_cookies = [*page.headers.get_all("Set-Cookie"), *entered.headers.get_all("Set-Cookie")]
    kept = [cookie for cookie in set_cookies if "expires" not in cookie.lower() or "username" in cookie]
    assert any(cookie.startswith("username-") for cookie in kept)
    assert any(cookie.startswith("_xsrf") for cookie in kept)
    for cookie in kept:
        assert "secure" in cookie.lower(), cookie
        assert "samesite=strict" in cookie.lower(), cookie
        # The page's own scripts have to read the other one.
        assert ("httponly" in cookie.lower()) is cookie.startswith("username-"), cookie


def test_the_login_page_offers_no_change_of_password(lab) -> None:
    assert "new_password" not in lab.client().request("GET", "/login")[1]


def test_the_page_asks_no_questions_and_calls_nobody(client) -> None:
    _, page = client.request("GET", "/lab")
    assert "@jupyterlab/apputils-extension:announcements" in page.split('"disabledExtensions"')[1]


def test_a_kernel_runs_a_cell_over_a_secure_websocket(client) -> None:
    kernel = client.start_kernel()
    assert asyncio.run(client.run_cell(kernel, "print(6 * 7)")) == "42\n"


def test_a_kernel_takes_orders_on_no_port_and_keeps_lgpios_pipes_out_of_the_lessons(client) -> None:
    kernel = client.start_kernel()
    code = (
        "import json, os, ipykernel.connect as c; "
        "print(json.loads(c.get_connection_info())['transport'], os.environ['LG_WD'], "
        "os.environ.get('JUPYTER_TOKEN'))"
    )
    transport, folder, token = asyncio.run(client.run_cell(kernel, code)).split()
    assert transport == "ipc"
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert token == "None"


def test_secrets_are_in_no_argument_no_environment_and_no_file(lab, client) -> None:
    secret = lab.password.encode()
    for process in [
        psutil.Process(lab.process.pid),
        *psutil.Process(lab.process.pid).children(recursive=True),
    ]:
        assert secret.decode() not in " ".join(process.cmdline())
        assert secret.decode() not in str(process.environ())
    for path in lab.home.rglob("*"):
        # A kernel's history comes and goes while this looks.
        with contextlib.suppress(FileNotFoundError):
            assert not path.is_file() or secret not in path.read_bytes(), path


def test_what_is_stored_is_readable_by_its_owner_only(lab) -> None:
    state = lab.state
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for path in state.rglob("*"):
        # IPython makes its history with the usual mode; no one else can enter the folder.
        if not path.is_file() or "ipython" in path.parts:
            continue
        public = path.name == "ca.pem"
        assert public or stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE((state / "pki").stat().st_mode) == 0o700


def test_a_second_lab_on_the_same_port_names_who_holds_it(lab, desk) -> None:
    status, sentence = desk.refused("--generate", "--port", str(lab.port))
    assert status == 78
    assert f"Port {lab.port} is taken by process {lab.process.pid} (" in sentence
    assert f"--port {lab.port + 1}" in sentence
    assert list(desk.home.iterdir()) == []


def test_ctrl_c_stops_the_server_and_its_kernels(lab, client) -> None:
    kernel = client.start_kernel()
    pid = int(asyncio.run(client.run_cell(kernel, "import os; print(os.getpid())")))
    everyone = psutil.Process(lab.process.pid).children(recursive=True)
    assert pid in [process.pid for process in everyone]
    assert lab.stop(signal.SIGINT) == 0
    assert "Stopping JupyterLab and" in lab.output
    assert lab.output.endswith("Stopped.\n")
    assert "Traceback" not in lab.output
    _, alive = psutil.wait_procs(everyone, timeout=10)
    assert not alive
    assert list((lab.state / "run").iterdir()) == []


def test_a_second_start_keeps_the_password_and_the_certificates(desk) -> None:
    first = desk.start("--generate")
    password = first.password
    kept = {path: path.read_bytes() for path in (*first.state.glob("pki/*.pem"), first.state / "password")}
    assert first.stop(signal.SIGTERM) == 0
    second = desk.start("--generate", TERM="dumb")
    assert "the one you have already (--new-password replaces it" in second.output
    assert {path: path.read_bytes() for path in kept} == kept
    client = second.client()
    assert client.log_in(password).status == 302
    assert second.stop(signal.SIGHUP) == 0
    os.truncate(second.state / "pki" / "server.pem", 0)
    third = desk.start("--generate", "--new-password")
    assert "The certificate is empty; issued a new one." in third.output
    assert third.password != password
    assert third.client().log_in(password).status == 401
    # A session of the old password ends with it.
    client.port = third.port
    assert client.request("GET", "/api/contents")[0].status == 403
    assert third.stop() == 0
