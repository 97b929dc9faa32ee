"""One thread that takes part in virtual time."""

from __future__ import annotations

import enum
import threading
from _thread import allocate_lock, get_ident

__all__ = ["State", "Task"]


class State(enum.Enum):
    """What a task is doing; exactly one task is RUNNING, or none."""

    RUNNING = "runs"
    READY = "is about to run"
    WAITING = "waits"
    AWAY = "is outside"
    DONE = "is done"


class Task:
    """A participating thread's place in the scheduler.

    Everything here is guarded by the scheduler's mutex, but for `looks` and `spin_start_ns`,
    which only the task's own thread touches.

    Attributes:
        gate: Locked while the thread must not run; see `Scheduler._await_turn`.
        token: Numbers the task's waits; a heap entry with another token is stale.
        woken: Whether the last wait ended by a wake-up and not by its deadline.
        error: Raised in the task's thread as soon as it runs again.
        what: What it waits for, in words, where the stack alone does not tell.
        outside: It waits for something that a thread outside may do.
        lazy: It polls, and was put to sleep for good; see `Scheduler.hurry`.
        settles: A background poller that sees nothing new in that many looks never will; 0 for others.
        quiet: How many waits in a row ended without anything having happened.
    """

    __slots__ = (
        "daemon", "deadline_ns", "error", "gate", "ident", "joiners", "lazy", "looks", "name", "outside",
        "quiet", "seen", "settles", "since_ns", "spin_start_ns", "spins", "state", "steps", "thread", "token",
        "what", "woken",
    )  # fmt: skip

    def __init__(self, thread: threading.Thread, name: str, daemon: bool) -> None:
        self.thread = thread
        self.name = name
        self.daemon = daemon
        self.ident = 0
        self.gate = allocate_lock()
        self.gate.acquire()
        self.state = State.READY
        self.token = 0
        self.woken = False
        self.error: BaseException | None = None
        self.what: str | None = None
        self.outside = False
        self.deadline_ns: int | None = None
        self.since_ns = 0
        self.lazy = False
        self.settles = 0
        self.quiet = 0
        self.seen = 0
        self.joiners: list[Task] = []
        self.looks = 0
        self.steps = 0
        self.spin_start_ns = 0
        self.spins = False

    @classmethod
    def of_this_thread(cls) -> Task:
        thread = threading.current_thread()
        task = cls(thread, thread.name, thread.daemon)
        task.ident = get_ident()
        return task

    def progress(self) -> tuple[int, int]:
        """Changes whenever the thread calls the clock."""
        return self.steps, self.looks

    def __repr__(self) -> str:
        return f"<Task {self.name!r} {self.state.value}>"
