"""The certificate in use: TLS as it has to be, and a new pair taken over while connections go on."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime

from ..errors import ConfigurationError
from ..leaf import BadLeaf, Leaf
from .secretfile import SecretFile
from .settings import TlsVersion

__all__ = ["Certificate", "new_context"]

# Mozilla's profile "intermediate", version 5.7, without the finite-field ones that nothing needs any more.
_CIPHERS_1_2 = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)


def new_context(oldest: TlsVersion) -> ssl.SSLContext:
    """TLS as Mozilla's profile "modern" ("1.3") or "intermediate" ("1.2") has it; Jupyter's options can set neither.

    The key exchange is X25519, which all current browsers have, or P-256 where Python can't be told of that.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if oldest == "1.3" else ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if oldest == "1.2":
        context.set_ciphers(_CIPHERS_1_2)
    try:
        context.set_ecdh_curve("X25519")
    except ssl.SSLError:
        # Up to 3.11.3, which Debian 12 is behind, Python looks for it among curves of another kind.
        context.set_ecdh_curve("prime256v1")
    return context


class Certificate:
    """What the server shows, and what it is for. Not for use by several threads.

    Each pair gets a context of its own, checked before it is used: OpenSSL would drop the old key of a context
    while it finds that the new one does not fit. Connections keep the context they began with.
    """

    def __init__(
        self, file: SecretFile, oldest: TlsVersion, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Load it.

        Raises:
            ConfigurationError: It can't be served.
        """
        self._file = file
        self._oldest = oldest
        self._now = now
        self.leaf, self.context = self._load()

    def refresh(self) -> bool:
        """Take over what is in the file now; whether there was something new.

        Raises:
            ConfigurationError: What is there can't be served; what was served goes on. Said once for each file.
        """
        if not self._file.has_changed:
            return False
        before = self.leaf
        self.leaf, self.context = self._load()
        return self.leaf != before

    def _load(self) -> tuple[Leaf, ssl.SSLContext]:
        try:
            leaf = Leaf.parse(self._file.read())
            leaf.check(self._now())
            context = new_context(self._oldest)
            context.load_cert_chain(self._file.path)
        except BadLeaf as fault:
            raise ConfigurationError(f"The certificate in {self._file.path} {fault}; renew it.") from fault
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"The certificate in {self._file.path} can't be served ({error}); renew it."
            ) from error
        if self._file.has_changed:
            # It was replaced between two looks: the context may hold another pair than was checked.
            return self._load()
        return leaf, context
