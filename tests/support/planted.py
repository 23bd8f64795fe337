"""Dead letters planted where numbers are shown, and what is said of them there."""

from __future__ import annotations

from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.schemas.codec import encode
from incidentlog.schemas.dead_letters import Origin
from incidentlog.schemas.topics import Topics
from support.articles import event

#: The number that is touched, and one that is not.
TOUCHED, UNTOUCHED = "rescued/VNM/KHM", "rescued/MYS/KHM"
RESCUED = "rescued-by-nationality"


async def plant(broker: Broker, topics: Topics, at: int = 0) -> None:
    """A dead letter that holds a claim which the log has: redriven, it changes no number."""
    lay = Origin(topics.events("RescueReported"), 0, 1_000_000 + at)
    headers = [
        ("reason", "wrong_key"),
        ("topic", lay.topic),
        ("partition", str(lay.partition)),
        ("offset", str(lay.offset)),
        ("event_type", "RescueReported"),
    ]
    place = TopicPartition(topics.dead_letters, 0)
    async with broker.producer() as producer:
        batch = producer.batch()
        batch.append(
            TOUCHED.lower().encode(), encode(event("S2-03")), [(name, value.encode()) for name, value in headers]
        )
        await (await producer.send(place, batch))


async def plant_unreadable(broker: Broker, topics: Topics) -> None:
    """A dead letter of which only the topic says what it would have been."""
    headers = [
        ("reason", b"invalid_json"),
        ("topic", topics.events("RescueReported").encode()),
        ("partition", b"0"),
        ("offset", b"7"),
    ]
    async with broker.producer() as producer:
        batch = producer.batch()
        batch.append(b"?", b"{", headers)
        await (await producer.send(TopicPartition(topics.dead_letters, 0), batch))
