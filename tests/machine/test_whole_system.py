"""A lab's life on a whole Debian machine, seen from another computer: one test after the other, on one guest.

Needs a guest (docs/testing.md), and some half an hour of it where the guest is emulated.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from guest import WHY_NOT, Guest, Kernel, find_guest
from served import one_cell
from visitors import BROWSERS, CONNECTED, missing, visiting, wait_for

if find_guest() is None:
    pytest.skip(WHY_NOT, allow_module_level=True)
pytestmark = pytest.mark.process

# Red on 17 and a button on 4, as in the first lesson; whatever the wires do is asked from outside.
OPEN = """
import labkit
bench = labkit.bench()
from gpiozero import LED, Button
red, go = LED(17), Button(4, pull_up=False)
print(type(red.pin_factory).__name__)
"""
DRIVE = "import time\nred.on()\nprint('on', flush=True)\nwhile not go.is_pressed: time.sleep(0.02)\nprint('pressed')"
COUNT = """
import itertools, pathlib, time
for number in itertools.count():
    if pathlib.Path("enough").exists(): break
    print(number, flush=True)
    time.sleep(0.05)
"""
TRUST = """
import sys
from labkit_setup.host import programs
from labkit_setup.pi.main import main
programs._PATH = f"{sys.argv[1]}:{programs._PATH}"
sys.exit(main(["trust", "--from", "pi@raspberrypi.local", "--yes", "--json"]))
"""
AGED = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
from labkit_setup.certs import CA
from labkit_setup.host import Host
from labkit_setup.leaf import Leaf
host, pki = Host(), Path("/etc/labkit/pki")
ca = CA(host.read(pki / "ca.pem"), host.read(pki / "authority/ca-key.pem"))
old, at = Leaf.parse(host.read(pki / "server.pem")), host.look(pki / "server.pem")
host.write(pki / "server.pem", ca.issue(old.subject, datetime.now(UTC) - timedelta(days=60)).pem, at.mode, at.owner)
"""
WIRE = """import labkit
bench = labkit.bench()
from gpiozero import LED
red = LED(17)
red.on()
print(type(red.pin_factory).__name__, red.value)"""
GUEST_S = 300.0  # JupyterLab's page takes its time on an emulated machine
FIREWALL = """flush ruleset
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif lo accept
    tcp dport 22 accept
  }
}
"""
# The timer looks every quarter of an hour; with this, now.
SOON = r"""
set -e
place=/run/systemd/system/labkit-renew.timer.d
before=$(systemctl show -P LastTriggerUSec labkit-renew.timer)
mkdir -p $place; printf '[Timer]\nOnActiveSec=1\nRandomizedDelaySec=0\n' >$place/soon.conf
systemctl daemon-reload; systemctl restart labkit-renew.timer
until [ "$(systemctl show -P LastTriggerUSec labkit-renew.timer)" != "$before" ]; do sleep 0.2; done
rm -r $place; systemctl daemon-reload
"""
# As a router does to a machine that it does not remember: another card, so another address. Whatever fails on the way,
# the old one comes back.
CARD = r"""
card() {{ ip link set eth0 down; ip link set eth0 address $1; ip link set eth0 up; networkctl reconfigure eth0; }}
own=$(cat /sys/class/net/eth0/address); card 52:54:00:12:34:99
timeout 900 sh {script} >/run/lease.log 2>&1
card $own
"""
ANOTHER_LEASE = r"""
address=; until [ "$address" ] && [ "$address" != "$1" ]; do
  sleep 0.5; address=$(ip -4 -o address show eth0 | sed -n 's/.*inet \([0-9.]*\).*/\1/p'); done
echo "$address" >/run/lease.address
labkit-setup doctor --json >/run/lease.before
sh /home/pi/soon.sh
until labkit-setup status --json | grep -q "\"$address\""; do sleep 2; done; sleep 2
curl -s -o /dev/null -w '%{http_code}' --cacert /etc/labkit/pki/ca.pem "https://$address:8443/login" >/run/lease.page
labkit-setup doctor --json >/run/lease.after
"""


@dataclass
class Lab:
    """The guest, and what a person with a computer beside it knows."""

    guest: Guest
    folder: Path
    password: str = "a heron in the reeds"
    before: dict[str, str] = field(default_factory=dict)

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def kernel(self) -> Kernel:
        client = self.guest.client(self.authority)
        assert client.log_in(self.password).status == 302
        return Kernel(client)

    def end_kernels(self) -> None:
        """Shut down whatever runs there."""
        client = self.guest.client(self.authority)
        assert client.log_in(self.password).status == 302
        token = {"X-XSRFToken": client.cookies["_xsrf"]}
        for kernel in json.loads(client.request("GET", "/api/kernels")[1]):
            assert client.request("DELETE", f"/api/kernels/{kernel['id']}", None, token)[0].status == 204

    def served(self) -> dict[str, str]:
        return self.guest.labkit("status")

    def outside(self) -> dict[str, str]:
        """What is wrong from here, by check."""
        found = self.guest.doctor_from_here(self.authority, self.password)
        return {name: one["evidence"] for name, one in found.items() if one["level"] == "fault"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    guest = find_guest()
    assert guest is not None
    assert guest.ask("up").returncode == 0
    guest.clone()
    return Lab(guest, tmp_path_factory.mktemp("computer"))


def test_one_command_sets_it_up_from_a_clone(lab: Lab) -> None:
    lab.before = lab.guest.tree()
    command = "cd labkit && python3 setup pi --password-stdin --yes --json"
    told = json.loads(lab.guest.run(command, f"{lab.password}\n").splitlines()[-1])
    assert told["proof"]["login"] == "password"
    assert told["proof"]["printed"] == "42 True"
    assert lab.password not in json.dumps(told)


def test_set_up_again_it_changes_nothing(lab: Lab) -> None:
    tree = lab.guest.tree()
    assert json.loads(lab.guest.run("cd labkit && python3 setup pi --yes --json").splitlines()[-1])["changed"] == []
    lab.guest.run("cd labkit && python3 setup pi plan")
    assert lab.guest.tree() == tree


def test_systemd_finds_the_units_sound_and_hardly_exposed(lab: Lab) -> None:
    assert lab.guest.run("systemd-analyze verify /etc/systemd/system/labkit* 2>&1") == ""
    for unit in ("labkit.service", "labkit-renew.service"):
        said = lab.guest.run(f"systemd-analyze security {unit} | tail -1")
        level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
        assert level
        assert float(level[1]) <= 2.0


def test_another_computer_trusts_the_authority_by_its_fingerprint(lab: Lab) -> None:
    ssh = lab.folder / "bin" / "ssh"
    ssh.parent.mkdir()
    # `ssh -- USER@HOST COMMAND`, on the way that this computer has to the guest.
    way = f"env PATH={shlex.quote(os.environ['PATH'])} {shlex.join(lab.guest.command)}"
    ssh.write_text(f'#!/bin/sh\nshift 2\nexec {way} run "$@"\n')
    ssh.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, "-c", TRUST, str(ssh.parent)], env={**os.environ, "HOME": str(lab.folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["fingerprint"] == lab.served()["fingerprint"]
    assert told["trusted_by"] == ["Chromium and Chrome"]
    assert told["fingerprint"] in ran.stderr
    lab.authority.write_text(lab.guest.run("labkit-setup trust --export pem"))
    listed = subprocess.run(
        ["certutil", "-d", f"sql:{lab.folder}/.pki/nssdb", "-L"], capture_output=True, text=True, check=True
    )
    assert "labkit" in listed.stdout


def test_the_doctor_finds_nothing_wrong_from_inside_and_from_outside(lab: Lab) -> None:
    assert lab.guest.doctor() == {}
    assert lab.outside() == {}


def test_a_cell_run_from_outside_drives_and_reads_the_wires(lab: Lab) -> None:
    kernel = lab.kernel()
    assert kernel.run(OPEN) == "LGPIOFactory\n"
    assert lab.guest.pin(17) == "0"
    levels = []

    def press(printed: str) -> None:
        if printed == "on\n":
            levels.append(lab.guest.pin(17))
            lab.guest.pin(4, "up")

    assert kernel.watch(DRIVE, press) == "on\npressed\n"
    assert levels == ["1"]
    lab.guest.pin(4, "down")
    other = lab.kernel()
    assert "PinTaken: GPIO17 is in use by" in other.run(OPEN)
    assert "GPIO17" in other.run("print(bench.claims())")
    other.end()
    kernel.run("bench.stop()")
    assert lab.guest.pin(17) == "0"
    kernel.run("bench.resume()\nred.on()")
    lab.guest.pin(17, "up")
    kernel.run("import os, threading\nthreading.Timer(0.2, lambda: os.kill(os.getpid(), 9)).start()")
    lab.guest.wait_for("sudo gpio-pin 17 | grep -q 0", "the guard switches off what a killed kernel left on")
    lab.guest.pin(17, "down")
    kernel.end()


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_browser_goes_in_without_a_warning_and_switches_a_wire(lab: Lab, browser: str) -> None:
    if sentence := missing():
        pytest.skip(sentence)
    name = lab.served()["address"].removeprefix("https://").split(":")[0]
    folder = lab.folder / browser
    folder.mkdir()
    lab.guest.run("cat > notebooks/wire.ipynb", one_cell(WIRE))
    with visiting(browser, folder, lab.authority, [name]) as visitor:
        visitor.open(f"https://{name}:{lab.guest.port}/lab/tree/wire.ipynb?reset")
        visitor.fill('input[name="password"]', lab.password)
        visitor.click('button[type="submit"], #login_submit')
        wait_for(visitor, "document.querySelector('.jp-CodeCell .jp-InputPrompt') !== null", GUEST_S)
        wait_for(visitor, CONNECTED, GUEST_S)
        assert lab.guest.pin(17) == "0"
        visitor.click(".jp-NotebookPanel-toolbar [data-jp-item-name='run']")
        output = "document.querySelector('.jp-CodeCell .jp-OutputArea')?.textContent"
        wait_for(visitor, f"{output}?.includes('LGPIOFactory 1')", GUEST_S)
        assert lab.guest.pin(17) == "1"
        visitor.screenshot(folder / "wire.png")
    lab.end_kernels()
    lab.guest.wait_for("sudo gpio-pin 17 | grep -q 0", "the wire is off when its kernel ends")
    lab.guest.run("rm notebooks/wire.ipynb")


def test_a_stopped_service_is_named_on_both_sides(lab: Lab) -> None:
    lab.guest.run("sudo systemctl stop labkit")
    inside = lab.guest.doctor(status=1)
    assert "somebody stopped it" in inside["service"]["evidence"]
    assert "nothing listens on port 8443" in inside["port"]["evidence"]
    assert "forwards to nobody" in lab.outside()["answers"]
    lab.guest.run(re.search("`(.*)`", inside["service"]["remedy"])[1])
    assert lab.guest.doctor() == {}


def test_a_user_without_the_pins_group_is_named(lab: Lab) -> None:
    # gpasswd keeps the file as it was before its own change: two changes are not undone by one back.
    lab.guest.run("cd /etc && sudo cp --preserve group- gshadow- /run")
    lab.guest.run("sudo gpasswd --delete pi gpio")
    inside = lab.guest.doctor(status=1)
    assert "pi is not in the group gpio" in inside["groups"]["evidence"]
    assert "can not open gpiochip" in inside["pins"]["evidence"]
    lab.guest.run("sudo gpasswd --add pi gpio && cd /run && sudo mv group- gshadow- /etc")
    assert lab.guest.doctor() == {}


def test_another_network_is_told_of_and_what_apply_would_do_about_it(lab: Lab) -> None:
    lab.guest.run("sudo ip link add lan1 type dummy && sudo ip address add 192.168.77.2/24 dev lan1")
    lab.guest.run("sudo ip link set lan1 up")
    inside = lab.guest.doctor(status=1)
    assert "its network changed since (peers)" in inside["settings"]["evidence"]
    assert "may not vouch for 192.168.77.2" in inside["authority"]["evidence"]
    planned = lab.guest.run("labkit-setup plan", status=2)
    assert '+  "192.168.77.0/24"' in planned
    assert "browsers have to trust the new one again" in planned
    lab.guest.run("sudo ip link delete lan1")
    assert lab.guest.doctor() == {}


def test_another_lease_is_in_the_certificate_once_the_timer_came_round(lab: Lab) -> None:
    lab.guest.run("cat > lease.sh", ANOTHER_LEASE)
    lab.guest.run("cat > soon.sh", SOON)
    lab.guest.run("cat > card.sh", CARD.format(script="/home/pi/lease.sh 10.0.2.15"))
    lab.guest.run("sudo systemd-run -q --collect --unit=lease sh /home/pi/card.sh")
    lab.guest.wait_for("! systemctl is-active -q lease && ip -4 address | grep -q 10.0.2.15/", "the old lease")
    assert lab.guest.run("rm lease.sh card.sh soon.sh; cat /run/lease.page") == "200"
    address = lab.guest.run("cat /run/lease.address").strip()
    assert address != "10.0.2.15"
    told = [json.loads(lab.guest.run(f"cat /run/lease.{when}"))["checks"] for when in ("before", "after")]
    before, after = ({one["check"] for one in checks if one["level"] == "fault"} for checks in told)
    assert "certificate's names" in before
    assert after == set()
    lab.guest.labkit("renew")
    assert lab.guest.doctor() == {}


def test_after_a_restart_it_is_there_and_the_timer_renews_what_ended_meanwhile(lab: Lab) -> None:
    lab.guest.run("sudo /opt/labkit/venv/bin/python -I -", AGED)
    aged = lab.served()["certificate_until"]
    assert "was not renewed" in lab.guest.doctor(status=1)["certificate's life"]["evidence"]
    assert lab.guest.ask("reboot").returncode == 0
    lab.guest.wait_for("systemctl is-active -q labkit", "the service comes by itself")
    lab.guest.wait_for(f"labkit-setup status --json | grep -vq '{aged}'", "the timer renews")
    said = lab.guest.run("sudo journalctl -b -u labkit-renew --output cat")
    assert "no more than a third of its life left" in said
    kernel = lab.kernel()
    assert kernel.run(OPEN + "red.on()") == "LGPIOFactory\n"
    assert lab.guest.pin(17) == "1"
    kernel.end()
    assert lab.guest.doctor() == {}
    assert lab.outside() == {}


def test_the_timer_renews_under_a_kernel_that_counts_and_leaves_no_gap(lab: Lab) -> None:
    lab.guest.wait_for("! systemctl is-active -q labkit-renew", "a renewal that goes on")
    lab.guest.run("rm -f notebooks/enough")
    lab.guest.run("sudo /opt/labkit/venv/bin/python -I -", AGED)
    aged, lines, renewed = lab.served()["certificate_until"], [0], []

    def look(printed: str) -> None:
        if printed.count("\n") < lines[-1] or renewed:
            return
        if len(lines) == 1:
            lab.guest.run("sudo sh", SOON)
        if lab.served()["certificate_until"] != aged:
            lab.guest.run("touch notebooks/enough")
            renewed.append(printed.count("\n"))
        lines.append(printed.count("\n") + 50)

    kernel = lab.kernel()
    numbers = [int(line) for line in kernel.watch(COUNT, look).split()]
    assert renewed
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > renewed[0] > 0
    lab.guest.run("rm notebooks/enough")
    log = lab.guest.run("labkit-setup logs --lines 1000")
    assert log.count("serving a new certificate") >= 2
    kernel.end()


def test_a_new_password_is_in_force_at_once(lab: Lab) -> None:
    old = lab.guest.client(lab.authority)
    assert old.log_in(lab.password).status == 302
    lab.guest.labkit("passwd --password-stdin", "otters under the bridge\n")
    lab.guest.wait_for("labkit-setup logs | grep -q 'all sessions ended'", "the new password")
    assert old.request("GET", "/api/kernels")[0].status == 403
    assert lab.guest.client(lab.authority).log_in(lab.password).status == 401
    lab.password = "otters under the bridge"
    assert lab.outside() == {}


def test_status_tunnel_and_logs_say_what_there_is_and_no_secret(lab: Lab) -> None:
    status, tunnel = lab.served(), lab.guest.labkit("tunnel")
    assert status["running"] is True
    assert status["timer"] is True
    assert tunnel["command"] == "ssh -N -L 8443:localhost:8443 pi@10.0.2.15"
    logs = lab.guest.run("labkit-setup logs --lines 100000")
    assert "login accepted from 10.0.2.2" in logs
    assert "login refused from 10.0.2.2" in logs
    assert lab.password not in logs
    assert "PRIVATE KEY" not in logs


def test_the_tests_for_a_machine_pass_on_it(lab: Lab) -> None:
    lab.guest.run(
        "python3 -m venv --system-site-packages probe && "
        "probe/bin/pip install -q --disable-pip-version-check pytest hypothesis && "
        "echo /opt/labkit/venv/lib/python3*/site-packages > $(echo probe/lib/python3*/site-packages)/labkit.pth"
    )
    on_lines = "tests/machine/test_guard_on_lines.py tests/machine/test_recorder_on_lines.py"
    # Kernels of a person's own keep their history at home; the service's keep it with the service.
    at_home = "IPYTHONDIR=/home/pi/probe/ipython"
    said = lab.guest.run(f"cd labkit && {at_home} ../probe/bin/python -B -m pytest -q -p no:cacheprovider {on_lines}")
    assert re.search(r"\d+ passed in", said)
    assert "skipped" not in said
    lab.guest.run("rm -r probe")


def test_a_bus_that_nothing_here_can_switch_is_refused(lab: Lab) -> None:
    assert "done by raspi-config" in lab.guest.labkit("apply --yes --spi --i2c", status=78)["error"]
    lab.guest.run("labkit-setup plan")


def test_an_active_firewall_gets_one_rule_which_outlives_its_restart(lab: Lab) -> None:
    lab.guest.run("sudo cp /etc/nftables.conf /run/nftables.conf; sudo tee /etc/nftables.conf >/dev/null", FIREWALL)
    lab.guest.run("sudo systemctl start nftables")
    bare = lab.guest.run("sudo nft list ruleset").splitlines()
    assert "the firewall (nftables) lets nobody reach port 8443" in lab.guest.doctor(status=1)["firewall"]["evidence"]
    assert "forwards to nobody" in lab.outside()["answers"]
    lab.guest.labkit("apply --yes")
    ours = [line for line in lab.guest.run("sudo nft list ruleset").splitlines() if line not in bare]
    assert [line.strip() for line in ours] == ['ip saddr 10.0.2.0/24 tcp dport 8443 accept comment "labkit"']
    assert lab.outside() == {}
    lab.guest.run("sudo systemctl restart nftables")
    assert lab.guest.doctor() == {}
    assert lab.outside() == {}


def test_uninstalled_all_is_as_it_was_but_the_notebooks(lab: Lab) -> None:
    told = lab.guest.labkit("uninstall --yes")
    assert told["kept"] == ["/home/pi/notebooks"]
    assert "labkit" not in lab.guest.run("sudo nft list ruleset; systemctl list-units --all 'labkit*' --no-legend")
    lab.guest.run("sudo cp /run/nftables.conf /etc/nftables.conf; sudo systemctl stop nftables")
    after = lab.guest.tree()
    notebooks = {name for name in after if "home/pi/notebooks" in name}
    assert notebooks
    assert {name: line for name, line in after.items() if name not in notebooks} == lab.before


def test_purged_the_notebooks_are_gone_too(lab: Lab) -> None:
    lab.guest.run("rm -r notebooks; cd labkit && python3 setup pi --generate --yes --json")
    assert lab.guest.labkit("uninstall --purge --yes")["kept"] == []
    assert lab.guest.tree() == lab.before
