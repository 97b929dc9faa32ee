"""The one scheduler in force in this process, and the real functions that the patches stand in for."""

from __future__ import annotations

import asyncio.events
import datetime
import inspect
import queue
import select
import signal
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkit.sim.clock import VirtualClock
    from labkit.sim.time.scheduler import Scheduler

__all__ = ["REAL", "clock", "scheduler"]

scheduler: Scheduler | None = None
clock: VirtualClock | None = None
"""The clock whose scheduler that is."""

REAL = SimpleNamespace(
    sleep=time.sleep,
    time=time.time,
    time_ns=time.time_ns,
    monotonic=time.monotonic,
    monotonic_ns=time.monotonic_ns,
    perf_counter=time.perf_counter,
    perf_counter_ns=time.perf_counter_ns,
    localtime=time.localtime,
    gmtime=time.gmtime,
    strftime=time.strftime,
    ctime=time.ctime,
    asctime=time.asctime,
    date=datetime.date,
    datetime=datetime.datetime,
    condition_wait=threading.Condition.wait,
    # Python's own, below what a notebook's bench puts around it: virtual time tells by a call's frames whose it is.
    start=inspect.unwrap(threading.Thread.start),
    join=threading.Thread.join,
    is_alive=threading.Thread.is_alive,
    bootstrap=threading.Thread._bootstrap_inner,  # type: ignore[attr-defined]
    Lock=threading.Lock,
    RLock=threading.RLock,
    SimpleQueue=queue.SimpleQueue,
    pause=getattr(signal, "pause", None),
    signal=signal.signal,
    getsignal=signal.getsignal,
    select=select.select,
    new_event_loop=asyncio.events.new_event_loop,
)
