"""Settings in, Jupyter's configuration and environment out; nothing here touches the machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config import Config

from .paths import State
from .pki import Pki

__all__ = ["PAGE_CONFIG", "Settings", "configuration", "environment"]

# Parts of the page that are of no use here: the question about news (`news_url` alone does not silence it),
# and language servers, which are not loaded.
_DISABLED = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
)
# What the page reads: where it goes, below the configuration folder, and what it says.
PAGE_CONFIG = (
    Path("labconfig", "page_config.json"),
    json.dumps({"disabledExtensions": dict.fromkeys(_DISABLED, True)}).encode(),
)


@dataclass(frozen=True)
class Settings:
    """What one server is started with."""

    port: int
    notebooks: Path
    state: State
    # For sockets of kernels and pipes of lgpio; gone when the server stops.
    run: Path
    hashed_password: str

    @property
    def pki(self) -> Pki:
        """The certificate that it serves."""
        return Pki(self.state.pki)


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server and its kernels.

    Jupyter's and JupyterLab's own variables are dropped, all of them: JUPYTER_TOKEN lets people in beside
    the password, and others name configuration and front ends of somebody else.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith(("JUPYTER", "JPY_"))}
    jupyter = settings.state.jupyter
    return {
        **kept,
        "JUPYTER_CONFIG_DIR": str(jupyter / "config"),
        "JUPYTER_DATA_DIR": str(jupyter / "data"),
        "JUPYTER_RUNTIME_DIR": str(settings.run),
        # Packages of this environment win over what the system or the user has under the same name.
        "JUPYTER_PREFER_ENV_PATH": "1",
        # Start-up files of the user's own IPython would make the lessons differ from machine to machine.
        "IPYTHONDIR": str(jupyter / "ipython"),
        # lgpio makes pipes in its working directory, which would be the folder of the lessons.
        "LG_WD": str(settings.run),
    }


def configuration(settings: Settings) -> Config:
    """Everything that must not be left to Jupyter's defaults; no file is read beside it."""
    jupyter = settings.state.jupyter
    config = Config()
    config.ServerApp.update(
        ip="127.0.0.1",
        port=settings.port,
        port_retries=0,
        open_browser=False,
        # The lessons are what is there to open; the rest of the clone would only be in the way.
        root_dir=str(settings.notebooks),
        certfile=str(settings.pki.certificate),
        keyfile=str(settings.pki.key),
        cookie_secret_file=str(jupyter / "cookie-secret"),
        allow_remote_access=False,
        allow_unauthenticated_access=False,
        # Containers know no other user; `cli` warns.
        allow_root=True,
        tornado_settings={
            # Stock sends it over http as well; the path is what Jupyter would set.
            "xsrf_cookie_kwargs": {"path": "/", "secure": True, "samesite": "Strict"}
        },
    )
    config.IdentityProvider.update(token="", secure_cookie=True, cookie_options={"samesite": "Strict"})
    config.PasswordIdentityProvider.update(
        hashed_password=settings.hashed_password, password_required=True, allow_password_change=False
    )
    # Kernels listen on sockets in a private folder instead of on ports that every local user can reach.
    config.KernelManager.transport = "ipc"
    config.LabApp.update(
        user_settings_dir=str(jupyter / "config" / "lab" / "user-settings"),
        workspaces_dir=str(jupyter / "config" / "lab" / "workspaces"),
        # No calls home.
        news_url=None,
        check_for_updates_class="jupyterlab.handlers.announcements.NeverCheckForUpdate",
        # Packages are pyproject.toml's business; a package installed from the browser would be lost unseen.
        extension_manager="readonly",
    )
    config.LabServer.logging_config = _logging(settings.state.log(settings.port))
    return config


def _logging(file: Path) -> dict[str, Any]:
    return {
        "handlers": {
            "file": {
                "class": "logging.handlers.RotatingFileHandler",
                "formatter": "console",
                "level": "INFO",
                "filename": str(file),
                "maxBytes": 5_000_000,
                "backupCount": 1,
            }
        },
        "loggers": {"LabServer": {"handlers": ["file"]}, "py.warnings": {"handlers": ["file"]}},
    }
