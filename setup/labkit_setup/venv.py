"""The clone's virtual environment: made, brought up to date, or left alone. Standard library only."""

import hashlib
import importlib.util
import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import ConfigurationError, SetupError
from .host import Host
from .pip_progress import Progress, reason

__all__ = ["LOG", "Stamp", "Venv", "clean_environment"]

# The log is the first file in a folder that this module makes: where it lies, the folder is ours to remove.
LOG = "labkit-install.log"
_STAMP = "labkit-stamp.json"
_NEEDED_BYTES = 500_000_000
# The Python behind this one, if this one is a virtual environment's (which may be about to be removed).
_BASE_PYTHON = str(getattr(sys, "_base_executable", None) or sys.executable)


@dataclass(frozen=True)
class Stamp:
    """What a virtual environment was made from. One that fits needs nothing done.

    `packages` is a hash of the parts of pyproject.toml that decide what pip installs.
    """

    clone: str
    python: str
    system_packages: bool
    packages: str
    extras: tuple[str, ...]

    @classmethod
    def wanted(cls, host: Host, clone: Path, extras: tuple[str, ...]) -> "Stamp":
        """The stamp for this clone, under the Python that runs now."""
        return cls(
            clone=str(clone),
            python=f"{sys.version_info.major}.{sys.version_info.minor} {sys.base_prefix}",
            system_packages=_system_has(host, "lgpio"),
            packages=_packages(clone / "pyproject.toml"),
            extras=extras,
        )

    @classmethod
    def parse(cls, text: bytes | None) -> "Stamp | None":
        """A stamp that was written earlier, or None if this is none."""
        try:
            fields = json.loads(text or b"")
            return cls(**{**fields, "extras": tuple(fields["extras"])})
        except (ValueError, TypeError, KeyError):
            return None

    def serves(self, wanted: "Stamp") -> bool:
        """Whether an environment with this stamp can do what is wanted."""
        has_all = self.packages == wanted.packages and set(self.extras) >= set(wanted.extras)
        return has_all and self.same_base(wanted)

    def same_base(self, wanted: "Stamp") -> bool:
        """Whether installing packages is enough to make it serve."""
        mine, theirs = ((stamp.clone, stamp.python, stamp.system_packages) for stamp in (self, wanted))
        return mine == theirs


class Venv:
    """`.venv` in a clone."""

    def __init__(self, host: Host, clone: Path) -> None:
        self._host = host
        self._clone = clone
        self.folder = clone / ".venv"
        self.python = self.folder / "bin" / "python"
        self.log = self.folder / LOG
        self._stamp = self.folder / _STAMP

    def provide(self, *extras: str) -> None:
        """Make sure that it is complete; does nothing, and writes nothing, if it is.

        Raises:
            SetupError: It can't be made or completed; an environment that worked before still works unless
                packages were being replaced.
        """
        wanted = Stamp.wanted(self._host, self._clone, extras)
        if self._serves(wanted):
            return
        with self._host.locked(self._clone, _say_waiting) as lock:
            if not self._serves(wanted):
                self._install(wanted, lock)

    def _serves(self, wanted: Stamp) -> bool:
        found = Stamp.parse(self._host.read(self._stamp))
        return found is not None and found.serves(wanted) and self.python.exists()

    def _install(self, wanted: Stamp, lock: int) -> None:
        found = Stamp.parse(self._host.read(self._stamp))
        progress = Progress(sys.stdout, self._count_packages, lambda: self._host.remove(self._stamp))
        if found is not None and found.same_base(wanted) and self.python.exists():
            wanted = Stamp(**{**asdict(wanted), "extras": tuple(sorted({*wanted.extras, *found.extras}))})
            progress.step("Bringing the virtual environment .venv up to date")
            self._pip(wanted, progress, lock)
        else:
            self._rebuild(wanted, progress, lock)
        self._host.write(self._stamp, json.dumps(asdict(wanted), indent=1).encode(), 0o644)
        progress.done()

    def _rebuild(self, wanted: Stamp, progress: Progress, lock: int) -> None:
        self._refuse_if_hopeless()
        if self.folder.exists():
            progress.step("Removing .venv: it is incomplete, or was made for another place or Python")
            self._host.remove(self.folder)
        print("Setting up this clone; the first time takes a few minutes and about 400 MB.", flush=True)
        self._host.make_dir(self.folder)
        try:
            self._host.write(self.log, b"", 0o644)
            progress.step(f"Making the virtual environment .venv with Python {wanted.python.split()[0]}")
            options = ["--system-site-packages"] if wanted.system_packages else []
            self._run(progress, lock, _BASE_PYTHON, "-m", "venv", *options, self.folder)
            self._pip(wanted, progress, lock)
        except BaseException:
            # Half an environment is of no use, and may be what filled the disk. The log explains.
            for entry in self._host.entries(self.folder):
                if entry != self.log:
                    self._host.remove(entry)
            raise

    def _refuse_if_hopeless(self) -> None:
        if ":" in str(self._clone):
            raise ConfigurationError(
                "Python can't make a virtual environment below a folder with a colon in its name; "
                f"move the clone from {self._clone}."
            )
        if self.folder.is_symlink() or (self._host.entries(self.folder) and not self.log.exists()):
            raise ConfigurationError(
                f"{self.folder} was not made by labkit, which would have to replace it; move it away and start again."
            )
        if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise SetupError(
                "This Python can't make virtual environments; on Debian and Raspberry Pi OS run "
                f"`sudo apt install python3-venv` (or python{version}-venv), then start again."
            )
        free = self._host.free_bytes(self._clone)
        if free < _NEEDED_BYTES:
            raise ConfigurationError(
                f"The disk is nearly full: {free // 1_000_000} MB are free and "
                f"{_NEEDED_BYTES // 1_000_000} MB are needed; free some space and start again."
            )

    def _pip(self, wanted: Stamp, progress: Progress, lock: int) -> None:
        extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
        options = ("--progress-bar=off", "--no-color", "--no-input", "--disable-pip-version-check")
        progress.step("Finding and downloading the packages")
        target = f"{self._clone}{extras}"
        self._run(progress, lock, self.python, "-m", "pip", "install", *options, "--editable", target)

    def _run(self, progress: Progress, lock: int, *command: str | Path) -> None:
        environment = {**clean_environment(os.environ), "PYTHONUNBUFFERED": "1"}
        begin = len(self._host.read(self.log) or b"")
        status = self._host.stream(
            command, environment, self._clone, self.log, progress.line, progress.tick, inherit=(lock,)
        )
        if status != 0:
            what, line, remedy = reason((self._host.read(self.log) or b"")[begin:].decode(errors="replace"))
            raise SetupError(f"{what} (“{line[:300]}”); {remedy}. The whole story is in {self.log}.")

    def _count_packages(self) -> int:
        return sum(1 for _ in self.folder.glob("lib/python*/site-packages/*.dist-info"))


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a program finds the packages of its virtual environment and no others."""
    strangers = {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    kept = {name: value for name, value in environment.items() if name not in strangers}
    return {**kept, "PYTHONNOUSERSITE": "1"}


def _system_has(host: Host, name: str) -> bool:
    """Whether the system's Python has a module outside the user's own folder, which the venv never sees.

    Raspberry Pi OS has lgpio as a system package, and no wheel of it exists for every Python. The module
    is looked for but not imported: lgpio leaves a pipe in the working directory when it is.
    """
    search = f"import importlib.util as u, sys; sys.exit(u.find_spec({name!r}) is None)"
    return host.succeeds([_BASE_PYTHON, "-I", "-c", search])


def _packages(pyproject: Path) -> str:
    try:
        content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{pyproject} can't be used ({error}); clone labkit again.") from error
    project = content.get("project", {})
    parts = [
        content.get("build-system"),
        content.get("tool", {}).get("hatch"),
        *(project.get(key) for key in ("name", "requires-python", "dependencies", "optional-dependencies")),
        *(project.get(key) for key in ("scripts", "entry-points")),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _say_waiting() -> None:
    print("Another `python3 setup` is installing in this clone; waiting for it.", flush=True)
