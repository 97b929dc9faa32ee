"""Debian packages that the lab needs and PyPI does not have."""

import importlib.util
import re
from collections.abc import Sequence

from ..errors import SetupError
from ..host import Host, Ran
from ..steps import Step
from ..undo import VERBS, Action, Verb
from .board import Board

__all__ = ["missing", "package_step", "wanted"]

_INSTALLED = re.compile(r"^Inst (\S+)", re.MULTILINE)
_REMOVED = re.compile(r"^(?:Remv|Purg) (\S+)", re.MULTILINE)


def wanted(host: Host, board: Board) -> tuple[str, ...]:
    """What this system has to offer of what is needed.

    lgpio is Raspberry Pi OS's own package: PyPI has no wheel of it for every Python, and where it has none, pip
    silently takes a version from long ago that does not work.
    """
    if not host.run(["apt-cache", "--version"]).ok:
        return ()
    names = []
    # Debian splits venv's own pip off.
    if importlib.util.find_spec("ensurepip") is None or is_installed(host, "python3-venv"):
        names.append("python3-venv")
    if board.has_chip and (is_installed(host, "python3-lgpio") or _is_offered(host, "python3-lgpio")):
        names.append("python3-lgpio")
    return tuple(names)


def missing(host: Host, names: Sequence[str]) -> list[str]:
    """Those that are not installed."""
    return [name for name in names if not is_installed(host, name)]


def is_installed(host: Host, name: str) -> bool:
    """Whether a package is there and configured."""
    return host.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name]).output.strip() == "installed"


def package_step(names: Sequence[str]) -> Step:
    """Debian packages; taking them back leaves those that something else needs by then."""

    def apply(host: Host) -> None:
        ran = _install(host, names)
        if not ran.ok:
            # The lists of what there is may be old, or were never fetched.
            host.run(["apt-get", "-q", "update"], seconds=1800)
            ran = _install(host, names)
        if not ran.ok:
            raise SetupError(
                f"apt-get could not install {' '.join(missing(host, names))} ({ran.complaint}); check the network and "
                "run the same command again."
            )

    def undo(host: Host) -> list[Action]:
        lacking = missing(host, names)
        simulated = host.run(["apt-get", "-s", "install", "--no-install-recommends", *lacking]) if lacking else None
        brought = _INSTALLED.findall(simulated.output) if simulated and simulated.ok else lacking
        return [Action("purge_packages", {"names": brought})] if brought else []

    return Step(
        f"packages {' '.join(names)}",
        lambda host: not missing(host, names),
        apply,
        undo,
        lambda host: [f"install the Debian package {name}" for name in missing(host, names)],
    )


def _install(host: Host, names: Sequence[str]) -> Ran:
    return host.run(["apt-get", "-q", "-y", "install", "--no-install-recommends", *names], seconds=3600)


def purge(host: Host, names: Sequence[str]) -> None:
    """Remove packages that the lab brought, but none that something else has come to need."""
    ours = {name for name in names if is_installed(host, name)}
    # What would take a package along that is not ours stays, and then whatever would take that one along.
    while ours != (left := {name for name in ours if _taken_along(host, name) <= ours}):
        ours = left
    if ours:
        ran = host.run(["apt-get", "-q", "-y", "purge", *sorted(ours)], seconds=3600)
        if not ran.ok:
            raise SetupError(
                f"apt-get could not remove {' '.join(sorted(ours))} ({ran.complaint}); run `sudo apt-get -f install`."
            )


def _taken_along(host: Host, name: str) -> set[str]:
    """A package and all that needs it."""
    return set(_REMOVED.findall(host.run(["apt-get", "-s", "purge", name]).output))


def _is_offered(host: Host, name: str) -> bool:
    policy = host.run(["apt-cache", "policy", name]).output
    return "Candidate:" in policy and "Candidate: (none)" not in policy


VERBS["purge_packages"] = Verb(purge, lambda names: f"remove the Debian packages {' '.join(names)}")
