"""Packages below a prefix of root's: to the byte those of the lock file, and swapped in as a whole."""

import hashlib
import importlib.metadata
import json
import os
import site
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigurationError, SetupError
from ..host import ROOT, Host, Owner
from ..pip_progress import Progress, reason
from ..steps import Step
from ..undo import Action, restore
from ..venv import clean_environment
from .layout import Layout

__all__ = ["Libraries", "are_here", "need_packages", "reach"]

_STAMP = "labkit-stamp.json"
_NEEDED_BYTES = 900_000_000
# As pyproject.toml has it; Debian 12 has 38.
_OLDEST_CRYPTOGRAPHY = 42
_BASE_PYTHON = str(getattr(sys, "_base_executable", None) or sys.executable)
# -B: beside the system's packages, which it sees, nothing is left behind. Those it installs are compiled all the same.
_PIP = ("-I", "-B", "-m", "pip", "install")
_OPTIONS = ("--progress-bar=off", "--no-color", "--no-input", "--disable-pip-version-check", "--require-virtualenv")


@dataclass(frozen=True)
class Libraries:
    """The virtual environment of one version of labkit.

    Attributes:
        layout: Where it goes.
        clone: labkit's source; None where this is the installed labkit, which can't install another one.
        lgpio: Where gpiozero's backend comes from: Debian's package, PyPI's wheel, or nowhere.
        owner: Whom the files belong to.
        lock: The lock of this set-up; programs inherit its descriptor, so that a killed set-up's pip keeps
            the next one out.
    """

    layout: Layout
    clone: Path | None
    lgpio: str
    owner: Owner = ROOT
    lock: int | None = None

    def step(self) -> Step:
        """Build it beside the one in use, then switch over."""
        return Step(
            f"packages in {self.layout.prefix}",
            self.is_done,
            self._apply,
            self._undo,
            lambda host: [self._shown(host)],
        )

    def tidy_step(self) -> Step:
        """Remove environments that are no longer in use, and what was downloaded.

        It comes after the service was started in the new one.
        """
        return Step(
            f"old packages in {self.layout.prefix}",
            lambda host: not self._others(host),
            self._tidy,
            lambda host: [],
            lambda host: [f"remove {other}" for other in self._others(host)],
        )

    def _tidy(self, host: Host) -> None:
        for other in self._others(host):
            host.remove(other)

    def is_done(self, host: Host) -> bool:
        """Whether the environment in use is this one, and complete."""
        found = host.look(self.layout.venv)
        if self.clone is None or found is None:
            return found is not None
        return found.target == self._name() and self._stamp(host) == self._wanted()

    def _apply(self, host: Host) -> None:
        folder = self._folder()
        self._refuse_if_hopeless(host)
        progress = Progress(sys.stderr, lambda: self._count(host), lambda: None)
        if (self._stamp(host) or {}).get("packages") != self._wanted()["packages"]:
            host.remove(folder)
            host.make_folder(folder, 0o755, self.owner)
            progress.step("Making the virtual environment")
            seen = ["--system-site-packages"] if self.lgpio == "system" else []
            self._run(host, progress, _BASE_PYTHON, "-B", "-m", "venv", *seen, folder)
            progress.step("Downloading the packages")
            self._install(host, progress, "-r", self._source / "setup" / "requirements.lock")
            if self.lgpio == "wheel":
                self._install(host, progress, "-r", self._source / "setup" / "lgpio.lock")
            self._write_stamp(host, {"packages": self._wanted()["packages"]})
        progress.step("Installing labkit")
        pip = (folder / "bin" / "python", *_PIP, *_OPTIONS)
        self._run(
            host, progress, *pip, "--no-index", "--no-deps", "--no-build-isolation", "--force-reinstall", self._source
        )
        self._write_stamp(host, self._wanted())
        host.sweep(self.layout.venv)
        host.link(self.layout.venv, folder.name)
        progress.done()
        reach(host, self.layout)

    def _undo(self, host: Host) -> list[Action]:
        actions = [restore(host, self.layout.venv)]
        # Half an environment may be what filled the disk.
        if self._stamp(host) is None:
            actions.append(Action("restore", {"path": str(self._folder()), "kind": "nothing"}))
            actions.append(Action("restore", {"path": str(self._cache), "kind": "nothing"}))
        return actions

    def _install(self, host: Host, progress: Progress, *what: str | Path) -> None:
        python = self._folder() / "bin" / "python"
        # Packages that the system happens to have are not those of the lock file, and may go with an upgrade.
        strict = ("--require-hashes", "--only-binary", ":all:", "--no-deps", "--ignore-installed")
        cache = ("--cache-dir", self._cache / "pip")
        self._run(host, progress, python, *_PIP, *_OPTIONS, *strict, *cache, *what)

    def _run(self, host: Host, progress: Progress, *command: str | Path) -> None:
        log = self.layout.prefix / "install.log"
        begin = len(host.read(log) or b"")
        temporary = self._cache / "tmp"
        for folder in (self._cache, temporary):
            host.make_folder(folder, 0o700, self.owner)
        # /tmp is in RAM on current systems, and a Zero has too little of it for all the wheels.
        python = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        environment = {**clean_environment(os.environ), "TMPDIR": str(temporary), **python}
        inherit = () if self.lock is None else (self.lock,)
        status = host.stream(command, environment, Path("/"), log, progress.line, progress.tick, inherit)
        if status != 0:
            what, line, remedy = reason((host.read(log) or b"")[begin:].decode(errors="replace"))
            raise SetupError(f"{what} (“{line[:300]}”); {remedy}.")

    def _refuse_if_hopeless(self, host: Host) -> None:
        if sys.maxsize <= 2**32:
            raise ConfigurationError(
                "This is a 32-bit system, for which PyPI lacks packages that the lab needs; "
                "install the 64-bit Raspberry Pi OS."
            )
        free = host.free_bytes(self.layout.prefix)
        if free < _NEEDED_BYTES:
            raise ConfigurationError(
                f"The disk is nearly full: {free // 1_000_000} MB are free and {_NEEDED_BYTES // 1_000_000} MB are "
                "needed; free some space and start again."
            )

    @property
    def _cache(self) -> Path:
        return self.layout.prefix / "cache"

    def _name(self) -> str:
        return f"env-{self._wanted()['packages'][:12]}"

    def _folder(self) -> Path:
        return self.layout.prefix / self._name()

    def _others(self, host: Host) -> list[Path]:
        used = host.look(self.layout.venv)
        entries = host.entries(self.layout.prefix)
        old = [entry for entry in entries if entry.name.startswith("env-") and used and entry.name != used.target]
        return [*old, *(entry for entry in entries if entry == self._cache)]

    def _count(self, host: Host) -> int:
        packages = self._folder() / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        return sum(1 for entry in host.entries(packages) if entry.name.endswith(".dist-info"))

    def _stamp(self, host: Host) -> dict[str, str] | None:
        try:
            found = json.loads(host.read(self._folder() / _STAMP) or b"null")
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def _source(self) -> Path:
        if self.clone is None:
            raise ConfigurationError(
                f"The packages in {self.layout.prefix} are gone; run `python3 setup pi` in a clone of labkit."
            )
        return self.clone

    def _write_stamp(self, host: Host, stamp: dict[str, str]) -> None:
        path = self._folder() / _STAMP
        host.sweep(path)
        host.write(path, json.dumps(stamp).encode() + b"\n", 0o644, self.owner)

    def _wanted(self) -> dict[str, str]:
        lock = [(self._source / "setup" / name).read_bytes() for name in ("requirements.lock", "lgpio.lock")]
        base = f"{sys.version_info[0]}.{sys.version_info[1]} {sys.base_prefix} {self.lgpio}".encode()
        return {"packages": _digest(base, *lock), "labkit": _source_digest(self._source)}

    def _shown(self, host: Host) -> str:
        count = (self._source / "setup" / "requirements.lock").read_text().count("==")
        gpio = {"system": "with Debian's lgpio", "wheel": "with PyPI's lgpio"}.get(
            self.lgpio, "without lgpio: no pins here"
        )
        stamp = self._stamp(host) or {}
        if stamp.get("packages") == self._wanted()["packages"]:
            return f"install this version of labkit in {self._folder()}"
        return f"about {count} Python packages (hash-locked) in {self._folder()}, {gpio}; some 450 MB"


def reach(host: Host, layout: Layout) -> bool:
    """Make the environment's packages importable in this process; False if it is not there or for another Python.

    Set-up starts with the system's Python and nothing else. Its environment was made with the same one, so its
    packages fit, and one process can go on to the end under one lock.
    """
    packages = host.real(layout.venv) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    if not packages.is_dir():
        return False
    if str(packages) not in sys.path:
        before = list(sys.path)
        site.addsitedir(str(packages))
        # Ours first: the set-up's own code, then the environment, then what the system happens to have.
        added = [entry for entry in sys.path if entry not in before]
        sys.path[:] = [*before[:1], *added, *before[1:]]
    return True


def are_here() -> bool:
    """Whether the packages can be imported. Looked at without an import: an older one of the system's would stay."""
    try:
        return int(importlib.metadata.version("cryptography").partition(".")[0]) >= _OLDEST_CRYPTOGRAPHY
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False


def need_packages() -> None:
    """Raise `ImportError` before anything is imported that the packages will bring."""
    if not are_here():
        raise ImportError("the lab's packages are not there")


def _source_digest(clone: Path) -> str:
    files = [
        path
        for folder in ("labkit", "setup/labkit_setup")
        for path in (clone / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    named = [(str(path.relative_to(clone)).encode(), path.read_bytes()) for path in sorted(files)]
    return _digest((clone / "pyproject.toml").read_bytes(), *(part for pair in named for part in pair))


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()
