"""What can go wrong between a program and the log. Each error says what, where and the next step."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from incidentlog.schemas.errors import IncidentlogError


class ClientError(IncidentlogError):
    """Root of what the client raises."""


class BrokerUnreachable(ClientError):
    """No Kafka broker answers at `address`."""

    def __init__(self, address: str, cause: object = "") -> None:
        self.address = address
        # What aiokafka says of an address where nobody listens is the address once more.
        why = f" ({cause})" if str(cause) and "Unable to bootstrap" not in str(cause) else ""
        super().__init__(f"no Kafka broker answers at {address}{why}: start one with `incidentlog up`, "
                         "or say where it is with --bootstrap or INCIDENTLOG_BOOTSTRAP")  # fmt: skip


class TlsFailed(BrokerUnreachable):
    """Somebody listens at `address`, but TLS does not come about; `why` is in OpenSSL's words."""

    def __init__(self, address: str, why: str) -> None:
        self.address, self.why = address, why
        ClientError.__init__(self, f"no TLS with {address}: {why}; see that this listener speaks TLS, that its certificate "
                             "names this address and is signed by one of INCIDENTLOG_SSL_CAFILE, and whether it asks for "
                             "INCIDENTLOG_SSL_CERTFILE")  # fmt: skip


class BrokerRefused(ClientError):
    """The broker at `address` answered, but will not do what was asked."""

    def __init__(self, address: str, cause: object) -> None:
        self.address = address
        super().__init__(f"the Kafka broker at {address} refused: {cause}; check the credentials and what they may do")


class AccessDenied(BrokerRefused):
    """The cluster at `address` does not let `principal` do something (`operation`) to the topic, group, transactional id or
    cluster (`kind`) called `name`."""

    def __init__(self, address: str, principal: str, operation: str, kind: str, name: str) -> None:
        self.address, self.principal, self.operation, self.kind, self.name = address, principal, operation, kind, name
        what = f"{kind} {name}" if name else kind
        ClientError.__init__(self, f"{principal} may not {operation} {what} at {address}: `incidentlog topics access` says which "
                             "role may, and grants it with --apply; or connect as somebody else, by "
                             "INCIDENTLOG_SASL_USERNAME")  # fmt: skip


class NoAuthorizer(BrokerRefused):
    """The cluster at `address` has nobody who watches over rights: everyone may do everything."""

    def __init__(self, address: str) -> None:
        self.address = address
        ClientError.__init__(self, f"the cluster at {address} has no authorizer, so everyone may do everything: set "
                             "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer, and super.users, "
                             "in the brokers' configuration")  # fmt: skip


class NotAuthenticated(ClientError):
    """The cluster at `address` does not take this program for `principal`; `why` is in its words, mostly."""

    def __init__(self, address: str, principal: str, why: str, step: str) -> None:
        self.address, self.principal, self.why = address, principal, why
        super().__init__(f"the Kafka broker at {address} does not let in {principal}: {why}; {step}")


class InsecureSetting(ClientError):
    """What `variable` of the environment says of securing connections cannot be used."""

    def __init__(self, variable: str, problem: str, step: str) -> None:
        self.variable, self.problem = variable, problem
        super().__init__(f"{variable} {problem}: {step}")


class TopicMissing(ClientError):
    """Topics that should exist do not; `names` are theirs."""

    def __init__(self, address: str, names: Iterable[str]) -> None:
        self.address, self.names = address, tuple(sorted(names))
        more = f" and {len(self.names) - 3} more" if len(self.names) > 3 else ""
        super().__init__(
            f"{', '.join(self.names[:3])}{more}: no such topic at {address}; run `incidentlog topics apply`"
        )


class UnknownProjection(ClientError):
    """There is no projection called `name`."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, tuple(known)
        near = get_close_matches(name, self.known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.known)}"
        super().__init__(f"no projection is called {name!r}: {hint}")


class PositionLost(ClientError):
    """The log no longer holds the offset a reader stands at: its topic was made anew or cut."""

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        self.topic, self.partition, self.offset = topic, partition, offset
        super().__init__(f"{topic} partition {partition} has no offset {offset} any more: the topic was made anew or "
                         "records were deleted; open the reader again to start from the beginning")  # fmt: skip


class BadRecord(ClientError):
    """A stored record that cannot be read; `reason` is a stable word, `detail` is for people."""

    def __init__(self, topic: str, partition: int, offset: int, reason: str, detail: str) -> None:
        self.topic, self.partition, self.offset = topic, partition, offset
        self.reason, self.detail = reason, detail
        super().__init__(f"{topic} partition {partition} offset {offset}: {reason}: {detail}; "
                         "`incidentlog dlq list` shows what the folds refused")  # fmt: skip


class NotOpen(ClientError):
    """Used outside its `async with`."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this {what} is not open: use it inside `async with {what}(...)`")
