"""What one server is started with: a value, and the file that a service reads it from."""

import json
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args

from ..addresses import Network
from ..errors import ConfigurationError

__all__ = ["Settings", "TlsVersion"]

# The oldest version of TLS that is spoken: "1.3" is Mozilla's profile "modern", "1.2" its "intermediate".
TlsVersion = Literal["1.3", "1.2"]


@dataclass(frozen=True)
class Settings:
    """What to serve, to whom, and where its files are. It holds no secret, only the paths of some.

    Attributes:
        port: Where it listens.
        notebooks: The folder that JupyterLab shows.
        state: Jupyter's own files, which the server writes; private to the user it runs as.
        run: For sockets of kernels and pipes of lgpio; empty when the server starts.
        leaf: The certificate and its private key in one file; see `labkit_setup.leaf`.
        password: The file with the password's argon2id hash.
        log: Where JupyterLab's messages go; None for standard error, which a service manager keeps.
        peers: The networks whose machines may connect. Without any it listens on loopback only, from where
            connections are always accepted.
        tls: The oldest version that is spoken.
        cull_after: Seconds without activity and without a browser after which an unused kernel is ended; 0 for never.
    """

    port: int
    notebooks: Path
    state: Path
    run: Path
    leaf: Path
    password: Path
    log: Path | None = None
    peers: tuple[Network, ...] = ()
    tls: TlsVersion = "1.3"
    cull_after: int = 0

    def to_json(self) -> bytes:
        """As a file that `from_json` reads; the same settings give the same bytes."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        values["peers"] = [str(network) for network in self.peers]
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}
        return json.dumps(plain, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes, path: Path) -> "Settings":
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: Something is missing, unknown or of a wrong kind; `path` is named then.
        """
        try:
            values = json.loads(content)
            if not isinstance(values, dict):
                raise TypeError("it holds no settings")
            return cls(**_checked(values))
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"{path} can't be used ({error}); run `apply` to have it written anew.") from error


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Values with the types of the fields.

    Raises:
        TypeError, ValueError: What is wrong with one of them.
    """
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f"unknown: {', '.join(unknown)}")
    made = dict(values)
    for name in ("notebooks", "state", "run", "leaf", "password", "log"):
        if name in values and not (name == "log" and values[name] is None):
            made[name] = _absolute(name, values[name])
    if "peers" in values:
        made["peers"] = tuple(ip_network(text) for text in values["peers"])
    for name, least, most in (("port", 0, 65535), ("cull_after", 0, 2**31)):
        value = values.get(name, least)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} must be a number from {least} to {most}")
    if values.get("tls", "1.3") not in get_args(TlsVersion):
        raise ValueError("tls must be 1.3 or 1.2")
    return made


def _absolute(name: str, value: object) -> Path:
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise ValueError(f"{name} must be a path from the root")
    return Path(value)
