"""Records on their way out, and the batches they travel in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiokafka.errors import IllegalOperation

#: Key, value and headers.
Outgoing = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
#: What one transaction writes, by (topic, partition), in order.
Outbox = dict[tuple[str, int], list[Outgoing]]

NO_HEADERS: list[tuple[str, bytes]] = []
#: Bytes of a batch; a larger record travels alone.
BATCH_BYTES = 1 << 19
#: A roll-up row lists its contributions: Kafka's usual megabyte is not enough.
LARGEST_RECORD = 16 << 20


def batches(producer: Any, records: Iterable[Outgoing]) -> Iterator[Any]:
    """The records in as many batches as they need; an empty batch takes any one record."""
    batch = producer.create_batch()
    for key, value, headers in records:
        if batch.append(key=key, value=value, headers=headers, timestamp=None) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, headers=headers, timestamp=None)
    yield batch


async def send(producer: Any, outbox: Mapping[tuple[str, int], Iterable[Outgoing]]) -> None:
    """Append the records to their partitions, acknowledged; of several batches that fail, the first is told."""
    sent: list[Any] = []
    try:
        for (topic, partition), records in outbox.items():
            for batch in batches(producer, records):
                sent.append(await producer.send_batch(batch, topic, partition=partition))
                sent[-1].add_done_callback(_heard)
    except IllegalOperation:  # the transaction is over already, and one of those before knows why
        await asyncio.gather(*sent)
        raise
    await asyncio.gather(*sent)


def _heard(sent: Any) -> None:
    # A failure that nobody asks for would be complained about when its future is gone.
    if not sent.cancelled():
        sent.exception()
