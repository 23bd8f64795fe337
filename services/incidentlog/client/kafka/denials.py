"""What a cluster's authorizer refuses, as errors that say who may not do what to which thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from incidentlog.client.errors import AccessDenied
from incidentlog.client.login import principal

_KINDS: Mapping[type[KafkaError], str] = {
    TopicAuthorizationFailedError: "topic",
    GroupAuthorizationFailedError: "group",
    TransactionalIdAuthorizationFailed: "transactional id",
}
_NOWHERE = {"write": "any topic"}


class Doing(NamedTuple):
    """What is done (`operation`, a verb) to what, by whom: for an error that does not say it itself."""

    operation: str = "use"
    name: str = ""
    principal: str = "User:ANONYMOUS"

    @classmethod
    def by(cls, options: Mapping[str, Any], operation: str, name: str = "") -> Doing:
        """What is done by whoever connects with these keywords."""
        return cls(operation, name, principal(options))


def denied(error: BaseException | None, address: str, doing: Doing) -> AccessDenied | None:
    """The refusal in an error of aiokafka's or among its causes; None if it is no refusal."""
    for each in _causes(error):
        if isinstance(each, ClusterAuthorizationFailedError):
            # Whoever may write to no topic at all does not even get the number that makes repetition harmless.
            return AccessDenied(
                address, doing.principal, doing.operation, _NOWHERE.get(doing.operation, "the cluster"), ""
            )
        if isinstance(each, KafkaError) and (kind := _KINDS.get(type(each))):
            return AccessDenied(address, doing.principal, doing.operation, kind, _named(each) or doing.name)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it, each once: those of a lost connection may come to be each other's cause."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def _named(error: KafkaError) -> str:
    """The things the error names, if it names any; a sentence is no name."""
    named = error.args[0] if error.args else ""
    names = [named] if isinstance(named, str) else sorted(map(str, named))
    return ", ".join(name for name in names if " " not in name)
