"""Before the start: the broker answers, the topics are there, and they are partitioned alike."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from incidentlog.client.login import principal
from incidentlog.client.security import connection, tls_problem
from incidentlog.schemas.topics import OFFICIAL_ACTIONS, ROLLUPS
from incidentlog.worker.access import check_group, check_topics, concealment, entering
from incidentlog.worker.cluster import TopicState, describe
from incidentlog.worker.errors import (
    AccessMissing,
    BrokerUnreachable,
    NotLetIn,
    PartitionsDiffer,
    TopicsMissing,
    WorkerError,
)
from incidentlog.worker.quiet import silenced
from incidentlog.worker.settings import WorkerSettings

_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Layout:
    """How many partitions there are: `partitions` of events, statements and estimates, `counts` of each topic; and each
    topic's identity, for as long as it is not made anew."""

    partitions: int
    counts: dict[str, int]
    ids: dict[str, str] = field(default_factory=dict)


async def check(settings: WorkerSettings) -> Layout:
    """The layout of the cluster's topics; raises a WorkerError for what is not as it must be.

    Tries again for as long as the settings' patience lasts.
    """
    deadline = asyncio.get_running_loop().time() + settings.patience
    while True:
        try:
            return await _checked(settings)
        except (NotLetIn, AccessMissing):
            raise  # waiting does not help
        except WorkerError:
            if asyncio.get_running_loop().time() >= deadline:
                raise
        await asyncio.sleep(_PAUSE)


async def _checked(settings: WorkerSettings) -> Layout:
    options, bootstrap = connection(), settings.bootstrap
    admin: Any = AIOKafkaAdminClient(**options, bootstrap_servers=bootstrap)
    try:
        with silenced("aiokafka"):
            await admin.start()
        return await _asked(admin, settings, principal(options))
    except (KafkaError, OSError) as error:
        if why := await tls_problem(bootstrap, options):
            raise BrokerUnreachable(bootstrap, f"no TLS: {why}") from error
        raise await entering(bootstrap) or BrokerUnreachable(bootstrap, f"{type(error).__name__}: {error}") from error
    finally:
        await admin.close()


async def _asked(admin: Any, settings: WorkerSettings, who: str) -> Layout:
    client = admin._client  # noqa: SLF001 - aiokafka's own request knows no identities
    found = await describe(client)
    check_topics(settings.topics, found, who)
    try:
        layout = _layout(settings, found)
    except TopicsMissing as error:
        raise await concealment(client, error.missing) or error from None
    if connection():  # else nobody asks who a worker is
        await check_group(admin, settings.group, who)
    return layout


def _layout(settings: WorkerSettings, found: Mapping[str, TopicState]) -> Layout:
    topics, counts = settings.topics, {name: state.partitions for name, state in found.items()}
    alike = [*topics.counted, *topics.official, topics.statements, topics.contributions]
    alike += [topics.rows("estimates"), topics.rows(OFFICIAL_ACTIONS)]
    needed = [*alike, topics.dead_letters, *map(topics.rows, ROLLUPS)]
    missing = [topic for topic in needed if not counts.get(topic)]
    if missing:
        raise TopicsMissing(missing)
    if len({counts[topic] for topic in alike}) > 1:
        raise PartitionsDiffer({topic: counts[topic] for topic in alike})
    return Layout(
        counts[topics.statements],
        {topic: counts[topic] for topic in needed},
        {topic: found[topic].id for topic in needed},
    )
