"""What pip prints, made short for people: which step, which package, how many, how long.

Standard library only.
"""

import re
import time
from collections.abc import Callable
from typing import TextIO

__all__ = ["Progress", "reason"]

_COLLECTING = re.compile(r"\s*Collecting ([A-Za-z0-9._-]+)")
_DOWNLOADING = re.compile(r"\s*Downloading (?:\S*/)?([A-Za-z0-9_.]+?)-[^ ]+ \(([^)]+)\)")
_INSTALLING = "Installing collected packages: "
_EVERY = 20

# Searched in this order: a lack of space also breaks downloads, and a lack of network also makes
# pip say that it found no matching version.
_REASONS = (
    (
        re.compile(r"No space left on device|Errno 28\b|Disk quota exceeded"),
        "The disk is full",
        "free about 1 GB and run the same command again",
    ),
    (
        re.compile(
            r"NewConnectionError|ConnectTimeout|Connection refused|ReadTimeout|Read timed out|ProxyError|"
            r"Temporary failure in name resolution|Name or service not known|nodename nor servname|"
            r"Network is unreachable|Failed to establish a new connection|No route to host|"
            r"Connection (?:reset|aborted)"
        ),
        "The package index can't be reached",
        "check the network and run the same command again",
    ),
    (
        re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError"),
        "The package index's certificate was not accepted",
        "check this machine's clock and proxy, and run the same command again",
    ),
    (
        re.compile(r"\(from versions: none\)"),
        "The package index gave no answer about a package",
        "check the network, and pip's settings if you have any, and run the same command again",
    ),
    (
        re.compile(r"ERROR: No matching distribution found"),
        "A package does not exist for this Python or this machine",
        "use a 64-bit system with Python 3.11 or newer",
    ),
    (
        re.compile(r"Permission denied|Read-only file system"),
        "The virtual environment can't be written",
        "give yourself the right to write in this clone and run the same command again",
    ),
)


def reason(log: str) -> tuple[str, str, str]:
    """Why an installation failed, as (what, the line of pip that shows it, what to do)."""
    lines = [line.strip() for line in log.splitlines()]
    for pattern, what, remedy in _REASONS:
        for line in lines:
            if pattern.search(line):
                return what, line, remedy
    telling = [line for line in lines if line.lower().startswith("error")] or [line for line in lines if line]
    last = telling[-1] if telling else "pip said nothing"
    return "The installation failed", last, "run the same command again"


class Progress:
    """Tells how an installation goes: one line that changes on a terminal, few plain ones elsewhere.

    Args:
        output: Where to.
        count_installed: How many packages are in the virtual environment by now.
        on_change: Called once, right before the first package of the environment changes.
    """

    def __init__(self, output: TextIO, count_installed: Callable[[], int], on_change: Callable[[], None]) -> None:
        self._output = output
        self._lively = output.isatty()
        self._count_installed = count_installed
        self._on_change = on_change
        self._started = time.monotonic()
        self._collected: set[str] = set()
        self._before = self._total = 0
        self._status = ""
        self._warned = False

    def step(self, text: str) -> None:
        """Begin something; said on a line of its own."""
        self._wipe()
        print(f"  {self._elapsed()}  {text}", file=self._output, flush=True)
        self._status = ""

    def line(self, text: str) -> None:
        """Take in a line that pip printed."""
        if match := _COLLECTING.match(text):
            self._collected.add(match[1].lower())
            self._show(f"Finding packages: {len(self._collected)}, now {match[1]}", len(self._collected))
        elif match := _DOWNLOADING.match(text):
            self._show(f"Downloading {match[1]} ({match[2]}), package {len(self._collected)}")
        elif text.lstrip().startswith("Installing build dependencies"):
            self._show("Preparing labkit itself")
        elif text.startswith(_INSTALLING):
            self._on_change()
            self._total = text.count(",") + 1
            self._before = self._count_installed()
            self.step(f"Installing {self._total} packages")
        elif "WARNING: Retrying" in text and not self._warned:
            self._warned = True
            self.step("The package index does not answer; trying again")

    def tick(self) -> None:
        """A second went by."""
        if self._total:
            done = min(max(self._count_installed() - self._before, 0), self._total)
            self._show(f"Installing packages: {done} of {self._total}", done)
        elif self._lively and self._status:
            self._show(self._status)

    def done(self) -> None:
        """The installation is complete."""
        self.step("Installed")

    def _show(self, text: str, count: int = 0) -> None:
        if self._lively:
            self._wipe()
            print(f"  {self._elapsed()}  {text}"[:79], end="", file=self._output, flush=True)
        elif count and count % _EVERY == 0 and text != self._status:
            print(f"  {self._elapsed()}  {text}", file=self._output, flush=True)
        self._status = text

    def _wipe(self) -> None:
        if self._lively:
            print("\r\x1b[K", end="", file=self._output)

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes}:{seconds:02}"
