"""Where everything of a lab lies on a machine."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """Folders and files of one lab.

    Attributes:
        prefix: Programs and packages.
        config: Settings, password, certificates.
        state: What the server keeps between runs; the service manager's when there is one.
        run: What it needs while it runs.
        journal: What was there before; see `journal.Journal`.
        command: The command on everybody's path, if there is to be one.
    """

    prefix: Path
    config: Path
    state: Path
    run: Path
    journal: Path
    command: Path | None

    @classmethod
    def of_machine(cls) -> "Layout":
        """For a machine whose root sets it up."""
        return cls(
            prefix=Path("/opt/labkit"),
            config=Path("/etc/labkit"),
            state=Path("/var/lib/labkit"),
            run=Path("/run/labkit"),
            journal=Path("/var/lib/labkit-setup"),
            command=Path("/usr/local/bin/labkit-setup"),
        )

    @classmethod
    def of_user(cls, data: Path) -> "Layout":
        """For a user without root's rights and without a service, below the user's folder for data."""
        root = data / "labkit-remote"
        return cls(
            prefix=root / "programs",
            config=root / "config",
            state=root / "state",
            run=root / "state" / "run",
            journal=root / "journal",
            command=None,
        )

    @property
    def venv(self) -> Path:
        """The virtual environment in use: a link, so that a new one takes over in one step."""
        return self.prefix / "venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    @property
    def settings(self) -> Path:
        """What was asked for."""
        return self.config / "settings.json"

    @property
    def password(self) -> Path:
        """The password's hash."""
        return self.config / "password"

    @property
    def pki(self) -> Path:
        """Certificates."""
        return self.config / "pki"
