"""An authority on its way into browsers: shown, exported, and never one that could vouch for everything."""

import io
import plistlib
import shutil
import ssl
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from labkit_setup.certs import CA, new_key
from labkit_setup.errors import ConfigurationError, SetupError, UsageError
from labkit_setup.host import Host, Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.pi.authority import Authority
from labkit_setup.pi.context import Context
from labkit_setup.pi.main import run
from labkit_setup.pi.options import parse
from labkit_setup.pi.settings import Settings
from labkit_setup.subject import Scope, Subject

NOW = datetime.now(UTC)
SUBJECT = Subject(("raspberrypi.local", "localhost"))


@pytest.fixture(scope="module")
def pem() -> bytes:
    return CA.create("raspberrypi", Scope.around(SUBJECT, (ip_network("192.168.1.0/24"),)), new_key(), NOW).certificate


@pytest.fixture
def host(pem) -> FakeHost:
    host = FakeHost({"/etc/labkit/settings.json": ""})
    host.add("/etc/labkit/pki/ca.pem", pem)
    host.write(Path("/etc/labkit/settings.json"), Settings("pi", "/home/pi/notebooks").to_json())
    return host


def labkit(host: Host, *words: str, home: str = "/home/anna") -> int:
    context = Context.of(parse(["trust", *words], "labkit-setup"), None, host)
    return run(replace(context, environment={"HOME": home}))


def test_the_fingerprint_and_the_limits_are_shown(host, pem, capsys) -> None:
    assert labkit(host) == 0
    shown = capsys.readouterr().out
    assert Authority.parse(pem).fingerprint in shown
    assert "raspberrypi.local, localhost" in shown
    assert "192.168.1.0/24" in shown


@pytest.mark.parametrize("form", ["pem", "der", "mobileconfig"])
def test_it_is_exported_in_a_form_that_holds_just_the_certificate(host, pem, form, capfdbinary) -> None:
    assert labkit(host, "--export", form) == 0
    out = capfdbinary.readouterr().out
    der = ssl.PEM_cert_to_DER_cert(pem.decode())
    if form == "pem":
        assert ssl.PEM_cert_to_DER_cert(out.decode()) == der
    elif form == "der":
        assert out == der
    else:
        profile = plistlib.loads(out)
        assert profile["PayloadContent"][0]["PayloadContent"] == der
        assert profile["PayloadContent"][0]["PayloadType"] == "com.apple.security.root"
    assert b"PRIVATE KEY" not in out


def test_without_an_authority_there_is_a_sentence(host) -> None:
    host.remove(Path("/etc/labkit/pki/ca.pem"))
    with pytest.raises(ConfigurationError, match="There is no authority here"):
        labkit(host)


@pytest.fixture
def laptop(pem) -> FakeHost:
    """Another computer, with two browsers, that reaches the lab's machine over ssh."""
    host = FakeHost()
    host.add("/home/anna/.pki/nssdb/cert9.db")
    host.add("/home/anna/.mozilla/firefox/x.default-esr/cert9.db")
    host.add("/home/anna/.mozilla/firefox/profiles.ini")
    host.programs = {
        "ssh": lambda machine, words, stdin: Ran(0, pem.decode()),
        "certutil": lambda machine, words, stdin: Ran(0),
    }
    return host


def test_another_computers_browsers_are_told(laptop, capsys) -> None:
    assert labkit(laptop, "--from", "pi@raspberrypi.local", "--yes") == 0
    told = capsys.readouterr().out
    assert "Trusted by Chromium and Chrome." in told
    assert "Trusted by Firefox (x.default-esr)." in told
    added = [words for words in laptop.commands if "-A" in words]
    assert [words[words.index("-t") + 1] for words in added] == ["C,,", "C,,"]


@pytest.mark.process
@pytest.mark.parametrize("data", ["", "elsewhere"])
def test_the_authority_of_a_lab_without_a_service_is_found_in_its_users_folder(laptop, pem, tmp_path, data) -> None:
    folder = tmp_path / (data or ".local/share") / "labkit/labkit-remote/config/pki"
    folder.mkdir(parents=True)
    (folder / "ca.pem").write_bytes(pem)
    variables = {"HOME": str(tmp_path), "PATH": "/nowhere:/bin:/usr/bin"}
    if data:
        variables["XDG_DATA_HOME"] = str(tmp_path / data)

    def ssh(machine, words, stdin) -> Ran:
        """The far end's shell."""
        done = subprocess.run(["sh", "-c", words[-1]], env=variables, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    laptop.programs["ssh"] = ssh
    assert labkit(laptop, "--from", "pi@raspberrypi.local", "--yes") == 0
    assert any("-A" in words for words in laptop.commands)


def test_the_fingerprint_is_shown_and_asked_about_first(laptop, pem, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with pytest.raises(ConfigurationError, match="Nothing was changed"):
        labkit(laptop, "--from", "pi@raspberrypi.local")
    assert Authority.parse(pem).fingerprint in capsys.readouterr().err
    assert not any("-A" in words for words in laptop.commands)


def test_where_nobody_can_confirm_it_is_not_installed(laptop, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(UsageError, match="compare it, and add --yes"):
        labkit(laptop, "--from", "pi@raspberrypi.local")


@pytest.mark.parametrize("source", ["-oProxyCommand=x", "pi@", "a b", "pi@-x", ""])
def test_what_is_no_place_for_ssh_is_refused(laptop, source) -> None:
    with pytest.raises(UsageError, match="is not USER@HOST"):
        labkit(laptop, f"--from={source}", "--yes")
    assert laptop.commands == []


def unlimited() -> bytes:
    """An authority that could vouch for any site."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "any")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9))
    made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
        key, hashes.SHA256()
    )
    return made.public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (unlimited(), "It is not to be trusted: the authority is not limited to any names"),
        (
            CA.create("pi", Scope.around(SUBJECT), new_key(), NOW).issue(SUBJECT, NOW).certificate,
            "is no certificate of an",
        ),
        (b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", "is no certificate of an authority"),
    ],
)
def test_what_could_vouch_for_everything_or_is_no_authority_is_not_installed(laptop, content, sentence) -> None:
    laptop.programs["ssh"] = lambda machine, words, stdin: Ran(0, content.decode())
    with pytest.raises(ConfigurationError, match=sentence):
        labkit(laptop, "--from", "pi@raspberrypi.local", "--yes")
    assert not any("-A" in words for words in laptop.commands)


def test_a_machine_that_can_not_be_reached_is_named(laptop) -> None:
    laptop.programs["ssh"] = lambda machine, words, stdin: Ran(255, errors="ssh: Could not resolve hostname x\n")
    with pytest.raises(SetupError, match=r"could not be fetched from x .*Could not resolve hostname"):
        labkit(laptop, "--from", "x", "--yes")


@pytest.mark.process
@pytest.mark.skipif(shutil.which("certutil") is None, reason="this machine has no certutil (libnss3-tools)")
def test_a_real_store_holds_it_as_an_authority_for_sites(pem, tmp_path, monkeypatch) -> None:
    class Laptop(Host):
        """This machine, with an ssh that is played."""

        def run(self, command, stdin=b"", user=None, seconds=600.0) -> Ran:
            return Ran(0, pem.decode()) if command[0] == "ssh" else super().run(command, stdin, user, seconds)

    for _ in range(2):
        assert labkit(Laptop(), "--from", "pi@raspberrypi.local", "--yes", home=str(tmp_path)) == 0
    store = f"sql:{tmp_path}/.pki/nssdb"
    listed = subprocess.run(["certutil", "-d", store, "-L"], capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in listed.splitlines() if "labkit authority of raspberrypi" in line]
    assert line.split()[-1] == "C,,"
