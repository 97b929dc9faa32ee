"""How often a password may be tried: delays that grow, end, and never shut the owner out."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

__all__ = ["Limits", "Throttle", "source_of"]


@dataclass(frozen=True)
class Limits:
    """How patient to be; times in seconds.

    Attributes:
        free: Tries from one address without a delay.
        longest: The longest delay; each wrong try doubles it until then, beginning with one second.
        memory: After that long without a try an address is forgotten.
        burst: Tries at once from all addresses that have been wrong before.
        interval: After that long they are allowed one more.
        strangers_burst: As `burst`, for addresses that have not tried yet.
        strangers_interval: As `interval`, for those.
        addresses: So many are remembered.
    """

    free: int = 5
    longest: float = 60.0
    memory: float = 900.0
    burst: int = 10
    interval: float = 1.0
    strangers_burst: int = 20
    strangers_interval: float = 0.5
    addresses: int = 4096


class Throttle:
    """Counts tries. Times are seconds of a clock that never goes back; the caller reads it.

    Each address has a delay of its own, and all of them together a rate: a guesser with many addresses is slowed
    down, too. The owner still gets in from anywhere else, since an address that has not been wrong draws from
    another allowance than those that have, and one that was right before from none. Nobody is shut out for good.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        """Nobody has tried yet."""
        self._limits = limits
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        # Only who has the password can make it grow.
        self._known: set[str] = set()
        self._wrong = _Allowance(limits.burst, limits.interval)
        self._strangers = _Allowance(limits.strangers_burst, limits.strangers_interval)

    def ask(self, address: str, now: float) -> float:
        """How long to wait before a try from this address; 0 counts it as one that was made.

        It counts as wrong until `succeeded` is called, so that many at once gain nothing.
        """
        source = source_of(address)
        tries = self._recall(source, now)
        if (delay := tries.until - now) > 0:
            return delay
        if source not in self._known:
            allowance = self._wrong if tries.count else self._strangers
            if (delay := allowance.draw(now)) > 0:
                return delay
        tries.count += 1
        tries.last = now
        beyond = tries.count - self._limits.free
        if beyond >= 0:
            tries.until = now + min(self._limits.longest, 2.0 ** min(beyond, 30))
        self._remember(source, tries)
        return 0.0

    def succeeded(self, address: str) -> None:
        """The try was right: the address starts afresh, and is known from now on."""
        source = source_of(address)
        self._known.add(source)
        self._tries.pop(source, None)

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._tries)

    def _recall(self, source: str, now: float) -> "_Tries":
        tries = self._tries.get(source, _Tries())
        if now - tries.last > self._limits.memory and now > tries.until:
            return _Tries()
        return tries

    def _remember(self, source: str, tries: "_Tries") -> None:
        self._tries[source] = tries
        self._tries.move_to_end(source)
        if len(self._tries) > self._limits.addresses:
            self._tries.popitem(last=False)


@dataclass
class _Tries:
    count: int = 0
    until: float = 0.0
    last: float = 0.0


class _Allowance:
    """A token bucket, kept as the time at which it will be full again."""

    def __init__(self, burst: int, interval: float) -> None:
        self._span = burst * interval
        self._interval = interval
        self._full = float("-inf")

    def draw(self, now: float) -> float:
        """Take one, or say in how many seconds there will be one."""
        full = max(self._full, now) + self._interval
        if (missing := full - now - self._span) > 0:
            return missing
        self._full = full
        return 0.0


def source_of(address: str) -> str:
    """What counts as one address: an IPv6 network of 64 bits is one machine's to choose from."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((parsed, 64), strict=False))
