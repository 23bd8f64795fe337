"""Records on their way out, and the batches they travel in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

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
