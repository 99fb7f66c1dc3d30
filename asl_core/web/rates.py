"""How much one address may ask, and one websocket say."""

import asyncio
import ipaddress
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from asl_core.web.refuse import refuse

BURST_SECONDS = 60
"""What an address may ask at once: what it may in this time. A class opens a page together."""

WEBSOCKET_COST = 10
"""Requests that a websocket counts for: a session costs more than a file."""

MAX_SOCKETS = 200
"""Websockets that one network address may have open: a class of 40 with a few tabs each."""

MAX_ADDRESSES = 10_000
"""Addresses that are counted at a time; those that asked longest ago are forgotten."""

NETWORK_BITS = 64
"""Of an IPv6 address; whoever has one has all with the same first bits."""

_TOO_MANY = 429
ASKS_TOO_MUCH = (
    "Too many requests come from your network. Wait a few seconds and load the page again."
)


@dataclass
class TokenBucket:
    """Fills at a rate up to a most; what is done takes something out.

    Attributes:
        per_second: how much comes in.
        most: it can hold, and holds at first.
    """

    per_second: float
    most: float
    _level: float = field(init=False)
    _at: float = field(init=False, default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._level = self.most

    def take(self, amount: float) -> float:
        """Take something out.

        Returns:
            0.0 if there was enough, else seconds until there will be; then nothing is taken.
        """
        now = time.monotonic()
        self._level = min(self.most, self._level + (now - self._at) * self.per_second)
        self._at = now
        if amount > self._level:
            return (amount - self._level) / self.per_second
        self._level -= amount
        return 0.0

    async def wait_for(self, amount: float) -> None:
        """Take something out, as soon as there is enough."""
        while seconds := self.take(amount):
            await asyncio.sleep(seconds)


class RequestLimit:
    """Refuses what an address asks beyond a rate.

    The address is that of the connection; from a proxy on this machine, what it says in
    `X-Forwarded-For` (uvicorn believes nobody else).

    Args:
        app: what gets the others.
        per_second: requests of one address.
    """

    def __init__(self, app: ASGIApp, per_second: float) -> None:
        self.app = app
        self._per_second = per_second
        self._open: Counter[str] = Counter()
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        cost = WEBSOCKET_COST if scope["type"] == "websocket" else 1
        network = network_of(scope)
        if scope["type"] == "websocket":
            if self._open[network] >= MAX_SOCKETS:
                await refuse(scope, receive, send, _TOO_MANY, ASKS_TOO_MUCH)
                return
            self._open[network] += 1
        try:
            await self._limited(scope, receive, send, network, cost)
        finally:
            if scope["type"] == "websocket":
                self._open[network] -= 1
                if not self._open[network]:
                    del self._open[network]

    async def _limited(
        self, scope: Scope, receive: Receive, send: Send, network: str, cost: int
    ) -> None:
        seconds = self._bucket(network).take(cost)
        if seconds:
            headers = {"Retry-After": str(int(seconds) + 1)}
            await refuse(scope, receive, send, _TOO_MANY, ASKS_TOO_MUCH, headers)
        else:
            await self.app(scope, receive, send)

    def _bucket(self, network: str) -> TokenBucket:
        if network not in self._buckets:
            self._buckets[network] = TokenBucket(self._per_second, self._per_second * BURST_SECONDS)
            if len(self._buckets) > MAX_ADDRESSES:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(network)
        return self._buckets[network]


def network_of(scope: Scope) -> str:
    """Whom a request comes from: an IPv4 address, or the network of an IPv6 one."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))
    return str(address)
