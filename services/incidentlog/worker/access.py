"""What a worker needs to be let do, asked before it starts and told where it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from incidentlog.client.kafka.denials import Doing, denied
from incidentlog.client.kafka.entering import refusal
from incidentlog.client.login import principal
from incidentlog.client.security import connection
from incidentlog.schemas.topics import PROJECTIONS, ROLLUPS, Topics
from incidentlog.worker.cluster import READ, WRITE, TopicState, hidden, may_with_group
from incidentlog.worker.errors import AccessMissing, NotLetIn

#: A cluster that has just started needs a moment to find out who keeps a group.
_ATTEMPTS, _PAUSE = 100, 0.1


def check_topics(topics: Topics, found: Mapping[str, TopicState], who: str) -> None:
    """AccessMissing if a worker may not do with a topic that it sees what it will."""
    state = [topics.statements, topics.contributions]
    reads = [*topics.counted, *topics.official, *state, *map(topics.rows, ROLLUPS)]
    writes = [*state, topics.dead_letters, *map(topics.rows, PROJECTIONS)]
    for number, operation, names in ((READ, "read", reads), (WRITE, "write", writes)):
        missing = [name for name in names if name in found and number not in found[name].may]
        if missing:
            raise AccessMissing(who, operation, missing)


async def check_group(admin: Any, group: str, who: str) -> None:
    """AccessMissing if a worker may not be one of its group: the engine would wait for that without end."""
    for _ in range(_ATTEMPTS):
        try:
            may = await may_with_group(admin, group)
        except GroupAuthorizationFailedError as error:
            raise AccessMissing(who, "join", [group]) from error
        except KafkaError as error:
            if not error.retriable:
                raise
        else:
            if READ not in may:
                raise AccessMissing(who, "join", [group])
            return
        await asyncio.sleep(_PAUSE)


async def concealment(client: Any, names: Iterable[str]) -> AccessMissing | None:
    """Why topics are not to be seen, if it is not that they are not there; `client` is connected, aiokafka's."""
    found = await hidden(client, names)
    return AccessMissing(principal(connection()), "see", found) if found else None


def denial(error: BaseException | None, operation: str, name: str = "") -> AccessMissing | None:
    """The refusal in an error of aiokafka's; None if there is none."""
    found = denied(error, "", Doing.by(connection(), operation, name))
    return None if found is None else AccessMissing(found.principal, found.operation, [found.name or found.kind])


async def entering(bootstrap: str) -> NotLetIn | None:
    """Why this worker is not let in any more, as when its password was changed; None where it is."""
    refused = await refusal(bootstrap, connection())
    return None if refused is None else NotLetIn(refused)
