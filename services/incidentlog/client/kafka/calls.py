"""What all of aiokafka's clients share: errors turned into ours, topics looked up, an orderly end."""

# ruff: noqa: SLF001 - aiokafka has no public way to look up all topics at once

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.metadata import MetadataRequest

from incidentlog.client.errors import BrokerRefused, BrokerUnreachable, TopicMissing
from incidentlog.client.kafka.denials import Doing, denied

REQUEST_MS = 10_000
CLOSE_SECONDS = 3.0
_AWAY = (KafkaConnectionError, KafkaTimeoutError)


@contextmanager
def reaching(address: str, doing: Doing = Doing()) -> Iterator[None]:  # noqa: B008 - it does not change
    """Turn aiokafka's errors into ours; `doing` is what for, and who does it."""
    try:
        yield
    except OffsetOutOfRangeError:
        raise
    except (OSError, TimeoutError) as error:
        raise BrokerUnreachable(address, error) from error
    except KafkaError as error:
        if (denial := denied(error, address, doing)) is not None:
            raise denial from error
        if error.retriable or isinstance(error, _AWAY) or "metadata" in str(error):
            raise BrokerUnreachable(address, error) from error
        raise BrokerRefused(address, repr(error)) from error


async def closed(stop: Coroutine[Any, Any, None], connections: Any) -> None:
    """Stop a client, and its connections also where that fails: a fetch in its pause after an error, say, is cancelled,
    and the cancellation comes out of `stop`."""
    stopping = asyncio.create_task(stop)
    await asyncio.wait([stopping], timeout=CLOSE_SECONDS)
    if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
        stopping.cancel()
        await connections.close()


async def partition_counts(client: Any, topics: Iterable[str], address: str, doing: Doing = Doing()) -> dict[str, int]:  # noqa: B008
    """Counts from the metadata of all topics, since asking for a missing one by name can create it."""
    with reaching(address, doing):
        cluster = await client.fetch_all_metadata()
    counts = {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}
    missing = [topic for topic, count in counts.items() if not count]
    if missing:
        with reaching(address, doing):
            await _raise_if_hidden(client, missing)
        raise TopicMissing(address, missing)
    with reaching(address):
        await client.set_topics({*counts, *client._topics})  # else each is looked up on its own, 0.1 s apiece
    return counts


async def _raise_if_hidden(client: Any, topics: list[str]) -> None:
    """TopicAuthorizationFailedError, naming it, for a topic that may be there but not be seen by whoever asks."""
    answer = await client.send(client.get_random_node(), MetadataRequest(topics, allow_auto_topic_creation=False))
    for code, topic, *_ in answer.topics:
        if for_code(code) is TopicAuthorizationFailedError:
            raise TopicAuthorizationFailedError(topic)
