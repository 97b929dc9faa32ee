"""The STOP switch: every output off, what moves first, and latched off until it is released."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from labkit.errors import StopIncomplete
from labkit.latch import Latch, Stop
from labkit.pacing import Countdown
from labkit.safety.outputs import Output, background_threads, outputs_of

__all__ = ["StopSwitch"]

# Writing a pin takes microseconds; a thread that blinks ends as soon as it is woken.
PIN_S, THREADS_S = 0.5, 0.25


class StopSwitch:
    """Stops what is on the pins of one factory. Safe from any thread.

    It goes to the pins and not through the devices' own `off` and `stop`: those wait up to ten seconds
    for a thread that blinks, and a user's class may have changed them.
    """

    def __init__(self, factory: Any, latch: Latch, devices: Callable[[], Iterable[Any]]) -> None:
        self._factory = factory
        self._latch = latch
        self._devices = devices
        self._resting: list[tuple[Any, float]] = []
        self._lock = threading.RLock()

    def stop(self, who: str) -> None:
        """Switch everything off and latch it; again, to be sure, where it is stopped already.

        Raises:
            StopIncomplete: Some pin could not be switched off; all others are.
        """
        with self._lock:
            latch, before = self._latch, self._latch.stop
            threads = self._retire()
            if before is None:
                latch.off_levels.clear()  # of devices that are gone
            self._learn()
            latch.engage(before or Stop(datetime.now(), who))
            # What was made or set going while the latch fell.
            threads += self._retire()
            problems = self._all_off()
            self._end(threads, self._devices())
        if problems:
            raise StopIncomplete(
                f"The bench is {latch.stop}, but this did not switch off: {'; '.join(problems)}. Cut its power."
            )

    def resume(self) -> None:
        """Let pins switch again; they stay as they are, but for the enable pins of motors, which rest on."""
        with self._lock:
            self._latch.release()
            resting, self._resting = self._resting, []
            for pin, level in resting:
                if pin.function == "output":
                    pin.state = level

    def rest(self) -> None:
        """Switch everything off, unlatched: the bench is about to close, which may wait long for a thread."""
        with self._lock:
            self._retire()
            self._all_off()

    def stop_device(self, device: Any, threads: Iterable[Any]) -> None:
        """Switch one device off, and end these threads and its own, unlatched; motors' enable pins rest on.

        Raises:
            StopIncomplete: Some pin of it could not be switched off.
        """
        with self._lock:
            ending = {*threads, *background_threads(device)}
            self._tell_to_end(ending)
            problems = _all_off([[output for output in outputs_of(device) if not output.enables]])
            self._end(ending, [device])
        if problems:
            raise StopIncomplete(f"This did not switch off: {'; '.join(problems)}. Cut its power.")

    def _all_off(self) -> list[str]:
        groups = self._learn()
        problems: list[str] = []
        for moving in (True, False):
            problems += _all_off([group for group in groups if group[0].moves is moving])
        return problems + _all_off([[output] for output in self._left_over(groups)])

    def _retire(self) -> list[Any]:
        found = [thread for device in self._devices() for thread in background_threads(device)]
        self._tell_to_end(found)
        return found

    def _tell_to_end(self, threads: Iterable[Any]) -> None:
        for thread in threads:
            # Before it wakes: what it writes after that is dropped.
            self._latch.retire(thread)
            thread.stopping.set()

    def _learn(self) -> list[list[Output]]:
        """The outputs of each device; and the latch learns which level is off."""
        groups: list[list[Output]] = []
        for device in self._devices():
            outputs = outputs_of(device)
            self._latch.off_levels.update((output.name, output.off_level) for output in outputs)
            groups += [group for moving in (True, False) if (group := [o for o in outputs if o.moves is moving])]
            known = {id(pin) for pin, _ in self._resting}
            self._resting += [
                (output.pin, float(output.pin.state))
                for output in outputs
                if output.enables and id(output.pin) not in known
            ]
        return groups

    def _left_over(self, groups: list[list[Output]]) -> list[Output]:
        """Output pins that belong to no device that we know."""
        known = {output.name for group in groups for output in group}
        return [
            Output(pin, 0.0)
            for info, pin in list(self._factory.pins.items())
            if info.name not in known and pin.function == "output" and not self._latch.is_bus(info.name)
        ]

    def _end(self, threads: Iterable[Any], devices: Iterable[Any]) -> None:
        """Wait a moment for the threads to end; one that hangs is kept from writing by the latch."""
        left = Countdown(THREADS_S)
        for thread in threads:
            threading.Thread.join(thread, left.seconds)  # gpiozero's own raises ZombieThread
        for device in devices:
            source = getattr(device, "_source_thread", None)
            if source is not None and not source.is_alive():
                device.source = None


def _all_off(groups: list[list[Output]]) -> list[str]:
    """Switch groups of outputs off side by side, so that none waits for another; what went wrong, in words."""
    problems: dict[str, str] = {output.name: "it does not answer" for group in groups for output in group}

    def switch_off(group: list[Output]) -> None:
        for output in group:
            try:
                output.switch_off()
                del problems[output.name]
            except Exception as error:  # noqa: BLE001 - a backend may raise anything, and the rest must go off
                problems[output.name] = f"{type(error).__name__}: {error}"

    # Threads of their own: on simulated pins a user's callback runs in the middle of the write.
    workers = [threading.Thread(target=switch_off, args=(group,), name="labkit-stop", daemon=True) for group in groups]
    for worker, group in zip(workers, groups, strict=True):
        try:
            worker.start()
        except RuntimeError:
            # Python 3.12 and later start no thread once the interpreter is ending.
            switch_off(group)
    left = Countdown(PIN_S)
    for worker in workers:
        if worker.ident is not None:
            worker.join(left.seconds)
    return [f"{name}: {why}" for name, why in sorted(problems.items())]
