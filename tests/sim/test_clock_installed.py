"""Virtual time in installed libraries, which are looked through once and then only where something was found."""

import sys
import threading
import time
from types import ModuleType

import pytest
from gpiozero import DistanceSensor

from labkit.checking.apart import sensors_apart
from labkit.sim.clock import VirtualClock
from labkit.sim.time import locks
from labkit.sim.time.installed import Known


class Cache:
    """What a library keeps for all its users."""


Cache.__module__ = "borrowed"


@pytest.fixture
def library(monkeypatch):
    module = ModuleType("borrowed")
    module.__file__ = "/somewhere/site-packages/borrowed.py"
    module.wait = time.sleep
    module.number = 1
    module.cache = Cache()
    monkeypatch.setitem(sys.modules, "borrowed", module)
    return module


def test_its_functions_are_virtual_each_time_and_real_in_between(library):
    real = library.wait
    for _ in range(3):
        with VirtualClock().running() as clock:
            assert library.wait is not real
            library.wait(60)
            assert clock.now_ns() == 60_000_000_000
        assert library.wait is real


def test_a_name_that_it_binds_later_is_found(library):
    with VirtualClock().running():
        pass
    library.monotonic = real = time.monotonic
    with VirtualClock().running():
        assert library.monotonic is not real
        assert library.monotonic() == pytest.approx(library.monotonic())
    assert library.monotonic is real


def test_a_lock_that_its_object_gets_later_is_adopted_and_given_back(library):
    with VirtualClock().running():
        pass
    library.cache.lock = real = threading.Lock()
    with VirtualClock().running() as clock:
        assert library.cache.lock is not real

        def hold():
            with library.cache.lock:
                library.wait(5)

        holder = threading.Thread(target=hold)
        holder.start()
        library.wait(1)
        with library.cache.lock:
            assert clock.now_ns() == 5_000_000_000
        holder.join()
    assert library.cache.lock is real


def test_a_lock_of_its_own_is_adopted_each_time(library):
    library.lock = real = threading.Lock()
    for _ in range(2):
        with VirtualClock().running():
            assert library.lock is not real
        assert library.lock is real


def test_a_lock_of_gpiozeros_that_was_replaced_at_the_first_look_is_adopted_at_the_next(monkeypatch):
    monkeypatch.setattr(locks, "_owners_of", Known())
    with sensors_apart(), VirtualClock().running():
        pass
    with VirtualClock().running():
        assert type(DistanceSensor.ECHO_LOCK) is locks.VirtualLock
    assert type(DistanceSensor.ECHO_LOCK) is locks.LOCK_TYPE


def test_whatever_else_stands_among_the_modules_has_its_functions_led_there_too(monkeypatch):
    class Lazy:
        __slots__ = ("__dict__",)

    class Odd(ModuleType):
        __slots__ = ()
        __hash__ = None

    lazy, odd = Lazy(), Odd("odd")
    odd.__file__ = lazy.__file__ = "/somewhere/site-packages/odd.py"
    odd.wait = lazy.wait = real = time.sleep
    monkeypatch.setitem(sys.modules, "lazy", lazy)
    monkeypatch.setitem(sys.modules, "odd", odd)
    monkeypatch.setitem(sys.modules, "nothing", None)
    for _ in range(2):
        with VirtualClock().running():
            assert lazy.wait is odd.wait is not real
        assert lazy.wait is odd.wait is real
