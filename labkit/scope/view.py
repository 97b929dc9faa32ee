"""What one view of a scope in one page was sent, and what it may be sent yet."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["View"]

NS_PER_S = 1_000_000_000
# Pictures that may be under way: a third of a second, so that a page at the other end of a house gets all sixty.
CREDIT, COMM_CREDIT = 20, 6
COMM_FRAME_NS = NS_PER_S // 31
# Where nothing happens, pages still have to know until when nothing did.
SILENCE_NS = NS_PER_S // 5
# A standing picture that changes faster is read by nobody.
CAPTURE_NS = NS_PER_S // 20


@dataclass
class View:
    """A view's account. Its scope has the lock.

    Attributes:
        is_cheap: Messages cost little: the page came by the server's extension.
        is_live: It follows; else it looks at history, and asks for itself.
        column: From which column on it has to be sent what there is; None for everything.
        sent, painted: The numbers of the newest picture sent, and of the newest that it has painted.
        sent_ns: When, in real time, it was sent the last one.
        capture_ns: The instant of the standing picture that it was sent last.
    """

    is_cheap: bool
    is_live: bool = True
    column: int | None = None
    sent: int = 0
    painted: int = 0
    sent_ns: int = 0
    capture_ns: int | None = None

    @property
    def is_due(self) -> bool:
        """Whether it has painted enough of what it was sent to be sent more."""
        return self.sent - self.painted < (CREDIT if self.is_cheap else COMM_CREDIT)

    def waits(self, real_ns: int, is_silent: bool) -> bool:
        """Whether it is too early for the next picture."""
        pause_ns = SILENCE_NS if is_silent else 0 if self.is_cheap else COMM_FRAME_NS
        return real_ns - self.sent_ns < pause_ns

    def start(self) -> None:
        """From the beginning: it is new, or what was under way may be lost."""
        self.column = self.capture_ns = None
        self.painted = self.sent
