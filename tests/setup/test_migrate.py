"""Old Jupyter files: read without running them, judged setting by setting, and never shown a secret of."""

import io
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from labkit_setup.certs import CA, new_key
from labkit_setup.errors import ConfigurationError, UsageError
from labkit_setup.host import Owner
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.raspberry import FILES, PROGRAMS
from labkit_setup.pi.context import Context
from labkit_setup.pi.main import main, run
from labkit_setup.pi.options import parse
from labkit_setup.subject import Scope, Subject

NOW = datetime.now(UTC)
OLD = Path("/home/pi/.jupyter/jupyter_notebook_config.py")
PI = Owner(1000, 1000)
HASH = "sha1:67c9e60bb8b6:9ffede0825894254b2e042ea597d771089e11aed"


@pytest.fixture
def host(monkeypatch) -> FakeHost:
    monkeypatch.setenv("SUDO_USER", "pi")
    host = FakeHost(FILES, PROGRAMS)
    host.add("/home/pi/nb", None, owner=PI)
    return host


@pytest.fixture
def old(host) -> Callable[[str], FakeHost]:
    """A Pi with such a file."""

    def with_file(content: str, path: Path = OLD) -> FakeHost:
        host.add(str(path), content)
        return host

    return with_file


def migrated(host: FakeHost, capsys, *words: str) -> dict:
    options = parse(["migrate", "--json", *words], "labkit-setup")
    assert run(Context.of(options, None, host)) == 0
    return json.loads(capsys.readouterr().out)


def outcomes(answer: dict) -> dict[str, tuple[str, str]]:
    settings = [setting for file in answer["files"] for setting in file["settings"]]
    return {setting["setting"]: (setting["outcome"], setting["words"]) for setting in settings}


def test_the_command_ends_with_78_and_one_line_for_a_malformed_file(tmp_path, capsys) -> None:
    (tmp_path / "bad.py").write_text("c.NotebookApp.password = u'hunter2")
    assert main(["migrate", str(tmp_path / "bad.py"), *(["--user", "root"] if os.geteuid() == 0 else [])]) == 78
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "hunter2" not in told
    assert main(["migrate", str(tmp_path / "none.py"), *(["--user", "root"] if os.geteuid() == 0 else [])]) == 78
    assert "is not there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "outcome", "words"),
    [
        ("NotebookApp.port = 8888", "carried over", "--port 8888"),
        ("NotebookApp.port = '8888'", "carried over", "--port 8888"),
        ("NotebookApp.port = 443", "refused", "below 1024"),
        ("NotebookApp.port = True", "refused", "is not a port"),
        ("KernelManager.port = 5", "unknown", "has no option for it"),
        ("NotebookApp.ip = '*'", "replaced", "local network only"),
        ("NotebookApp.ip = '0.0.0.0'", "replaced", "local network only"),
        ("NotebookApp.ip = 'localhost'", "replaced", "local network only"),
        ("NotebookApp.ip = '127.0.0.1'", "replaced", "python3 setup lab"),
        ("NotebookApp.ip = '192.168.1.20'", "replaced", "found by themselves"),
        ("NotebookApp.ip = '192.168.1.77'", "carried over", "--ip 192.168.1.77"),
        ("NotebookApp.ip = '8.8.8.8'", "refused", "use `labkit-setup tunnel`"),
        ("NotebookApp.ip = 'pi.local'", "carried over", "--name pi.local"),
        ("NotebookApp.ip = 'pi_1'", "refused", "is not a host name"),
        ("NotebookApp.ip = 'x" + "_" * 5000 + "'", "refused", "longer than anything"),
        ("NotebookApp.notebook_dir = '/home/pi/nb/'", "carried over", "--root-dir /home/pi/nb"),
        ("ServerApp.root_dir = '/home/pi/nb'", "carried over", "--root-dir /home/pi/nb"),
        ("ServerApp.root_dir = '/home/pi/none'", "refused", "is not there"),
        ("ServerApp.root_dir = '~/nb'", "refused", "must be a path from the root"),
        ("ServerApp.root_dir = '/'", "refused", "folder of the system"),
        ("ServerApp.root_dir = ''", "replaced", "/home/pi/notebooks"),
        ("ServerApp.local_hostnames = ['localhost', 'l.local', 'l']", "carried over", "--name l.local --name l"),
        ("ServerApp.local_hostnames = ['localhost']", "replaced", "found by themselves"),
        ("ServerApp.local_hostnames = ['*.local']", "refused", "stands for many names"),
        ("ServerApp.custom_display_url = 'https://me:hunter2@lab.local:8888/'", "carried over", "--name lab.local"),
        ("ServerApp.custom_display_url = 'https://[x'", "refused", "nothing that Jupyter could have used"),
        ("NotebookApp.certfile = '/none.pem'", "replaced", "/none.pem is not there; the lab makes one of its own"),
        ("NotebookApp.certfile = 'mycert.pem'", "replaced", "where Jupyter was started"),
        ("NotebookApp.certfile = ''", "replaced", "of its own"),
        (f"NotebookApp.password = '{HASH}'", "replaced", "asks for a password"),
        (f"PasswordIdentityProvider.hashed_password = '{HASH}'", "replaced", "asks for a password"),
        ("ServerApp.password_required = False", "refused", "without a password"),
        ("NotebookApp.token = 'hunter2'", "refused", "would need no password"),
        ("NotebookApp.token = ''", "replaced", "off in any case"),
        ("IdentityProvider.token = os.environ['T']", "refused", "would need no password"),
        ("NotebookApp.allow_root = True", "refused", "never runs as root"),
        ("NotebookApp.allow_origin = '*'", "refused", "other sites"),
        ("NotebookApp.disable_check_xsrf = False", "replaced", "off in any case"),
        ("NotebookApp.base_url = '/jupyter/'", "refused", "behind no proxy"),
        ("NotebookApp.base_url = '/'", "replaced", "at /"),
        ("NotebookApp.cookie_secret = b'hunter2'", "replaced", "key of its own"),
        ("NotebookApp.open_browser = False", "replaced", "nothing opens"),
        ("FileContentsManager.pre_save_hook = hook", "refused", "loads no code"),
        ("MappingKernelManager.cull_idle_timeout = 600", "replaced", "never one that records"),
        ("NotebookApp.frobnicate = 'hunter2'", "unknown", "no option for it"),
        ("NotebookApp.port = int(x)", "unknown", "computed, and no code is run"),
        ("MySecrets.password = 'hunter2'", "unknown", "nothing of that kind"),
    ],
)  # fmt: skip
def test_each_setting_is_told_what_becomes_of_it_and_no_secret_is_shown(old, capsys, code, outcome, words) -> None:
    answer = migrated(old(f"c.{code}"), capsys)
    ((_, found),) = outcomes(answer).items()
    assert found[0] == outcome
    assert words in found[1]
    assert len(found[1]) < 500
    assert bool(answer["apply"]) is (outcome == "carried over")
    assert not any(secret in json.dumps(answer) for secret in ("hunter2", HASH))


def pair(host: FakeHost, subject: Subject | None, end: timedelta = timedelta(days=9), itself: bool = False) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lab.example.org")])
    issuer = name if itself else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the company")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - timedelta(days=99)).not_valid_after(NOW + end)
    if subject is not None:
        builder = builder.add_extension(subject.alternative_names(), critical=False)
    made = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    host.add("/home/pi/cert.pem", made)
    host.add("/home/pi/key.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    host.add("/home/pi/both.pem", made + host.read(Path("/home/pi/key.pem")))


PAIR = "c.NotebookApp.certfile = '/home/pi/cert.pem'\nc.NotebookApp.keyfile = '/home/pi/key.pem'"
ORG = Subject(("lab.example.org",), ())


def test_a_good_certificate_of_ones_own_is_carried_over(old, capsys) -> None:
    host = old(PAIR)
    pair(host, ORG)
    assert migrated(host, capsys)["apply"] == ["--cert", "/home/pi/cert.pem", "--key", "/home/pi/key.pem"]
    host.add(str(OLD), "c.NotebookApp.certfile = '/home/pi/both.pem'")
    assert migrated(host, capsys)["apply"] == ["--cert", "/home/pi/both.pem", "--key", "/home/pi/both.pem"]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"subject": ORG, "itself": True}, "Safari hangs"),
        ({"subject": None}, "names no host in its subjectAltName"),
        ({"subject": ORG, "end": timedelta(days=-1)}, "expired on"),
    ],
)
def test_a_certificate_that_browsers_refuse_is_replaced(old, capsys, made, words) -> None:
    host = old(PAIR)
    pair(host, **made)
    answer = migrated(host, capsys)
    assert answer["apply"] == []
    assert words in outcomes(answer)["NotebookApp.certfile"][1]
    assert "PRIVATE" not in json.dumps(answer)


def test_a_key_that_belongs_to_another_certificate_is_found(old, capsys) -> None:
    host = old(PAIR)
    pair(host, ORG)
    host.add("/home/pi/key.pem", new_key())
    assert "does not fit its key" in outcomes(migrated(host, capsys))["NotebookApp.certfile"][1]


def test_what_comes_later_in_jupyters_own_order_wins(old, capsys) -> None:
    old("c.NotebookApp.port = 1111\nc.NotebookApp.port = 2222")
    old('{"ServerApp": {"port": 3333}}', OLD.with_name("jupyter_server_config.json"))
    host = old("c.ServerApp.port = 4444", Path("/etc/jupyter/jupyter_server_config.py"))
    answer = migrated(host, capsys)
    assert answer["apply"] == ["--port", "3333"]
    told = [setting["words"] for file in answer["files"] for setting in file["settings"]]
    json_file = "/home/pi/.jupyter/jupyter_server_config.json"
    assert told == [f"by {json_file}", f"by {json_file}", f"by {json_file}", "--port 3333"]


SEED = f"""\
c = get_config()
c.NotebookApp.certfile = u'/home/pi/mycert.pem'
c.NotebookApp.keyfile = u'/home/pi/mykey.key'
c.NotebookApp.ip = '*'
c.NotebookApp.password = u'{HASH}'
c.NotebookApp.open_browser = False
c.NotebookApp.port = 9999
c.NotebookApp.notebook_dir = '/home/pi/nb'
if c.NotebookApp.port:
    pass
"""


def test_the_answer_for_people_names_file_line_and_command_and_changes_nothing(old, capsys) -> None:
    host = old(SEED)
    before = dict(host.nodes)
    assert run(Context.of(parse(["migrate"], "labkit-setup"), None, host)) == 0
    shown = capsys.readouterr().out
    assert f"{OLD}   (JupyterLab never looked at it)" in shown
    assert "  line 7: NotebookApp.port\n      carried over: --port 9999\n" in shown
    assert "Code in line 9 was not run" in shown
    assert "  labkit-setup apply --port 9999 --root-dir /home/pi/nb\n" in shown
    assert HASH not in shown
    assert host.nodes == before


def test_a_machine_without_old_files_says_so(host, capsys) -> None:
    assert migrated(host, capsys)["files"] == []
    with pytest.raises(ConfigurationError, match="no old Jupyter configuration to carry over"):
        migrated(host, capsys, "--apply")


def test_apply_carries_over_what_can_be(old, clone, monkeypatch, capsys) -> None:
    host = old(SEED)
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))
    words = ["migrate", "--apply", "--yes", "--password-stdin", "--json", "--root", "/"]
    assert run(Context.of(parse(words, "labkit-setup"), clone, host)) == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    settings = json.loads(host.read(Path("/etc/labkit/settings.json")))
    assert (settings["port"], settings["root_dir"], settings["user"]) == (9999, "/home/pi/nb", "pi")
    assert host.read(OLD) == SEED.encode()


def test_apply_without_somebody_to_confirm_changes_nothing(old, clone, monkeypatch) -> None:
    host = old(SEED)
    before = dict(host.nodes)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(UsageError, match="add --yes"):
        run(Context.of(parse(["migrate", "--apply", "--generate"], "labkit-setup"), clone, host))
    assert host.nodes == before


def test_a_setting_can_not_forge_a_line_of_the_answer(old, capsys) -> None:
    content = json.dumps({"ServerApp": {"x\n  carried over: --port 1": 1}})
    host = old(content, OLD.with_suffix(".json"))
    assert run(Context.of(parse(["migrate"], "labkit-setup"), None, host)) == 0
    assert "\n  carried over" not in capsys.readouterr().out


def test_the_authority_of_a_lab_made_by_labkit_is_no_certificate_of_ones_own(old, capsys) -> None:
    """What vouches for itself is an authority or a mistake; neither is to be served."""
    host = old("c.NotebookApp.certfile = '/home/pi/ca.pem'")
    ca = CA.create("pi", Scope.around(ORG), new_key(), NOW)
    host.add("/home/pi/ca.pem", ca.certificate + (ca.key or b""))
    assert migrated(host, capsys)["apply"] == []
