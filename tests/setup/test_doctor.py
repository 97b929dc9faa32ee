"""The doctor, check by check: a machine on which all is well, one fault at a time, and its remedy."""

import io
import json
import ssl
import sys
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from labkit_setup.certs import CA, new_key
from labkit_setup.errors import SetupError
from labkit_setup.host import ROOT, Owner, Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.firewalls import NFTABLES, nft_ruleset
from labkit_setup.host.raspberry import FILES, PROGRAMS
from labkit_setup.pi.board import MIB, Board
from labkit_setup.pi.commands import doctor as command
from labkit_setup.pi.context import Context
from labkit_setup.pi.doctor.checklist import checks
from labkit_setup.pi.doctor.finding import Check, Finding, examine
from labkit_setup.pi.doctor.patient import Patient
from labkit_setup.pi.layout import Layout
from labkit_setup.pi.main import run
from labkit_setup.pi.options import parse
from labkit_setup.pi.visit import Answer, VisitError
from labkit_setup.subject import Scope, Subject

LAYOUT = Layout.of_machine()
PI = Owner(1000, 1000)
LEAF = LAYOUT.pki / "server.pem"
TCP = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENS = TCP + "   0: 00000000:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 4711 1\n"
LOOPBACK = LISTENS.replace("00000000:20FB", "0100007F:20FB")
AROUND = {
    "/proc/net/tcp": LISTENS,
    "/proc/net/tcp6": TCP,
    "/proc/812/comm": "python\n",
    "/proc/812/cgroup": "0::/system.slice/labkit.service\n",
    "/proc/812/status": "Name:\tpython\nUid:\t1000\t1000\t1000\t1000\n",
    "/proc/812/environ": "LANG=C\0",
    "/proc/901/comm": "blink.py\n",
    "/proc/901/cgroup": "0::/user.slice/session-1.scope\n",
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory pids\n",
    "/usr/bin/python3.11": "",
    "/usr/bin/python3.13": "",
    "/run/nft.json": '{"nftables": []}',
}


@dataclass
class FakeVisit:
    """A visitor for whom everything works, but for what a test changes."""

    host: str = "192.168.1.20:8443"
    version: str = "TLSv1.3"
    certificate: bytes | None = None
    page: Answer = field(default_factory=lambda: Answer(200, {}, '<input name="password">'))
    printed: str = "42\n"
    error: Exception | None = None
    kernel_error: Exception | None = None

    def connect(self):
        if self.error is not None:
            raise self.error
        shown = SimpleNamespace(version=lambda: self.version, getpeercert=lambda binary_form: self.certificate)
        return nullcontext(shown)

    def request(self, method: str, path: str, body: str | None = None, kind: str = "") -> Answer:
        return self.page

    def enter(self, secret: bytes, hashed_password: str) -> None:
        assert secret

    def run(self, code: str) -> str:
        if self.kernel_error is not None:
            raise self.kernel_error
        return self.printed


@pytest.fixture(autouse=True)
def _at_a_terminal(monkeypatch, quick_password) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\n"))


@pytest.fixture
def host(monkeypatch, tmp_path, capsys) -> FakeHost:
    """A Pi that was set up and on which all is well."""
    host = FakeHost({**FILES, **AROUND}, {**PROGRAMS, **NFTABLES})
    host.add("/dev/gpiochip0", "", 0o660, Owner(0, 992))
    for folder in ("labkit", "setup/labkit_setup"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("pyproject.toml", "setup/requirements.lock", "setup/lgpio.lock"):
        (tmp_path / name).write_text("")
    options = parse(["apply", "--password-stdin", "--yes", "--root", "/"], "labkit-setup")
    assert run(Context.of(options, tmp_path, host)) == 0
    host.write(LAYOUT.state / "cookie-secret", b"secret", 0o600, PI)
    host.add("/proc/812/fd", None)
    host.add("/proc/901/fd", None)
    host.link(Path("/proc/812/fd/5"), "socket:[4711]")
    python = host.programs["python"]
    host.programs["python"] = lambda machine, words, stdin: (
        Ran(0, 'noise\n{"pin": 2, "level": 1}\n') if "LGPIOFactory" in words[-1] else python(machine, words, stdin)
    )
    capsys.readouterr()
    return host


@pytest.fixture
def visit(host) -> FakeVisit:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return FakeVisit(certificate=x509.load_pem_x509_certificate(host.read(LEAF)).public_bytes(Encoding.DER))


@pytest.fixture
def patient(host, visit) -> Patient:
    context = Context.of(parse(["doctor"], "labkit-setup"), None, host)
    return Patient(context, datetime.now(UTC), lambda patient: visit)


def found(patient: Patient) -> dict[str, Finding]:
    # A fresh one: what a check wanted to know is remembered.
    return {check.name: finding for check, finding in examine(replace(patient), checks())}


def test_a_machine_on_which_all_is_well_has_no_fault(patient) -> None:
    wrong = {name: finding for name, finding in found(patient).items() if finding.level != "sound"}
    assert wrong == {}
    assert len(found(patient)) == len(checks())


Inject = Callable[[FakeHost, FakeVisit, Patient], Patient | None]
FAULTS: list[tuple[str, str, str, Inject]] = []


def breaks(check: str, evidence: str, remedy: str):
    """A fault to inject: which check finds it, what it sees, what it advises."""

    def add(inject: Inject) -> Inject:
        FAULTS.append((check, evidence, remedy, inject))
        return inject

    return add


def say(host: FakeHost, program: str, answer: Ran, when: str = "") -> None:
    """Have a program answer this, when one of its arguments holds the words."""
    real = host.programs.get(program)
    host.programs[program] = lambda machine, words, stdin: (
        answer if when in " ".join(words) or real is None else real(machine, words, stdin)
    )


def show(host: FakeHost, unit: str, **properties: str) -> None:
    text = "".join(f"{name}={value}\n" for name, value in properties.items())
    host.write(Path(f"/run/played/show-{unit}"), text.encode())


def with_board(patient: Patient, **changes) -> Patient:
    other = replace(patient)
    other.__dict__["board"] = replace(Board.of(patient.host), **changes)
    return other


@breaks("Python", "Python 3.9 is too old", "Bookworm")
def _(host, visit, patient):
    return with_board(patient, python=(3, 9))


@breaks("64 bit", "a 32-bit system (armv7l)", "64-bit Raspberry Pi OS")
def _(host, visit, patient):
    return with_board(patient, is_64_bit=False, machine="armv7l")


@breaks("packages", "is gone", "python3 setup pi")
def _(host, visit, patient):
    host.remove(LAYOUT.venv)


@breaks("packages", "made for Python 3.8, which is gone", "python3 setup pi")
def _(host, visit, patient):
    host.write(LAYOUT.venv / "pyvenv.cfg", b"home = /usr/bin\nversion = 3.8.1\n")


@breaks("other environments", "(/etc/pip.conf), where an upgrade breaks", "break-system-packages")
def _(host, visit, patient):
    host.write(Path("/etc/pip.conf"), b"[global]\nbreak-system-packages = true\n")


@breaks("other environments", "/home/pi/venv is active here, but the lab runs in /opt/labkit/venv", "deactivate")
def _(host, visit, patient):
    context = replace(patient.context, environment={**patient.context.environment, "VIRTUAL_ENV": "/home/pi/venv"})
    return replace(patient, context=context)


@breaks("memory", "256 MiB of RAM", "512 MiB or more")
def _(host, visit, patient):
    return with_board(patient, memory_bytes=256 * MIB)


@breaks("memory", "no swap", "zram-tools")
def _(host, visit, patient):
    return with_board(patient, memory_bytes=512 * MIB, swap_bytes=0)


@breaks("memory limits", "memory limits switched off", "cgroup_enable=memory")
def _(host, visit, patient):
    host.write(Path("/sys/fs/cgroup/cgroup.controllers"), b"cpu pids\n")


@breaks("disk", "only 12 MB are free on the disk with", "sudo apt clean")
def _(host, visit, patient):
    host.free = 12_000_000


@breaks("clock", "is in the past", "sudo date -s")
def _(host, visit, patient):
    return replace(patient, now=datetime(2000, 1, 1, tzinfo=UTC))


@breaks("clock", "is not synchronised", "timedatectl")
def _(host, visit, patient):
    say(host, "timedatectl", Ran(0, "no\n"))
    return replace(patient, now=patient.now - timedelta(days=30))


@breaks("set up", "no lab is set up", "python3 setup pi")
def _(host, visit, patient):
    host.remove(LAYOUT.settings)


@breaks("old configuration", "JupyterLab ignores a jupyter_notebook_config", "labkit-setup migrate")
def _(host, visit, patient):
    host.add("/home/pi/.jupyter/jupyter_notebook_config.py", "c.NotebookApp.ip = '*'\n")


@breaks("edited files", "server.json was edited by hand", "labkit-setup plan")
def _(host, visit, patient):
    host.write(LAYOUT.config / "server.json", host.read(LAYOUT.config / "server.json") + b" ")


@breaks("files on top", "labkit.service.d/mine.conf changes the service", "systemctl revert")
def _(host, visit, patient):
    host.add("/etc/systemd/system/labkit.service.d/mine.conf", "[Service]\nUser=root\n")


@breaks("files on top", "/usr/lib/systemd/system/labkit.service", "remove that one")
def _(host, visit, patient):
    show(host, "labkit.service", FragmentPath="/usr/lib/systemd/system/labkit.service")


@breaks("files on top", "has not read the unit", "daemon-reload")
def _(host, visit, patient):
    show(host, "labkit.service", NeedDaemonReload="yes")


@breaks("token", "JUPYTER_TOKEN is set", "unset-environment JUPYTER_TOKEN")
def _(host, visit, patient):
    host.write(Path("/run/played/environment"), b"JUPYTER_TOKEN=x\n")


@breaks("token", "JUPYTER_TOKEN_FILE is set", "/etc/environment")
def _(host, visit, patient):
    host.write(Path("/proc/812/environ"), b"LANG=C\0JUPYTER_TOKEN_FILE=/x\0")


@breaks("settings", "changed since (peers)", "labkit-setup apply")
def _(host, visit, patient):
    text = host.programs["ip"](host, ["-j", "address"], b"").output
    say(host, "ip", Ran(0, text.replace("192.168.1.20", "10.1.1.20")), when="address")


@breaks("settings", "server.json is gone", "labkit-setup apply")
def _(host, visit, patient):
    host.remove(LAYOUT.config / "server.json")


@breaks("password", "there is no password", "labkit-setup passwd")
def _(host, visit, patient):
    host.remove(LAYOUT.password)


@breaks("password", "a sha1 one, which is guessed quickly", "labkit-setup passwd")
def _(host, visit, patient):
    host.write(LAYOUT.password, b"sha1:67c9e60bb8b6:9ffede0825894254b2e042ea597d771089e11aed\n")


@breaks("password", "does not hold a password's hash", "labkit-setup passwd")
def _(host, visit, patient):
    host.write(LAYOUT.password, b"hunter2\n")


@breaks("modes", "server.pem is open to others (mode 644, not 640)", "labkit-setup renew --force")
def _(host, visit, patient):
    host.change_mode(str(LEAF), 0o644)


@breaks("modes", "authority is open to others", "labkit-setup apply")
def _(host, visit, patient):
    host.change_mode(str(LAYOUT.pki / "authority"), 0o755)


@breaks("modes", "password belongs to another user", "labkit-setup apply")
def _(host, visit, patient):
    host.change_mode(str(LAYOUT.password), 0o640, Owner(1001, 1001))


def other_leaf(subject: Subject, begin: datetime, scope: Scope | None = None):
    ca = CA.create("pi", scope or Scope.around(subject), new_key(), begin)
    return ca, ca.issue(subject, begin)


SUBJECT = Subject(("raspberrypi.local", "localhost", "raspberrypi"))


@breaks("certificate", "there is no certificate", "labkit-setup apply")
def _(host, visit, patient):
    host.remove(LEAF)


@breaks("certificate", "could not be read", "labkit-setup renew --force")
def _(host, visit, patient):
    host.write(LEAF, b"nonsense", 0o640)


@breaks("certificate", "does not fit its key", "labkit-setup renew --force")
def _(host, visit, patient):
    _, other = other_leaf(SUBJECT, patient.now)
    text = host.read(LEAF)
    host.write(LEAF, other.key + text[text.index(b"-----BEGIN CERTIFICATE") :], 0o640)


@breaks("certificate's life", "expired on", "labkit-setup renew --force")
def _(host, visit, patient):
    return replace(patient, now=patient.now + timedelta(days=90))


@breaks("certificate's life", "is not valid before", "the check of the clock")
def _(host, visit, patient):
    return replace(patient, now=patient.now - timedelta(days=9))


@breaks("certificate's life", "was not renewed", "labkit-setup renew --force")
def _(host, visit, patient):
    return replace(patient, now=patient.now + timedelta(days=80))


@breaks("certificate's names", "is not for 10.1.1.20", "the check of the authority")
def _(host, visit, patient):
    text = host.programs["ip"](host, ["-j", "address"], b"").output
    say(host, "ip", Ran(0, text.replace("192.168.1.20", "10.1.1.20")), when="address")


def seed_style() -> bytes:
    """As `openssl req -x509 -newkey …` makes it: for a year, by itself, without names."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "raspberrypi")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return private + made.public_bytes(serialization.Encoding.PEM)


@breaks("certificate's issuer", "Safari will hang at “connecting to kernel”", "labkit-setup apply")
def _(host, visit, patient):
    host.write(LEAF, seed_style(), 0o640)


@breaks("certificate's names", "has no names (SAN)", "labkit-setup renew --force")
def _(host, visit, patient):
    host.write(LEAF, seed_style(), 0o640)


@breaks("certificate's issuer", "from another authority", "labkit-setup renew --force")
def _(host, visit, patient):
    host.write(LEAF, other_leaf(SUBJECT, patient.now)[1].pem, 0o640)


@breaks("certificate's issuer", "ca.pem) is gone", "labkit-setup apply")
def _(host, visit, patient):
    host.remove(LAYOUT.pki / "ca.pem")


@breaks("authority", "may not vouch for 10.1.1.20", "labkit-setup apply")
def _(host, visit, patient):
    text = host.programs["ip"](host, ["-j", "address"], b"").output
    say(host, "ip", Ran(0, text.replace("192.168.1.20", "10.1.1.20")), when="address")


@breaks("authority", "the authority expired on", "labkit-setup apply")
def _(host, visit, patient):
    return replace(patient, now=patient.now + timedelta(days=900))


@breaks("certificate in force", "shows another certificate", "sudo systemctl restart labkit")
def _(host, visit, patient):
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    other = other_leaf(SUBJECT, patient.now)[1]
    visit.certificate = x509.load_pem_x509_certificate(other.certificate).public_bytes(Encoding.DER)


@breaks("service", "labkit.service is not there", "labkit-setup apply")
def _(host, visit, patient):
    host.remove(Path("/etc/systemd/system/labkit.service"))


@breaks("service", "would not come back after a restart (disabled)", "systemctl enable")
def _(host, visit, patient):
    show(host, "labkit.service", UnitFileState="disabled")


@breaks("service", "its packages are gone", "python3 setup pi")
def _(host, visit, patient):
    show(host, "labkit.service", ActiveState="failed", Result="exit-code", ExecMainStatus="203")


@breaks("service", "another program has its port; last it said: Port 8443 is taken by", "--port")
def _(host, visit, patient):
    show(host, "labkit.service", ActiveState="failed", Result="exit-code", ExecMainStatus="78")
    say(host, "journalctl", Ran(0, "Port 8443 is taken by process 7 (nginx).\n"))


@breaks("service", "used up its memory", "close notebooks")
def _(host, visit, patient):
    show(host, "labkit.service", ActiveState="failed", Result="oom-kill")


@breaks("service", "somebody stopped it", "systemctl start")
def _(host, visit, patient):
    show(host, "labkit.service", ActiveState="inactive")


@breaks("root", "runs as root", "--user pi")
def _(host, visit, patient):
    host.write(Path("/proc/812/status"), b"Uid:\t0\t0\t0\t0\n")


@breaks("renewal", "the timer is off", "systemctl enable --now")
def _(host, visit, patient):
    show(host, "labkit-renew.timer", ActiveState="inactive")


@breaks("renewal", "the last renewal failed: No key.", "labkit-setup renew")
def _(host, visit, patient):
    show(host, "labkit-renew.service", Result="exit-code")
    say(host, "journalctl", Ran(0, "No key.\n"))


@breaks("networks", "is in no network", "raspi-config")
def _(host, visit, patient):
    say(host, "ip", Ran(0, "[]"))


@breaks("name", "raspberrypi.local taken in the network, so this machine goes by raspberrypi-2.local, which", "renew")
def _(host, visit, patient):
    say(host, "busctl", Ran(0, '{"data":["raspberrypi-2.local"]}'))


@breaks("name", "no .local name", "avahi-daemon")
def _(host, visit, patient):
    say(host, "busctl", Ran(1))


@breaks("port", "nothing listens on port 8443", "systemctl restart labkit")
def _(host, visit, patient):
    host.write(Path("/proc/net/tcp"), TCP.encode())


@breaks("port", "open to this machine only (it listens on 127.0.0.1)", "labkit-setup tunnel")
def _(host, visit, patient):
    host.write(Path("/proc/net/tcp"), LOOPBACK.encode())


@breaks("port", "taken by process 901 (blink.py)", "--port 8444")
def _(host, visit, patient):
    host.remove(Path("/proc/812/fd/5"))
    host.link(Path("/proc/901/fd/5"), "socket:[4711]")


@breaks("firewall", "the lab listens, but the firewall (nftables) lets nobody reach port 8443", "for 192.168.1.0/24")
def _(host, visit, patient):
    host.write(Path("/run/nft.json"), nft_ruleset().encode())


@breaks("groups", "pi is not in the group i2c", "next login")
def _(host, visit, patient):
    host.write(Path("/etc/group"), host.read(Path("/etc/group")).replace(b"i2c:x:991:pi", b"i2c:x:991:"))


@breaks("devices", "can be opened by root only (mode 600)", "raspberrypi-sys-mods")
def _(host, visit, patient):
    host.change_mode("/dev/gpiochip0", 0o600)


@breaks("devices", "SPI was asked for, but there is no /dev/spi*", "restart the machine")
def _(host, visit, patient):
    settings = replace(patient.lab, spi=True)
    other = replace(patient)
    other.__dict__["settings"] = settings
    return other


@breaks("pins", "gpiozero can't use the pins (ModuleNotFoundError: No module named 'lgpio')", "python3 setup pi")
def _(host, visit, patient):
    answer = json.dumps({"error": "ModuleNotFoundError: No module named 'lgpio'"})
    say(host, "python", Ran(0, answer), when="LGPIOFactory")


@breaks("pins", "can not open gpiochip", "the checks of groups and devices")
def _(host, visit, patient):
    say(host, "python", Ran(0, json.dumps({"error": "error: 'can not open gpiochip'"})), when="LGPIOFactory")


@breaks("lines held", "by process 901 (blink.py)", "kill 901")
def _(host, visit, patient):
    host.link(Path("/proc/901/fd/7"), "anon_inode:gpio-line")


@breaks("connection", "is not accepted at 192.168.1.20:8443", "the checks of the certificate")
def _(host, visit, patient):
    visit.error = ssl.SSLCertVerificationError(1, "no")
    visit.error.verify_message = "self-signed certificate"


@breaks("connection", "no connection to 192.168.1.20:8443", "the checks of the service")
def _(host, visit, patient):
    visit.error = ConnectionRefusedError(111, "refused")


@breaks("connection", "the server speaks TLSv1.2", "restart labkit")
def _(host, visit, patient):
    visit.version = "TLSv1.2"


@breaks("connection", "no login page at https://192.168.1.20:8443/ (HTTP 404)", "labkit-setup logs")
def _(host, visit, patient):
    visit.page = Answer(404, {}, "")


@breaks("kernel", "could not be run: No kernel", "too little memory")
def _(host, visit, patient):
    visit.kernel_error = VisitError("No kernel could be started (HTTP 500).")


@breaks("kernel", "a kernel answered 'x'", "labkit-setup logs")
def _(host, visit, patient):
    visit.printed = "x"


@breaks("kernel", "has not made its key for cookies", "labkit-setup logs")
def _(host, visit, patient):
    host.remove(LAYOUT.state / "cookie-secret")


@pytest.mark.parametrize(
    ("check", "evidence", "remedy", "inject"), FAULTS, ids=[f"{fault[0]}-{fault[1][:30]}" for fault in FAULTS]
)
def test_a_fault_is_found_by_its_check_with_what_to_do_about_it(
    patient, host, visit, check, evidence, remedy, inject
) -> None:
    changed = inject(host, visit, patient) or patient
    (look,) = [one for one in checks() if one.name == check]
    ((_, finding),) = examine(changed if changed is not patient else replace(patient), (look,))
    assert finding.level == "fault", finding
    assert evidence in finding.evidence
    assert remedy in finding.remedy


def test_every_check_has_a_fault_that_it_finds() -> None:
    assert {check.name for check in checks()} == {fault[0] for fault in FAULTS}


def test_a_clock_that_nothing_confirms_is_only_noted_while_the_certificate_is_valid(patient, host) -> None:
    say(host, "timedatectl", Ran(0, "no\n"))
    assert found(patient)["clock"].level == "note"


def test_a_name_that_the_certificate_is_for_is_only_noted_though_avahi_had_to_take_it(patient, host) -> None:
    say(host, "busctl", Ran(0, '{"data":["raspberrypi-2.local"]}'))
    assert run(Context.of(parse(["renew", "--root", "/"], "labkit-setup"), None, host)) == 0
    assert found(patient)["name"].level == "note"


def test_a_board_with_a_gigabyte_and_no_swap_works(patient) -> None:
    (memory,) = [check for check in checks() if check.name == "memory"]
    look = memory.look
    assert look(with_board(patient, memory_bytes=965 * MIB, swap_bytes=0)).level == "note"
    assert look(with_board(patient, memory_bytes=965 * MIB, swap_bytes=99 * MIB)).level == "sound"


def test_what_no_renewal_can_mend_is_not_called_one(patient, host) -> None:
    say(host, "busctl", Ran(0, '{"data":["greenhouse.local"]}'))
    seen = found(patient)
    assert seen["certificate's names"].remedy == "see the check of the authority"
    assert "labkit-setup apply" in seen["authority"].remedy


def test_a_machine_without_pins_is_not_ill(patient, host) -> None:
    host.remove(Path("/dev/gpiochip0"))
    seen = found(patient)
    assert seen["devices"].level == "unknown"
    assert not {"groups", "pins", "lines held"} & seen.keys()


def test_before_anything_is_set_up_the_ground_is_looked_at_and_what_is_missing_is_said(patient, host) -> None:
    host.remove(LAYOUT.config)
    faults = [name for name, finding in found(patient).items() if finding.level == "fault"]
    assert faults == ["set up"]


def test_a_check_that_breaks_says_so_and_the_others_go_on(patient) -> None:
    def broken(patient: Patient) -> Finding:
        raise SetupError("It is broken.")

    fine = Check("fine", lambda _: Finding("sound", "x"))
    (_, first), (_, second) = examine(patient, (Check("broken", broken), fine))
    assert (first.level, second.level) == ("fault", "sound")
    assert "It is broken." in first.evidence


@contextmanager
def at_the_doctors(monkeypatch, patient):
    monkeypatch.setattr(command.Patient, "of", classmethod(lambda cls, context: replace(patient, context=context)))
    yield


def test_the_command_prints_each_check_with_its_remedy_and_counts(patient, host, monkeypatch, capsys) -> None:
    host.remove(LAYOUT.password)
    with at_the_doctors(monkeypatch, patient):
        assert run(Context.of(parse(["doctor"], "labkit-setup"), None, host)) == 1
    printed = capsys.readouterr().out
    assert "✓ Python: Python 3." in printed
    assert "✗ password: there is no password (/etc/labkit/password)" in printed
    assert "    → set another one with `labkit-setup passwd`" in printed
    assert f"{len(checks())} checks, 3 wrong." in printed


def test_the_command_answers_in_json_and_with_its_status(patient, host, monkeypatch, capsys) -> None:
    with at_the_doctors(monkeypatch, patient):
        assert run(Context.of(parse(["doctor", "--json"], "labkit-setup"), None, host)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert {"check": "Python", "level": "sound"}.items() <= told["checks"][0].items()


def test_the_doctor_changes_nothing(patient, host) -> None:
    before = dict(host.nodes)
    found(patient)
    assert host.nodes == before
    assert host.look(LAYOUT.config).owner == ROOT
