"""Where the lab keeps what outlives a run: certificates, the password's hash, Jupyter's own files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigurationError

__all__ = ["State"]


@dataclass(frozen=True)
class State:
    """The folders of one user's labs, all below `root`; see `of` for where that is."""

    root: Path

    @classmethod
    def of(cls, environment: Mapping[str, str], platform: str) -> "State":
        """`$XDG_DATA_HOME/labkit`, else ~/.local/share/labkit; ~/Library/Application Support/labkit on macOS.

        Raises:
            ConfigurationError: HOME is needed and is not set, or no absolute path.
        """
        data = Path(environment.get("XDG_DATA_HOME", ""))
        # The XDG specification: a relative path is to be ignored.
        if data.is_absolute() and platform != "darwin":
            return cls(data / "labkit")
        home = Path(environment.get("HOME", ""))
        if not home.is_absolute():
            raise ConfigurationError(
                "HOME is not set to a folder, so there is no place for the lab's certificate and password; "
                "set it, for example HOME=/home/pi."
            )
        data = home / "Library" / "Application Support" if platform == "darwin" else home / ".local" / "share"
        return cls(data / "labkit")

    @property
    def pki(self) -> Path:
        """Certificates and their keys."""
        return self.root / "pki"

    @property
    def password(self) -> Path:
        """The password's hash."""
        return self.root / "password"

    @property
    def jupyter(self) -> Path:
        """Jupyter's configuration and data, apart from the user's own in ~/.jupyter."""
        return self.root / "jupyter"

    def run(self, port: int) -> Path:
        """What one server and its kernels need while it runs; see `server.runfolder`."""
        return self.root / "run" / str(port)

    def log(self, port: int) -> Path:
        """What JupyterLab had to say since the last start on this port."""
        return self.root / "log" / f"lab-{port}.log"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder that has to be there before anything is written, parents first."""
        return (self.root, *(self.root / name for name in ("pki", "run", "log")))
