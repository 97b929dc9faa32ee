"""What happened at the door: one line for each login, and none that a flood of guesses could fill a disk with."""

import logging
import re

from .throttle import source_of

__all__ = ["Audit"]

# An address that is held off is told of this often at most, with the number of its tries since.
_QUIET_SECONDS = 60.0
_MOST_ADDRESSES = 100
_CROWD = "yet another address"


class Audit:
    """Writes to the log `labkit.audit`. It is never given a password, a cookie or a name; times are of a clock
    that never goes back.
    """

    def __init__(self, log: logging.Logger | None = None) -> None:
        """To `labkit.audit`, or another log."""
        self._log = log or logging.getLogger("labkit.audit")
        self._held: dict[str, tuple[float, int]] = {}

    def accepted(self, address: str) -> None:
        """Somebody logged in."""
        self._log.info("login accepted from %s", _plain(address))

    def refused(self, address: str) -> None:
        """A wrong password."""
        self._log.warning("login refused from %s: wrong password", _plain(address))

    def held_off(self, address: str, seconds: float, now: float) -> None:
        """A try came before its time; the password was not looked at."""
        source = source_of(address)
        if source not in self._held and len(self._held) >= _MOST_ADDRESSES:
            self._held = {one: last for one, last in self._held.items() if now - last[0] < _QUIET_SECONDS}
            if len(self._held) >= _MOST_ADDRESSES:
                source = address = _CROWD
        told, count = self._held.get(source, (float("-inf"), 0))
        if now - told < _QUIET_SECONDS:
            self._held[source] = (told, count + 1)
            return
        self._held[source] = (now, 0)
        more = f", {count} tries since last told" if count else ""
        self._log.warning("login held off from %s for %.0f s%s", _plain(address), seconds, more)

    def password_changed(self) -> None:
        """All sessions ended with the old password."""
        self._log.warning("the password was changed: all sessions ended")

    def certificate_changed(self, names: str, ends: str) -> None:
        """Another certificate is in use."""
        self._log.info("serving a new certificate for %s, valid until %s", names, ends)

    def kept(self, fault: str) -> None:
        """A new certificate or password can't be used; the old one goes on."""
        self._log.error("%s Until then the old one is in use.", fault)


def _plain(address: str) -> str:
    # It comes from the system, but what goes into a log holds no line breaks.
    return re.sub(r"[^\w.:% ]", "?", address)[:64]
