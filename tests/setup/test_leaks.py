"""Whether a secret that got out would be found: each is planted here once, where the proof looks for it."""

import subprocess
import sys

import pytest
from labkit_setup.certs import new_key
from leaks import in_files, in_text, watching

SECRETS = {"password": b"correct horse battery", "key": new_key()}
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what processes were started with")


@linux
@pytest.mark.process
@pytest.mark.parametrize(
    ("words", "environment"), [(["correct horse battery"], {}), ([], {"LAB_PASSWORD": "correct horse battery"})]
)
def test_a_password_in_arguments_or_environment_is_found(words, environment) -> None:
    command = [sys.executable, "-Sc", "print('ready', flush=True); input()", *words]
    with (
        watching() as watch,
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        watch.look()
        process.communicate(b"\n")
    assert [held for _, held in watch.leaks(SECRETS)] == [["password"]]
    assert watch.leaks({"password": b"another one altogether"}) == []


def test_a_secret_in_a_text_is_found_by_any_line_of_it() -> None:
    line = SECRETS["key"].splitlines()[1]
    assert in_text(SECRETS, b"log: " + line + b"\n") == ["key"]
    assert in_text(SECRETS, b"-----BEGIN PRIVATE KEY-----") == []
    assert in_text(SECRETS, b'{"password": "correct horse battery"}') == ["password"]


@pytest.mark.parametrize(("mode", "found"), [(0o644, True), (0o640, True), (0o604, True), (0o600, False)])
def test_a_secret_in_a_file_that_others_may_read_is_found(tmp_path, mode, found) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    file = tmp_path / "folder" / "notes"
    file.write_bytes(b"it is correct horse battery, " + SECRETS["key"])
    file.chmod(mode)
    assert in_files(SECRETS, tmp_path) == ({"folder/notes": ["password", "key"]} if found else {})


def test_the_servers_own_group_may_read_its_key(tmp_path) -> None:
    file = tmp_path / "server.pem"
    file.write_bytes(SECRETS["key"])
    file.chmod(0o640)
    assert in_files(SECRETS, tmp_path, file.stat().st_gid) == {}
    file.chmod(0o644)
    assert in_files(SECRETS, tmp_path, file.stat().st_gid) == {"server.pem": ["key"]}
