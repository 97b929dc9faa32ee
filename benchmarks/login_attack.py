"""How the login stands a siege, on a real server of its own.

    .venv/bin/python benchmarks/login_attack.py                # two ways, then stock JupyterLab: two minutes
    .venv/bin/python benchmarks/login_attack.py --guessers 200 # more of them

Guessers, in a process of their own, send wrong passwords as fast as they get answers: all from one address, then
each from one of its own, with a new connection for each guess. Meanwhile somebody opens the login page twenty times
a second, and the owner logs in from 127.0.0.2. The page's time is printed as a ratio to the same server's without
guessers, right before; the passwords that were looked at, against what the throttle allows. Last comes JupyterLab as
it is without labkit, for a third of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "setup"))
from labkit_setup.server.throttle import Limits
from served import Client, Service, a_service

IDLE_SECONDS = 10.0
LOOK_EVERY = 0.05
MOST_MS, MOST_RATIO = 10.0, 5.0
OWNER, READER = "127.0.0.2", "127.0.3.1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--guessers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--guess", nargs=3, metavar=("PORT", "CA", "FROM"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.guess:
        asyncio.run(siege(*options.guess, options.guessers, options.seconds))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{options.guessers} guessers for {options.seconds:.0f} s")
    ways = {"one": "from one address", "own": "each from its own"}
    failed = [fault for way, words in ways.items() for fault in attacked(way, words, options.guessers, options.seconds)]
    with stock() as service:
        measured(service, "one", "JupyterLab as it comes, from one address", options.guessers, options.seconds / 3)
    for fault in failed:
        print(f"FAILED: {fault}")
    sys.exit(bool(failed))


def attacked(way: str, words: str, guessers: int, seconds: float) -> list[str]:
    """The lab, idle and then under attack; what is not as it should be."""
    with a_service() as service:
        found = measured(service, way, words, guessers, seconds)
    allowed = most_looked_at(way, guessers, seconds)
    print(f"                          (at most {allowed} looked at, {MOST_MS:.0f} ms, and {MOST_RATIO:.0f} times idle)")
    faults = {
        f"p95 is {found.busy:.1f} ms, {found.busy / found.calm:.1f} times what it is idle": found.busy > MOST_MS
        or found.busy > MOST_RATIO * found.calm,
        f"{found.looked_at} passwords were looked at": found.looked_at > allowed,
        f"{found.answers['302']} guesses got in": bool(found.answers["302"]),
        f"the owner got HTTP {found.owner}": found.owner != 302,
        f"there were other answers: {dict(found.answers)}": bool(set(found.answers) - {"401", "429"}),
        f"this machine is too busy to tell: p95 is {found.calm:.1f} ms without any guesser": found.calm > MOST_MS,
    }
    return [f"{words}: {fault}" for fault, is_so in faults.items() if is_so]


@dataclass(frozen=True)
class Found:
    """95th percentiles in ms, the owner's status, and how often each status was the answer to a guess."""

    calm: float
    busy: float
    owner: int
    answers: Counter[str]

    @property
    def looked_at(self) -> int:
        return self.answers["401"] + self.answers["302"]


def measured(service: Service, way: str, words: str, guessers: int, seconds: float) -> Found:
    """Idle, then under attack; prints both."""
    server = psutil.Process(service.process.pid)
    idle = look(service, IDLE_SECONDS)
    before = server.memory_info().rss
    command = [sys.executable, __file__, "--guess", str(service.settings.port), str(service.pki.ca_certificate), way]
    command += ["--guessers", str(guessers), "--seconds", str(seconds)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    logins: list[tuple[int, float]] = []
    times = look(service, seconds, at_half_time=lambda: logins.append(owners_login(service)))
    answers = Counter(json.loads(child.communicate()[0]))
    grown = server.memory_info().rss - before
    ((status, took),) = logins
    calm, busy = quantiles(idle), quantiles(times)
    found = Found(calm[1], busy[1], status, answers)
    print(f"\n{words}")
    print(f"  login page, idle        p50 {calm[0]:7.1f} ms   p95 {calm[1]:7.1f} ms   ({len(idle)} times)")
    print(f"  login page, attacked    p50 {busy[0]:7.1f} ms   p95 {busy[1]:7.1f} ms   ({len(times)} times)")
    print(f"  ratio of p95            {busy[1] / calm[1]:.2f}")
    print(f"  guesses                 {answers.total()}: {found.looked_at} looked at, {answers['429']} held off")
    print(f"  the owner, meanwhile    {'got in' if status == 302 else f'HTTP {status}'} after {1000 * took:.0f} ms")
    print(f"  the server's memory     {grown / 2**20:+.1f} MiB", flush=True)
    return found


@contextlib.contextmanager
def stock() -> Iterator[Service]:
    """JupyterLab as it comes, with a password, and a certificate of ours."""
    with a_service() as lab:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        config = lab.folder / "stock"
        config.mkdir()
        settings = {
            "ServerApp": {
                "ip": "127.0.0.1", "port": port, "port_retries": 0, "open_browser": False, "allow_root": True,
                "certfile": str(lab.pki.leaf), "root_dir": str(lab.settings.notebooks),
            },
            "PasswordIdentityProvider": {"hashed_password": lab.settings.password.read_text()},
        }  # fmt: skip
        (config / "jupyter_server_config.json").write_text(json.dumps(settings))
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
        places = {f"JUPYTER_{name}_DIR": str(config) for name in ("CONFIG", "DATA", "RUNTIME")}
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab"],
            env={**kept, "HOME": str(config), **places}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            service = Service(lab.folder, process, replace(lab.settings, port=port), lab.pki, lab.password)
            wait_for(service)
            yield service
        finally:
            process.kill()
            process.wait()


def wait_for(service: Service) -> None:
    """Until it answers."""
    while service.process.poll() is None:
        with contextlib.suppress(OSError):
            service.client(READER).request("GET", "/login")
            return
        time.sleep(0.2)
    raise SystemExit("The stock JupyterLab did not start.")


def look(service: Service, seconds: float, at_half_time: Callable[[], None] | None = None) -> list[float]:
    """Milliseconds that the login page took, each time, over one connection as a browser keeps it."""
    client = service.client(READER)
    connection = http.client.HTTPSConnection(
        "127.0.0.1", service.settings.port, context=client.tls, source_address=(READER, 0), timeout=60
    )
    taken = []
    begin = time.perf_counter()
    while (now := time.perf_counter()) < begin + seconds:
        connection.request("GET", "/login")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        taken.append(1000 * (time.perf_counter() - now))
        if at_half_time is not None and now > begin + seconds / 2:
            at_half_time()
            at_half_time = None
        time.sleep(max(0.0, LOOK_EVERY - (time.perf_counter() - now)))
    connection.close()
    return taken[3:]  # The first ones read templates from disk.


def owners_login(service: Service) -> tuple[int, float]:
    """Status and seconds of a login with the right password, page and connections included."""
    begin = time.perf_counter()
    return service.client(OWNER).log_in(service.password).status, time.perf_counter() - begin


async def siege(port: str, authority: str, way: str, guessers: int, seconds: float) -> None:
    """Print how often each status was the answer to a guess."""
    answers: Counter[str] = Counter()
    end = time.monotonic() + seconds
    sources = ["127.0.0.66" if way == "one" else f"127.0.1.{number % 250 + 1}" for number in range(guessers)]
    context = ssl.create_default_context(cafile=authority)
    guesses = (guess(Client(int(port), Path(authority), source), context, answers, end) for source in sources)
    await asyncio.gather(*guesses)
    print(json.dumps(answers))


async def guess(client: Client, context: ssl.SSLContext, answers: Counter[str], end: float) -> None:
    await asyncio.to_thread(client.request, "GET", "/login")
    token = client.cookies["_xsrf"]
    number = 0
    while time.monotonic() < end:
        number += 1
        form = urlencode({"_xsrf": token, "password": f"guess number {number}"})
        head = (
            f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nCookie: _xsrf={token}\r\nConnection: close\r\n"
        )
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", client.port, ssl=context, server_hostname="localhost", local_addr=(client.source, 0)
        )
        writer.write((head + form).encode())
        found = re.match(rb"HTTP/1.1 (\d+)", await reader.read())
        answers[found[1].decode() if found else "nothing"] += 1
        writer.close()


def most_looked_at(way: str, guessers: int, seconds: float) -> int:
    """How many passwords the throttle lets through in that time, by its own rules."""
    limits = Limits()
    if way == "one":
        doubled = sum(min(limits.longest, 2.0**n) < seconds - sum(2.0**m for m in range(n)) for n in range(12))
        return limits.free + doubled
    strangers = min(guessers, limits.strangers_burst + int(seconds / limits.strangers_interval) + 1)
    return strangers + limits.burst + int(seconds / limits.interval) + 1


def quantiles(times: list[float]) -> tuple[float, float]:
    cut = statistics.quantiles(times, n=20)
    return cut[9], cut[18]


if __name__ == "__main__":
    main()
