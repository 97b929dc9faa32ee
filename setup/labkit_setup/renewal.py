"""When a certificate is due for renewal: pure questions about bytes, names and a time."""

from datetime import datetime

from .leaf import BadLeaf, Leaf
from .subject import Subject

__all__ = ["due", "ends_soon"]


def ends_soon(leaf: Leaf, now: datetime) -> bool:
    """Whether no more than a third of its life is left.

    A third of 89 days is a month in which a machine may be switched off, or a person notice.
    """
    return now >= leaf.ends - leaf.life / 3


def due(leaf: Leaf, authority: bytes, subject: Subject, now: datetime) -> str | None:
    """Why a new certificate has to be issued, in words that fit after "The certificate"; None if it need not.

    Args:
        leaf: What is served.
        authority: The certificate of the authority that browsers trust, PEM.
        subject: The names and addresses that a new certificate would be for.
        now: With a time zone.
    """
    try:
        leaf.check(now)
    except BadLeaf as fault:
        return str(fault)
    if not leaf.is_issued_by(authority):
        return "is from another authority"
    if ends_soon(leaf, now):
        return f"has no more than a third of its life left (until {leaf.ends:%Y-%m-%d})"
    if not leaf.subject.same_as(subject):
        return f"is for other names or addresses than this host has now ({_changes(leaf.subject, subject)})"
    return None


def _changes(served: Subject, wanted: Subject) -> str:
    before = {str(one) for one in (*served.names, *served.addresses)}
    after = {str(one) for one in (*wanted.names, *wanted.addresses)}
    new, gone = sorted(after - before), sorted(before - after)
    parts = ([f"new: {', '.join(new)}"] if new else []) + ([f"gone: {', '.join(gone)}"] if gone else [])
    return "; ".join(parts)
