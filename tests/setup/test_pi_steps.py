"""The single steps on a Raspberry Pi in memory: packages, groups, buses, the service; done, taken back, done again."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from labkit_setup import steps as engine
from labkit_setup.errors import ConfigurationError, SetupError
from labkit_setup.host import Host, Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.host.raspberry import FILES, PROGRAMS
from labkit_setup.journal import Journal
from labkit_setup.pi import packages
from labkit_setup.pi.board import MIB, Board
from labkit_setup.pi.groups import bus_step, existing, group_step
from labkit_setup.pi.lan import Lan, mdns_name
from labkit_setup.pi.layout import Layout
from labkit_setup.pi.libraries import Libraries
from labkit_setup.pi.notebooks import notebooks_step
from labkit_setup.pi.packages import package_step
from labkit_setup.pi.service import enable_step, last_words, running_step, unit_step
from labkit_setup.pi.units import RENEW, SERVICE, TIMER, Service, firewall_service, renew_service, renew_timer

ROOT = Path(__file__).resolve().parents[2]
LAYOUT = Layout.of_machine()


@pytest.fixture
def host() -> FakeHost:
    return FakeHost(FILES, PROGRAMS)


def made(host: FakeHost, *steps) -> list[str]:
    journal = Journal(host, LAYOUT.journal)
    with journal.alone():
        return engine.apply(host, journal, steps, lambda _: None)


def taken_back(host: FakeHost) -> list[str]:
    journal = Journal(host, LAYOUT.journal)
    with journal.alone():
        return engine.take_back(host, journal, lambda _: None)


def lasting(host: FakeHost) -> dict:
    return {path: node for path, node in host.nodes.items() if not path.is_relative_to("/run")}


def service(**changes) -> Service:
    usual = Service(
        layout=LAYOUT,
        user="pi",
        group="pi",
        groups=("gpio", "spi", "i2c"),
        root_dir=Path("/home/pi/notebooks"),
        home=Path("/home/pi"),
        has_lgpio=True,
        memory=(700 * MIB, 800 * MIB),
        arguments=("-m", "labkit_setup.server", "/etc/labkit/server.json"),
    )
    return replace(usual, **changes)


def every_step(host: FakeHost) -> list:
    return [
        package_step(("python3-venv", "python3-lgpio")),
        group_step("pi", "i2c"),
        bus_step("spi", True),
        bus_step("i2c", True),
        unit_step(SERVICE, service().text()),
        enable_step(SERVICE, "multi-user.target"),
        running_step(SERVICE, Path("/etc/mark"), [Path("/etc/systemd/system") / SERVICE]),
    ]


def test_all_are_done_once_and_taken_back_to_the_byte(host) -> None:
    before = lasting(host)
    assert len(made(host, *every_step(host))) == 7
    assert made(host, *every_step(host)) == []
    assert b"dtparam=spi=on" in host.read(Path("/boot/firmware/config.txt"))
    del host.nodes[Path("/etc/mark")]
    assert taken_back(host) == []
    assert lasting(host) == before


def test_what_was_there_before_stays(host) -> None:
    """A group the user was in, a package that was installed: not ours to take away."""
    assert made(host, group_step("pi", "gpio"), package_step(("python3-venv",))) == []
    taken_back(host)
    assert "pi" in host.groups()["gpio"]
    assert packages.is_installed(host, "python3-venv")


def test_a_bus_that_somebody_else_configured_since_is_only_switched_back(host) -> None:
    config = Path("/boot/firmware/config.txt")
    made(host, bus_step("spi", True))
    host.write(config, host.read(config) + b"dtoverlay=something\n")
    taken_back(host)
    assert b"dtoverlay=something" in host.read(config)
    assert b"dtparam=spi=off" in host.read(config)


def test_a_package_that_something_else_needs_by_then_stays(host) -> None:
    made(host, package_step(("python3-lgpio",)))
    assert packages.is_installed(host, "liblgpio1")
    real = host.programs["apt-get"]

    def needed(machine, words, stdin) -> Ran:
        ran = real(machine, words, stdin)
        return Ran(0, ran.output + "Purg theirs (1.0)\n") if "-s" in words and "python3-lgpio" in words else ran

    host.programs["apt-get"] = needed
    taken_back(host)
    assert packages.is_installed(host, "python3-lgpio")


def test_a_package_that_can_not_be_had_is_named(host) -> None:
    with pytest.raises(SetupError, match=r"could not install nonsense \(E: Unable to locate package nonsense\)"):
        made(host, package_step(("nonsense",)))


def test_lgpio_is_wanted_where_there_is_a_chip_and_the_system_has_it(host) -> None:
    assert packages.wanted(host, Board.of(host)) == ("python3-venv", "python3-lgpio")
    assert packages.wanted(host, replace(Board.of(host), has_chip=False)) == ("python3-venv",)
    assert packages.wanted(FakeHost(), Board.of(host)) == ()


def test_only_groups_that_exist_are_used(host) -> None:
    assert existing(host) == ("gpio", "spi", "i2c")
    assert existing(FakeHost({"/etc/group": "gpio:x:992:\n"})) == ("gpio",)


def test_a_service_is_restarted_when_what_it_reads_has_changed(host) -> None:
    file = Path("/etc/settings")
    host.write(file, b"1")
    made(host, unit_step(SERVICE, service().text()))
    step = running_step(SERVICE, Path("/etc/mark"), [file])
    made(host, unit_step(SERVICE, service().text()), step)
    assert step.is_done(host)
    host.write(file, b"2")
    assert not step.is_done(host)
    assert step.shows(host) == [f"restart {SERVICE}"]


def test_a_unit_that_does_not_start_is_explained_by_its_last_words(host) -> None:
    host.programs["journalctl"] = lambda machine, words, stdin: Ran(0, "Port 8443 is taken.\n")
    real = host.programs["systemctl"]
    host.programs["systemctl"] = lambda machine, words, stdin: (
        Ran(1, errors="Job failed") if "restart" in words else real(machine, words, stdin)
    )
    with pytest.raises(SetupError, match=r"failed \(it said: Port 8443 is taken\.\)"):
        made(host, unit_step(SERVICE, "[Unit]\n"), running_step(SERVICE, Path("/etc/mark"), []))


def test_what_systemd_says_of_a_unit_is_told_only_where_its_processes_said_nothing(host) -> None:
    says = {"_SYSTEMD_UNIT=labkit.service": "Port 8443 is taken.\n", "--unit": "Consumed 4s CPU time.\n"}
    host.programs["journalctl"] = lambda machine, words, stdin: Ran(0, says[words[0]])
    assert last_words(host, "labkit.service") == ["Port 8443 is taken."]
    says["_SYSTEMD_UNIT=labkit.service"] = ""
    assert last_words(host, "labkit.service") == ["Consumed 4s CPU time."]


def test_notebooks_come_with_the_lessons_stay_the_users_and_are_never_taken_away(host) -> None:
    user = host.user("pi")
    step = notebooks_step(Path("/home/pi/notebooks"), user, {"01.ipynb": b"{}"})
    assert made(host, step) == ["notebooks /home/pi/notebooks"]
    assert host.look(Path("/home/pi/notebooks/01.ipynb")).owner == user.owner
    host.write(Path("/home/pi/notebooks/01.ipynb"), b"mine")
    assert made(host, step) == []
    taken_back(host)
    assert host.read(Path("/home/pi/notebooks/01.ipynb")) == b"mine"


def test_lessons_are_as_new_as_the_folder_that_they_are_in(tmp_path) -> None:
    host, before = Host(), tmp_path.stat().st_mtime_ns
    user = host.user_of(os.geteuid())
    host.make_tree(tmp_path / "notebooks", {"01.ipynb": b"{}"}, user)
    assert (tmp_path / "notebooks/01.ipynb").read_bytes() == b"{}"
    assert (tmp_path / "notebooks/01.ipynb").stat().st_mtime_ns >= before


@pytest.fixture
def clone(tmp_path) -> Path:
    for folder in ("labkit", "setup/labkit_setup"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").write_text("")
    for name in ("pyproject.toml", "setup/requirements.lock", "setup/lgpio.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def installed(host: FakeHost, clone: Path, lgpio: str = "system") -> list[str]:
    from labkit_setup.managed import folder_step

    libraries = Libraries(LAYOUT, clone, lgpio)
    return made(host, folder_step(LAYOUT.prefix), libraries.step(), libraries.tidy_step())


def pip_commands(host: FakeHost) -> list[list[str]]:
    return [words for words in host.commands if "pip" in words]


def test_packages_come_hash_locked_as_wheels_and_not_from_the_system(host, clone) -> None:
    before = lasting(host)
    installed(host, clone)
    locked, own = pip_commands(host)
    assert {"--require-hashes", "--only-binary", ":all:", "--no-deps", "--ignore-installed"} <= set(locked)
    assert {"--no-index", "--no-build-isolation"} <= set(own)
    assert "--system-site-packages" in next(words for words in host.commands if "venv" in words)
    # What root's Python compiles of the system's packages would be left behind.
    assert all("-B" in words for words in host.commands if "venv" in words or "pip" in words)
    assert installed(host, clone) == []
    assert host.look(LAYOUT.prefix / "cache") is None
    taken_back(host)
    assert lasting(host) == before


@pytest.mark.parametrize(("lgpio", "files"), [("wheel", ["requirements", "lgpio"]), ("none", ["requirements"])])
def test_lgpio_is_debians_or_a_wheel_to_the_byte_or_none(host, clone, lgpio, files) -> None:
    installed(host, clone, lgpio)
    assert "--system-site-packages" not in next(words for words in host.commands if "venv" in words)
    assert [Path(words[-1]).stem for words in pip_commands(host)[:-1]] == files


def test_a_new_version_of_labkit_goes_into_the_same_environment(host, clone) -> None:
    installed(host, clone)
    host.commands.clear()
    (clone / "labkit" / "new.py").write_text("")
    assert installed(host, clone)[0] == f"packages in {LAYOUT.prefix}"
    assert [words[-1] for words in pip_commands(host)] == [str(clone)]


def test_new_packages_are_built_beside_the_old_ones_which_go_afterwards(host, clone) -> None:
    installed(host, clone)
    old = host.look(LAYOUT.venv).target
    (clone / "setup" / "requirements.lock").write_text("gpiozero==2.0.2 --hash=sha256:00\n")
    installed(host, clone)
    assert host.look(LAYOUT.venv).target != old
    assert host.look(LAYOUT.prefix / old) is None


def test_packages_that_fail_leave_the_old_environment_in_use(host, clone) -> None:
    installed(host, clone)
    before = lasting(host)
    (clone / "setup" / "requirements.lock").write_text("gpiozero==2.0.2 --hash=sha256:00\n")
    host.programs["python"] = lambda machine, words, stdin: Ran(1, "OSError: [Errno 28] No space left on device")
    with pytest.raises(SetupError, match=r"The disk is full .* free about 1 GB"):
        installed(host, clone)
    changed = {path for path, node in lasting(host).items() if before.get(path) != node}
    assert changed <= {LAYOUT.prefix / "install.log"}
    assert before.keys() <= lasting(host).keys()


def test_a_nearly_full_disk_is_noticed_before_anything_is_fetched(host, clone) -> None:
    host.free = 42_000_000
    with pytest.raises(SetupError, match=r"4\d MB are free"):
        installed(host, clone)
    assert pip_commands(host) == []


def test_a_32_bit_system_is_told_so(host, clone, monkeypatch) -> None:
    monkeypatch.setattr("labkit_setup.pi.libraries.sys.maxsize", 2**31 - 1)
    with pytest.raises(ConfigurationError, match="install the 64-bit Raspberry Pi OS"):
        installed(host, clone)


def test_the_installed_labkit_keeps_the_environment_it_runs_from(host, clone) -> None:
    installed(host, clone)
    assert installed(host, None) == []


def test_everything_that_labkit_needs_is_in_the_lock_file_with_hashes() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    text = (ROOT / "setup" / "requirements.lock").read_text()
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE):
        locked.setdefault(canonicalize_name(name), []).append(version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text_of in (*project["dependencies"], *project["optional-dependencies"]["pi"]):
        wanted = Requirement(text_of)
        versions = locked.get(canonicalize_name(wanted.name), [])
        assert versions, f"{text_of} is not locked; setup/requirements.lock says how to make it anew"
        assert all(version in wanted.specifier for version in versions), text_of
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block and not block.startswith("#"))


def test_the_wheels_of_lgpio_are_none_of_the_ancient_ones() -> None:
    assert re.findall(r"^lgpio==(\S+)", (ROOT / "setup" / "lgpio.lock").read_text(), re.MULTILINE) == ["0.2.2.0"]


@pytest.mark.parametrize(("memory", "least_left"), [(416, 128), (949, 128), (3792, 379), (8000, 800)])
def test_memory_is_limited_by_the_boards_ram(host, memory, least_left) -> None:
    board = replace(Board.of(host), memory_bytes=memory * MIB)
    high, most = board.memory_limits
    assert least_left <= memory - most // MIB <= least_left + 1
    assert high < most


def test_the_unit_reaches_the_pins_and_only_the_notebooks() -> None:
    text = service().text()
    for line in (
        "User=pi",
        "SupplementaryGroups=gpio spi i2c",
        "DeviceAllow=char-gpiochip rw",
        "DeviceAllow=char-spi rw",
        "DeviceAllow=char-i2c rw",
        "Environment=LG_WD=/run/labkit",
        "RuntimeDirectory=labkit",
        "BindPaths=/home/pi/notebooks",
        "MemoryHigh=700M",
        "InaccessiblePaths=-/etc/labkit/pki/authority",
        "Restart=always",
    ):
        assert line in text.splitlines(), line
    assert "SupplementaryGroups" not in service(groups=()).text()
    assert "BindPaths" not in service(root_dir=Path("/srv/lab")).text()
    assert "MemoryMax" not in service(memory=(0, 0)).text()
    assert 'WorkingDirectory="/srv/50%% of it"' in service(root_dir=Path("/srv/50% of it")).text()


@pytest.mark.process
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_finds_the_units_sound_and_the_service_hardly_exposed(tmp_path) -> None:
    python = tmp_path / "python"
    shutil.copy("/bin/true", python)
    texts = {
        SERVICE: service(user="daemon", group="daemon", groups=()).text(),
        RENEW: renew_service(LAYOUT, ("-m", "labkit_setup.cli", "renew", "--if-due")),
        TIMER: renew_timer(),
        "labkit-firewall.service": firewall_service(LAYOUT, 8443, "192.168.1.0/24"),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text.replace(str(LAYOUT.python), str(python)))
    files = [str(tmp_path / name) for name in texts]
    verified = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    for name, most in ((SERVICE, 20), (RENEW, 20)):
        command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={most}", str(tmp_path / name)]
        judged = subprocess.run(command, capture_output=True, text=True)
        assert judged.returncode == 0, judged.stdout
    bare = tmp_path / "bare.service"
    bare.write_text(f"[Service]\nUser=daemon\nExecStart={python}\n")
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(bare)]
    assert subprocess.run(command, capture_output=True).returncode != 0


def test_the_networks_are_those_that_other_machines_are_in(host) -> None:
    found = Lan.of(host)
    assert [str(address) for address in found.addresses] == ["192.168.1.20"]
    assert str(found.network) == "192.168.1.0/24"
    assert [str(gateway) for gateway in found.gateways] == ["192.168.1.1"]


def test_temporary_addresses_and_those_of_containers_are_left_out(host) -> None:
    entry = {"scope": "global", "prefixlen": 64}
    interfaces = [
        {"ifname": "docker0", "flags": ["UP"], "addr_info": [{**entry, "local": "172.17.0.1", "prefixlen": 16}]},
        {
            "ifname": "eth0",
            "flags": ["UP"],
            "addr_info": [
                {**entry, "local": "fd00::20"},
                {**entry, "local": "fd00::99", "temporary": True},
                {**entry, "local": "10.0.0.5", "prefixlen": 8},
                {**entry, "local": "fe80::1", "scope": "link"},
                {**entry, "local": "2001:db8::5"},
            ],
        },
    ]
    host.programs["ip"] = lambda machine, words, stdin: Ran(0, json.dumps(interfaces if "address" in words else []))
    found = Lan.of(host)
    assert [str(address) for address in found.addresses] == ["10.0.0.5", "fd00::20", "2001:db8::5"]
    assert [str(network) for network in found.networks] == ["fd00::/64", "10.0.0.0/8"]


def test_without_iproute_there_is_no_network_and_no_trouble() -> None:
    assert Lan.of(FakeHost()) == Lan()


def test_a_macs_networks_are_read_from_ifconfig(host) -> None:
    ifconfig = (
        "lo0: flags=8049\n\tinet 127.0.0.1 netmask 0xff000000\nen0: flags\n\tinet 192.168.1.5 netmask 0xffffff00 b\n"
    )
    host = FakeHost(
        programs={
            "ifconfig": lambda machine, words, stdin: Ran(0, ifconfig),
            "route": lambda machine, words, stdin: Ran(0, "   route to: default\n    gateway: 192.168.1.1\n"),
            "scutil": lambda machine, words, stdin: Ran(0, "Annas-Mac\n"),
        }
    )
    host.system = "darwin"
    assert str(Lan.of(host).network) == "192.168.1.0/24"
    assert mdns_name(host) == "annas-mac.local"


def test_the_name_in_the_network_is_the_one_that_avahi_really_uses(host) -> None:
    host.programs["busctl"] = lambda machine, words, stdin: Ran(0, '{"type":"s","data":["raspberrypi-2.local"]}\n')
    assert mdns_name(host) == "raspberrypi-2.local"
    assert mdns_name(FakeHost()) is None
