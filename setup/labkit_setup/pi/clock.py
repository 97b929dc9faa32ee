"""Whether this machine's clock can be believed: a Raspberry Pi without a network guesses."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..host import Host

__all__ = ["clock_fault", "is_synchronised"]

_RTC = Path("/sys/class/rtc/rtc0/since_epoch")
_NEAR = timedelta(hours=1)
# No machine on which this version is installed lives before it was written.
_WRITTEN = datetime(2025, 1, 1, tzinfo=UTC)


def is_synchronised(host: Host) -> bool | None:
    """Whether something keeps the clock right; None where the system does not tell."""
    found = host.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    return {"yes": True, "no": False}.get(found.output.strip())


def clock_fault(host: Host, now: datetime) -> str | None:
    """Why the clock is not to be believed, in words that fit after "the clock"; None if it is.

    A clock that nothing synchronises is believed if a battery-backed one agrees with it.
    """
    if now < _WRITTEN:
        return f"says {now:%Y-%m-%d}, which is in the past"
    if is_synchronised(host) is not False:
        return None
    seconds = (host.read(_RTC) or b"").decode(errors="replace").strip()
    if re.fullmatch(r"\d+", seconds) and abs(now - datetime.fromtimestamp(int(seconds), UTC)) < _NEAR:
        return None
    return f"is not synchronised (it says {now:%Y-%m-%d %H:%M} UTC)"
