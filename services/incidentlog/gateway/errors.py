"""What a request can ask for that is not there, each as a type with the status that answers it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import ClassVar

from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.nearest import nearest

#: How many known names are compared with one that is not known, and how much of that is repeated.
_NEAR, _LONGEST = 100, 200


class RequestError(IncidentlogError):
    """A request that cannot be answered as asked. `status` is HTTP's; `slug` ends the problem's type URI."""

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    retry_after: int | None = None


class UnknownProjection(RequestError):
    """There is no projection of that name."""

    status = 404
    slug = "unknown-projection"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name[:_LONGEST], tuple(known)
        super().__init__(f"no projection is called {self.name!r}{nearest(self.name, self.known)}")


class UnknownKey(RequestError):
    """A projection shows no row under that key (yet). `known`, sorted, is told of as far as it lies near."""

    status = 404
    slug = "unknown-key"

    def __init__(self, projection: str, key: str, known: Sequence[str]) -> None:
        at = max(0, bisect_left(known, key) - _NEAR // 2)
        self.projection, self.key = projection, key[:_LONGEST]
        self.known = tuple(known if len(known) <= _NEAR else known[at : at + _NEAR])
        key = self.key
        none = "; it has no rows yet"
        super().__init__(f"{projection} has no key {key!r}" + (nearest(key, self.known) if self.known else none))


class UnknownClaim(RequestError):
    """There is no claim of that id."""

    status = 404
    slug = "unknown-claim"

    def __init__(self, claim: str, step: str = "`why` of a number lists those behind it") -> None:
        self.claim = claim[:_LONGEST]
        super().__init__(f"no claim has the id {self.claim!r}; {step}")


class NoNumbers(RequestError):
    """A projection without numbers was asked for what is behind one."""

    status = 404
    slug = "no-numbers"

    def __init__(self, projection: str) -> None:
        self.projection = projection
        super().__init__(f"{projection} holds no numbers to explain; ask for its rows")


class BadPosition(RequestError):
    """A position that cannot be waited for."""

    slug = "bad-position"

    def __init__(self, position: str, problem: str) -> None:
        self.position = position
        super().__init__(f"min_position={position!r} {problem}; it is TOPIC:PARTITION:OFFSET, as an answer gives it")


class NotThereYet(RequestError):
    """What a position led to is not in the rows within the time an answer waits."""

    status = 503
    slug = "not-there-yet"
    retry_after = 1

    def __init__(self, position: str, seconds: float) -> None:
        self.position, self.seconds = position, seconds
        super().__init__(f"what followed from {position} was not in the rows within {seconds:g} s; ask again")


class NotReady(RequestError):
    """Rows are not complete yet: the gateway has not caught up with the log since it started."""

    status = 503
    slug = "not-ready"
    retry_after = 1

    def __init__(self, projection: str) -> None:
        self.projection = projection
        super().__init__(f"{projection} is still being read from the log; ask again in a moment")


class TooBusy(RequestError):
    """A limit of this gateway is reached."""

    status = 503
    slug = "too-busy"
    retry_after = 5

    def __init__(self, what: str, limit: int) -> None:
        self.what, self.limit = what, limit
        super().__init__(f"{limit} {what} are open, which is all this gateway takes; try again later")


class Stopping(RequestError):
    """The gateway was asked to stop, and begins nothing more."""

    status = 503
    slug = "stopping"
    retry_after = 1

    def __init__(self) -> None:
        super().__init__("this gateway is stopping; ask again, and another one or its successor answers")

    @property
    def headers(self) -> dict[str, str]:
        """No further request comes on this connection."""
        return {"connection": "close"}


class PortTaken(IncidentlogError):
    """Where the gateway is to listen, it cannot."""

    def __init__(self, host: str, port: int, cause: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"the gateway cannot listen on {host}:{port} ({cause}); choose another port, 0 takes a free one"
        )


class GatewayStopped(IncidentlogError):
    """A gateway that was started here ended although nobody asked it to; `status` is negative for a signal."""

    def __init__(self, status: int | None, messages: str) -> None:
        self.status, self.messages = status, messages
        last = messages.strip().splitlines()[-1:]
        super().__init__("\n  ".join([f"the gateway ended by itself (exit status {status})", *last]))
