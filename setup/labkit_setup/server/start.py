"""Everything between settings and a server: its folders, its environment, its sockets."""

import os
import socket
import sys
from collections.abc import Callable

from ..host import Host
from .configuration import environment, files, folders
from .settings import Settings

__all__ = ["start"]


def start(
    settings: Settings,
    host: Host,
    sockets: list[socket.socket],
    on_ready: Callable[[], None],
    on_stop: Callable[[int], None],
) -> None:
    """Turn this process into the server that `settings` describe; returns when it has stopped. See `app.serve`."""
    for folder in folders(settings):
        host.make_private_dir(folder)
    for path, content in files(settings).items():
        host.write(path, content)
    replaced = environment(settings, os.environ)
    os.environ.clear()
    os.environ.update(replaced)
    # Half of Jupyter's start goes into compiling this grammar, which only checks international web
    # addresses in schemas; jsonschema does without where it is not installed.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # Not earlier, since Jupyter looks at the environment when it is imported.
    from .app import serve

    serve(settings, sockets, on_ready, on_stop)
