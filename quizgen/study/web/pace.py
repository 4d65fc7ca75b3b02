"""How often something may happen: guesses of codes by an address, requests of a learner."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

from starlette.requests import Request


class Limit:
    """How often something may happen for each of many: ``burst`` times at once, then once in so many ``seconds``.

    Safe for threads. Those for whom it happened least lately are forgotten when there are too many.
    """

    MOST = 10_000

    def __init__(self, burst: int, seconds: float) -> None:
        self.burst = burst
        self.seconds = seconds
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: Hashable, now: datetime) -> int:
        """Counts once: 0, or the seconds to wait if it may not happen now. A clock that was set back costs nothing."""
        time = now.timestamp()
        with self._lock:
            left, last = self._left.pop(key, (float(self.burst), time))
            left = min(self.burst, left + max(0.0, time - last) / self.seconds)
            may = left >= 1
            self._left[key] = (left - may, time)
            while len(self._left) > self.MOST:
                self._left.popitem(last=False)
        return 0 if may else max(1, ceil((1 - left) * self.seconds))

    def give_back(self, key: Hashable) -> None:
        """It did not count after all."""
        with self._lock:
            if key in self._left:
                left, last = self._left[key]
                self._left[key] = (left + 1, last)


def address(request: Request) -> str:
    """Where a request comes from, as far as limits go: all of a network of IPv6, which one person may have."""
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return str(found) if not isinstance(found, IPv6Address) else str(IPv6Address(int(found) >> 64 << 64))
