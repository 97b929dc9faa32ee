"""Lets gpiozero's internal devices read the bench's `Host` instead of the machine's own sensors.

They open files, stat filesystems, run `ping` and ask `datetime`, all through names in their own module. While
a host is on a bench, stand-ins sit there; anything they don't know passes through. Outside of that one
module nothing changes, and what a test has patched itself (`io.open`, `os.statvfs`) has precedence.
"""

from __future__ import annotations

import datetime as clock_time
import io
import os
import subprocess
from typing import Any

import gpiozero.internal_devices as internal

from labkit.sim.parts.host import Host

__all__ = ["install", "remove"]

THERMAL_FILE = "/sys/class/thermal/thermal_zone0/temp"
LOAD_FILE = "/proc/loadavg"
BLOCKS = 1_000_000
REAL_OPEN, REAL_STATVFS = io.open, os.statvfs
REAL = {"io": io, "os": os, "subprocess": subprocess}
REAL_DATETIME = clock_time.datetime

hosts: list[Host] = []
"""Those on a bench; the newest answers."""


def install(host: Host) -> None:
    """Answer from this host from now on."""
    hosts.append(host)
    host.time_set = _choose_datetime
    _choose_datetime()
    if len(hosts) == 1:
        stand_ins = {"io": _Io(), "os": _Os(), "subprocess": _Subprocess()}
        for name, stand_in in stand_ins.items():
            setattr(internal, name, stand_in)


def remove(host: Host) -> None:
    """Stop answering from it; with the last one everything is as it was. Does nothing the second time."""
    if host in hosts:
        hosts.remove(host)
        host.time_set = None
        _choose_datetime()
        if not hosts:
            for name, module in REAL.items():
                setattr(internal, name, module)


class _Io:
    def open(self, file: Any, *args: Any, **kwargs: Any) -> Any:
        if io.open is REAL_OPEN and file == THERMAL_FILE:
            return io.StringIO(f"{round(hosts[-1].cpu_temperature * 1000)}\n")
        if io.open is REAL_OPEN and file == LOAD_FILE:
            averages = " ".join(f"{load:.2f}" for load in hosts[-1].load)
            return io.StringIO(f"{averages} 1/100 1000\n")
        return io.open(file, *args, **kwargs)  # noqa: UP020 - the caller may have patched io.open

    def __getattr__(self, name: str) -> Any:
        return getattr(io, name)


class _Os:
    def statvfs(self, path: Any) -> Any:
        stat = os.statvfs(path)
        if os.statvfs is not REAL_STATVFS:
            return stat
        free = round(BLOCKS * (1 - hosts[-1].disk_used))
        return os.statvfs_result((4096, 4096, BLOCKS, free, free, *tuple(stat)[5:10]))

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


class _Subprocess:
    def check_call(self, command: Any, *args: Any, **kwargs: Any) -> int:
        if command[0] != "ping":
            return subprocess.check_call(command, *args, **kwargs)
        if command[-1] in hosts[-1].unreachable:
            raise subprocess.CalledProcessError(1, command)
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, REAL_DATETIME)


class BenchDatetime(clock_time.datetime, metaclass=_AnyDatetime):
    """`datetime` with the bench's time of day; a bench has no time zone, its UTC is its local time."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _scripted()

    @classmethod
    def utcnow(cls) -> Any:
        return _scripted()


def _scripted() -> Any:
    return hosts[-1].time


def _choose_datetime() -> None:
    """Only a scripted time needs a stand-in: else a virtual clock must find the plain class in its place."""
    if hosts and hosts[-1].time is not None:
        internal.datetime = BenchDatetime
    elif internal.datetime is BenchDatetime:
        internal.datetime = clock_time.datetime
