"""Settings in, Jupyter's configuration, environment and files out; nothing here touches the machine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets.config import Config

from .settings import Settings

__all__ = ["configuration", "environment", "files", "folders"]

# Parts of the page that are of no use here: the question about news (`news_url` alone does not silence it),
# and language servers, which are not loaded.
_DISABLED = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
)

# What a page may do to others and others to it. Scripts are not limited: a notebook is a program with all of
# this user's rights, and many load theirs from elsewhere.
_HEADERS = {
    "Content-Security-Policy": "; ".join(
        ("frame-ancestors 'self'", "base-uri 'self'", "form-action 'self'", "object-src 'self' blob:")
    ),
    # `no-referrer` would break the login: browsers then send `Origin: null` with the form.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def folders(settings: Settings) -> tuple[Path, ...]:
    """The folders of Jupyter's own files, each private, parents first."""
    below = ("config", "config/labconfig", "data", "ipython")
    return (settings.state, *(settings.state / name for name in below))


def files(settings: Settings) -> dict[Path, bytes]:
    """Jupyter's own files as they have to be at each start."""
    config = settings.state / "config"
    return {
        config / "labconfig" / "page_config.json": json.dumps(
            {"disabledExtensions": dict.fromkeys(_DISABLED, True)}
        ).encode(),
        # Without it Jupyter looks for what IPython 3 left in the user's home, and writes it itself.
        config / "migrated": b"",
    }


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server and its kernels.

    Jupyter's and JupyterLab's own variables are dropped, all of them: JUPYTER_TOKEN lets people in beside
    the password, and others name configuration and front ends of somebody else.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith(("JUPYTER", "JPY_"))}
    return {
        **kept,
        "JUPYTER_CONFIG_DIR": str(settings.state / "config"),
        "JUPYTER_DATA_DIR": str(settings.state / "data"),
        "JUPYTER_RUNTIME_DIR": str(settings.run),
        # Packages of this environment win over what the system or the user has under the same name.
        "JUPYTER_PREFER_ENV_PATH": "1",
        # Start-up files of the user's own IPython would make the lessons differ from machine to machine.
        "IPYTHONDIR": str(settings.state / "ipython"),
        # lgpio makes pipes in its working directory, which would be the folder of the lessons.
        "LG_WD": str(settings.run),
    }


def configuration(settings: Settings, hashed_password: str) -> Config:
    """Everything that must not be left to Jupyter's defaults; no file is read beside it."""
    config = Config()
    config.ServerApp.update(
        # The sockets are made by `network`, and TLS by `tls`: these two only make addresses in messages right.
        ip="" if settings.peers else "127.0.0.1",
        port=settings.port,
        certfile=str(settings.leaf),
        port_retries=0,
        open_browser=False,
        root_dir=str(settings.notebooks),
        cookie_secret_file=str(settings.state / "cookie-secret"),
        # `hosts` decides about hosts, before Jupyter sees a request: this one would never admit an address.
        allow_remote_access=True,
        allow_unauthenticated_access=False,
        # Containers know no other user; `cli` warns, and a service refuses.
        allow_root=True,
        kernel_manager_class="labkit_setup.server.culling.Kernels",
        tornado_settings={
            # Stock sends it over http as well; the path is what Jupyter would set.
            "xsrf_cookie_kwargs": {"path": "/", "secure": True, "samesite": "Strict"},
            "headers": _HEADERS,
        },
    )
    config.IdentityProvider.update(
        token="",
        secure_cookie=True,
        cookie_options={"samesite": "Strict"},
        login_handler_class="labkit_setup.server.login.LoginHandler",
    )
    config.PasswordIdentityProvider.update(
        hashed_password=hashed_password, password_required=True, allow_password_change=False
    )
    # Kernels listen on sockets in a private folder instead of on ports that every local user can reach.
    config.KernelManager.transport = "ipc"
    config.MappingKernelManager.update(
        cull_idle_timeout=settings.cull_after,
        cull_interval=min(300, max(1, settings.cull_after // 4)),
        cull_connected=False,
        cull_busy=False,
    )
    config.LabApp.update(
        user_settings_dir=str(settings.state / "config" / "lab" / "user-settings"),
        workspaces_dir=str(settings.state / "config" / "lab" / "workspaces"),
        # No calls home.
        news_url=None,
        check_for_updates_class="jupyterlab.handlers.announcements.NeverCheckForUpdate",
        # Packages are pyproject.toml's business; a package installed from the browser would be lost unseen.
        extension_manager="readonly",
    )
    config.LabServer.logging_config = _logging(settings.log)
    return config


def _logging(file: Path | None) -> dict[str, Any]:
    handler: dict[str, Any] = {"formatter": "console", "level": "INFO"}
    if file is None:
        handler["class"] = "logging.StreamHandler"
    else:
        handler |= {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": str(file),
            "maxBytes": 5_000_000,
            "backupCount": 1,
        }
    heard = {"handlers": ["lab"], "level": "INFO"}
    return {
        "handlers": {"lab": handler},
        "loggers": {"LabServer": {"handlers": ["lab"]}, "py.warnings": {"handlers": ["lab"]}, "labkit.audit": heard},
    }
