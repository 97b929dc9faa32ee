"""`datetime` and `date` whose `now` and `today` tell lab time; everything they make is a plain value."""

from __future__ import annotations

import datetime
import time
from typing import Any

from labkit.sim.time.active import REAL

__all__ = ["VirtualDate", "VirtualDatetime"]


class _LooksLike(type):
    """Instances and subclasses of the real class count as this one's."""

    _real: type

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._real)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls._real)


class VirtualDatetime(REAL.datetime, metaclass=_LooksLike):  # type: ignore[misc,name-defined]
    """`datetime.datetime`, by lab time."""

    _real = REAL.datetime

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return REAL.datetime(*args, **kwargs)

    # time.time() asks itself who called: these methods are as good as their caller.
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return REAL.datetime.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return REAL.datetime.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


class VirtualDate(REAL.date, metaclass=_LooksLike):  # type: ignore[misc,name-defined]
    """`datetime.date`, by lab time."""

    _real = REAL.date

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return REAL.date(*args, **kwargs)

    @classmethod
    def today(cls) -> Any:
        return REAL.date.fromtimestamp(time.time())
