"""What was asked for, kept on the machine, so that `apply` without options changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from ..errors import ConfigurationError
from ..host import Host

__all__ = ["DEFAULT_PORT", "Settings"]

DEFAULT_PORT = 8443


@dataclass(frozen=True)
class Settings:
    """One lab's settings.

    Attributes:
        user: Whom the service runs as, and whose notebooks are served.
        root_dir: The folder with the notebooks.
        port: Where it serves.
        names: Names beside those the machine has by itself.
        addresses: Addresses beside those the machine has by itself.
        lan: The network that may connect; None for the one the machine is in.
        tls: The oldest version of TLS.
        ca: What becomes of the key of the certificate authority.
        own_certificate: Whether the certificate is the person's own instead.
        service: Whether systemd starts it.
        spi: Whether SPI is to be switched on; None leaves it as it is.
        i2c: Likewise for I²C.
    """

    user: str
    root_dir: str
    port: int = DEFAULT_PORT
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    lan: str | None = None
    tls: Literal["1.3", "1.2"] = "1.3"
    ca: Literal["local", "offline", "discard"] = "local"
    own_certificate: bool = False
    service: bool = True
    spi: bool | None = None
    i2c: bool | None = None

    def to_json(self) -> bytes:
        """As a file's content; nothing in it is secret."""
        return json.dumps(asdict(self), indent=1).encode() + b"\n"

    @classmethod
    def load(cls, host: Host, path: Path) -> "Settings | None":
        """What is stored, or None where nothing is.

        Raises:
            ConfigurationError: The file is not one that `to_json` made.
        """
        content = host.read(path)
        if content is None:
            return None
        try:
            found: Mapping[str, Any] = json.loads(content)
            known = {field.name for field in fields(cls)}
            if set(found) - known or not isinstance(found["port"], int):
                raise ValueError(f"it does not go with {', '.join(sorted(set(found) - known)) or 'port'}")
            lists = {name: tuple(map(str, found[name])) for name in ("names", "addresses")}
            return cls(**{**found, **lists})
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(
                f"{path} can't be read as the lab's settings ({error}); remove it and run `labkit-setup apply` "
                "with the options you want."
            ) from error

    def changed(self, **wanted: Any) -> "Settings":
        """The same, but for what is given and not None."""
        return replace(self, **{name: value for name, value in wanted.items() if value is not None})
