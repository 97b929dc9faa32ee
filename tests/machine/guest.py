"""A whole machine that tests may set up, break and restart: how it is spoken to, and a person's computer beside it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from served import Client

__all__ = ["WHY_NOT", "Guest", "Kernel", "find_guest"]

ROOT = Path(__file__).parents[2]
WHY_NOT = "needs a Debian guest that may be set up and broken: LABKIT_GUEST names the command for one (docs/testing.md)"
# Only bounds a test that would hang. Guests without hardware support are slow.
_PATIENCE = 1200.0
# What a running system writes by itself.
_RESTLESS = ("proc", "sys", "dev", "run", "tmp", "var/log", "var/cache", "var/tmp", "var/lib/systemd")
_TREE = r"""
cd /
find . -xdev \( {pruned} \) -prune -o -type d -printf '%p\t%M %U:%G\n' -o -printf '%p\t%M %U:%G %s %l\n'
find ./etc ./usr/local ./boot ./home -xdev -type f -not -path './home/*/labkit/*' -print0 | xargs -0 sha256sum |
  sed 's/^\([0-9a-f]*\)  \(.*\)/\2 (content)\t\1/'
"""


@dataclass(frozen=True)
class Guest:
    """A disposable machine with systemd and GPIO lines, driven by a command from outside.

    Attributes:
        command: Knows `up`, `run CMD`, `pin N [up|down]` and `reboot`; runs what it is given as a user who needs no
            password for sudo.
        port: On this computer, forwarded to the guest's 8443.
    """

    command: tuple[str, ...]
    port: int

    def ask(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """What the command answers, whatever that is."""
        return subprocess.run(
            [*self.command, *words], input=stdin, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )

    def run(self, script: str, stdin: str = "", status: int = 0) -> str:
        """What a shell command prints there; it has to end with that status."""
        ran = self.ask("run", script, stdin=stdin)
        print(f"guest$ {script.strip()}\n{ran.stdout}{ran.stderr}", flush=True)
        assert ran.returncode == status, ran.stdout + ran.stderr
        return ran.stdout

    def labkit(self, words: str, stdin: str = "", status: int = 0) -> dict[str, Any]:
        """What `labkit-setup` answers, in JSON."""
        return json.loads(self.run(f"labkit-setup {words} --json", stdin, status).splitlines()[-1])

    def pin(self, number: int, *pull: str) -> str:
        """The level on a wire, or what pulls it from outside."""
        ran = self.ask("pin", str(number), *pull)
        assert ran.returncode == 0, ran.stderr
        print(f"wire of GPIO{number}: {' '.join(pull) or ran.stdout.strip()}", flush=True)
        return ran.stdout.strip()

    def clone(self) -> None:
        """Bring this working tree there, as ~/labkit."""
        files = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        ).stdout
        packed = subprocess.run(
            ["tar", "-cz", "-T", "-"], cwd=ROOT, input=files, capture_output=True, check=True
        ).stdout
        unpack = "rm -rf labkit && mkdir labkit && tar -xzm -C labkit"
        subprocess.run([*self.command, "run", unpack], input=packed, check=True, timeout=_PATIENCE)

    def tree(self) -> dict[str, str]:
        """Every file, folder and link, with mode, owner and size, and the content's digest where settings are."""
        pruned = " -o ".join(f"-path ./{path}" for path in (*_RESTLESS, "home/*/labkit"))
        script = _TREE.format(pruned=pruned)
        ran = self.ask("run", f"sudo sh -c {shlex.quote(script)}")
        assert ran.returncode == 0, ran.stderr
        return dict(line.split("\t", 1) for line in ran.stdout.splitlines())  # type: ignore[misc]

    def wait_for(self, script: str, what: str) -> None:
        """Until a command succeeds there."""
        deadline = time.monotonic() + _PATIENCE
        while self.ask("run", script).returncode != 0:
            assert time.monotonic() < deadline, f"{what}: it did not happen"
            time.sleep(1)

    def client(self, authority: Path) -> Client:
        """A browser on this computer, through the forwarded port."""
        return Client(self.port, authority)

    def doctor_from_here(self, authority: Path, password: str) -> dict[str, dict[str, str]]:
        """What `labkit-setup doctor --from` finds on this computer, by check."""
        url = f"https://localhost:{self.port}"
        command = [sys.executable, "-m", "labkit_setup.pi", "doctor", "--from", url, "--ca-file", str(authority)]
        ran = subprocess.run(
            [*command, "--password-stdin", "--json"], input=password, capture_output=True, text=True, check=False
        )
        told = json.loads(ran.stdout.splitlines()[-1])
        assert ran.returncode == (0 if told["ok"] else 1)
        print(*(f"outside: {one['level']} {one['check']}: {one['evidence']}" for one in told["checks"]), sep="\n")
        return {one["check"]: one for one in told["checks"]}

    def doctor(self, status: int = 0) -> dict[str, dict[str, str]]:
        """The faults that `labkit-setup doctor` finds there, by check."""
        told = self.labkit("doctor", status=status)
        return {one["check"]: one for one in told["checks"] if one["level"] == "fault"}


class Kernel:
    """A kernel in the guest, whose cells are run from here over a secure websocket."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._id = client.start_kernel()

    def run(self, code: str) -> str:
        """What a cell prints, its error with it."""
        printed = asyncio.run(self._client.run_cell(self._id, code))
        print(f"cell> {code.strip()}\n{printed}", flush=True)
        return printed

    def watch(self, code: str, seen: Callable[[str], None]) -> str:
        """The same, and tell what comes while it comes."""
        from served import hang_up, printing

        async def scene() -> str:
            page, printed, looking = await self._client.connect(self._id), "", None
            async for text in printing(page, code):
                printed += text
                # Beside the reading: who reads nothing answers no pings either, and the server hangs up.
                if looking is None or looking.done():
                    await (looking or asyncio.sleep(0))
                    looking = asyncio.create_task(asyncio.to_thread(seen, printed))
            await (looking or asyncio.sleep(0))
            await hang_up(page)
            return printed

        return asyncio.run(scene())

    def end(self) -> None:
        """Shut it down."""
        token = {"X-XSRFToken": self._client.cookies["_xsrf"]}
        assert self._client.request("DELETE", f"/api/kernels/{self._id}", None, token)[0].status == 204


def find_guest() -> Guest | None:
    """The guest that this computer has for tests."""
    command = os.environ.get("LABKIT_GUEST")
    port = int(os.environ.get("LABKIT_GUEST_PORT", "8443"))
    return Guest(tuple(shlex.split(command)), port) if command else None
