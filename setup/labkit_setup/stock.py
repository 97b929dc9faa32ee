"""Certificates issued beforehand, for a host whose authority's key is kept elsewhere or was thrown away."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .certs import CA, LEAF_LIFE
from .host import Host
from .leaf import BadLeaf, Leaf
from .renewal import ends_soon
from .subject import Subject

__all__ = ["Stock"]

# One begins when the one before it is due for renewal.
_STEP = LEAF_LIFE * 2 / 3


@dataclass(frozen=True)
class Stock:
    """A folder of certificates, one file each, that become valid one after the other until the authority ends.

    Each has a key of its own, for this host's names only: less to steal than a key that signs.
    """

    folder: Path

    def fill(self, host: Host, ca: CA, subject: Subject, now: datetime) -> None:
        """Replace what is there by certificates for `subject`, from now until the authority's end."""
        host.remove(self.folder)
        host.make_private_dir(self.folder)
        begin = now
        while begin < ca.ends - LEAF_LIFE / 3:
            host.write(self.folder / f"{begin.astimezone(UTC):%Y-%m-%d}.pem", ca.issue(subject, begin).pem)
            begin += _STEP

    def take(self, host: Host, authority: bytes, subject: Subject, now: datetime) -> Leaf | None:
        """The certificate for `subject` and now that lasts longest, if it lasts; the file stays where it is."""
        valid = [leaf for leaf in self._leaves(host, authority, subject) if _serves(leaf, now)]
        return max(valid, key=lambda leaf: leaf.ends, default=None)

    def reaches(self, host: Host, authority: bytes, subject: Subject) -> datetime | None:
        """Until when there are certificates for `subject`; None if there are none."""
        return max((leaf.ends for leaf in self._leaves(host, authority, subject)), default=None)

    def _leaves(self, host: Host, authority: bytes, subject: Subject) -> list[Leaf]:
        found = []
        for path in host.entries(self.folder):
            try:
                leaf = Leaf.parse(host.read_secret(path) or b"")
            except BadLeaf:
                continue
            if leaf.is_issued_by(authority) and leaf.subject.same_as(subject):
                found.append(leaf)
        return found


def _serves(leaf: Leaf, now: datetime) -> bool:
    try:
        leaf.check(now)
    except BadLeaf:
        return False
    return not ends_soon(leaf, now)
