"""What takes longer than a page's message may: done one after the other on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from labkit.clock import report_errors

__all__ = ["Errands"]


class Errands:
    """Callable from any thread. The thread starts at the first errand, and waits for more at no cost."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Callable[[], None]] = {}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, key: Hashable, errand: Callable[[], None]) -> None:
        """Do it soon, in place of what waits under the same key: only the newest matters."""
        with self._wake:
            self._waiting[key] = errand
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="labkit-plots", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting:
                    self._wake.wait()
                errand = self._waiting.pop(next(iter(self._waiting)))
            report_errors(errand)
            del errand
