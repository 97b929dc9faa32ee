"""How long until a person can log in, and what `import labkit` costs.

    python3 benchmarks/start.py            # both; the first start downloads some 100 MB
    python3 benchmarks/start.py --imports  # only the imports (run it with .venv/bin/python)

The starts run in a copy of this clone with an empty home: from `python3 setup lab` to the first
login that the server accepts over TLS. The imports are measured in new processes, in turn, against
`import gpiozero, ipywidgets`, and printed as a ratio of medians.
"""

from __future__ import annotations

import argparse
import http.client
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS, PEER = "import labkit", "import gpiozero, ipywidgets"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imports", action="store_true", help="measure only the imports")
    parser.add_argument("--runs", type=int, default=9, help="processes for each import")
    options = parser.parse_args()
    if options.imports:
        imports(sys.executable, options.runs)
        return
    with tempfile.TemporaryDirectory() as scratch:
        clone, home = Path(scratch, "labkit"), Path(scratch, "home")
        ignore = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".*_cache", "screenshots")
        shutil.copytree(ROOT, clone, ignore=ignore)
        home.mkdir()
        first, password = start(clone, home, None)
        second, _ = start(clone, home, password)
        print(f"first start to first login:   {first:6.1f} s  (makes the environment, certificates, password)")
        print(f"second start to first login:  {second:6.1f} s  ({first / second:.0f} times quicker)")
        imports(str(clone / ".venv/bin/python"), options.runs)


def start(clone: Path, home: Path, password: str | None) -> tuple[float, str]:
    """Seconds from the command to an accepted login, and the password."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["python3", "setup", "lab", "--generate", "--no-browser", "--port", str(port)]
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin:" + str(Path(sys.executable).parent)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [getattr(sys, "_base_executable", sys.executable), *command[1:]],
        cwd=clone, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            if found := re.search(r"Password: +([a-z0-9-]{12,})", line):
                password = found.group(1)
            if "Ctrl-C stops" in line:
                break
        authority = next(home.rglob("ca.pem"), None)
        if authority is None or password is None:
            raise SystemExit("the lab did not start; run `python3 setup lab` to see why")
        log_in(port, password, authority)
        return time.perf_counter() - began, password
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def log_in(port: int, password: str, authority: Path) -> None:
    """Log in as the form does, with the certificate checked."""
    context = ssl.create_default_context(cafile=str(authority))
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=30)
    connection.request("GET", "/login")
    page = connection.getresponse()
    page.read()
    cookie = page.headers["Set-Cookie"].split(";")[0]
    form = urllib.parse.urlencode({"_xsrf": cookie.split("=", 1)[1], "password": password})
    connection.request("POST", "/login", form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    if answer.status != 302:
        raise SystemExit(f"the login was not accepted: {answer.status}")


def imports(python: str, runs: int) -> None:
    """Median import time and memory of both, in turn, and the ratios."""
    found: dict[str, list[tuple[float, float]]] = {OURS: [], PEER: []}
    for _ in range(runs + 1):
        for statement, results in found.items():
            results.append(measure(python, statement))
    ours, peer = (summary(results[1:]) for results in (found[OURS], found[PEER]))
    bare = summary([measure(python, "pass") for _ in range(runs)])
    print(f"{'':34}{'ms':>8}{'MiB':>8}")
    for name, (ms, mib) in ((OURS, ours), (PEER, peer), ("nothing", bare)):
        print(f"{name:34}{ms:8.1f}{mib:8.1f}")
    print(f"{'ratio, labkit to the peer':34}{ours[0] / peer[0]:8.2f}{ours[1] / peer[1]:8.2f}")


def measure(python: str, statement: str) -> tuple[float, float]:
    code = (
        "import time, resource; t = time.perf_counter()\n"
        f"{statement}\n"
        "print(1000 * (time.perf_counter() - t), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    ms, mib = ran.stdout.split()
    return float(ms), float(mib)


def summary(results: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(ms for ms, _ in results), statistics.median(mib for _, mib in results)


if __name__ == "__main__":
    main()
