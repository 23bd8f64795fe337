"""How a cluster's topics differ from what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker, TopicState
from incidentlog.schemas.topics import Topic, Topics

#: Settings where more than what is asked for is as good.
_AT_LEAST = frozenset({"max.message.bytes"})
#: Settings where less than what is asked for is as good.
_AT_MOST = frozenset({"max.compaction.lag.ms"})
#: Settings that only tune: a cluster's own choice is nobody's fault.
_TUNING = frozenset({"min.cleanable.dirty.ratio", "segment.bytes"})
_ALTER = "kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config {setting}={expected}"
_REASSIGN = "what lies on too few brokers goes with them; mend it: kafka-reassign-partitions.sh --execute with the replicas wanted"
_LOSES = {
    "cleanup.policy": "with another policy records are lost or pile up",
    "retention.ms": "events older than that are deleted and cannot be replayed",
    "retention.bytes": "the oldest events are deleted once the topic is that large",
    "message.timestamp.type": "whoever writes with a clock that is an hour ahead is refused",
    "max.compaction.lag.ms": "erased paraphrases stay on the brokers' disks longer",
    "max.message.bytes": "larger rows are refused, which stops the worker",
    "min.insync.replicas": "less loses what one lost broker alone had acknowledged, more stops writing when one is away",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic is not as it should be: `setting` is `topic`, `partitions`, `replication` or a topic
    setting."""

    topic: str
    setting: str
    expected: str
    found: str
    advice: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, should be {self.expected}: {self.advice}"


async def check(broker: str | Broker, topics: Topics | None = None) -> list[Difference]:
    """All differences, in the order of the topics; empty if there are none."""
    wanted = (topics or Topics()).all()
    async with broker_at(broker).admin() as admin:
        existing = await admin.describe([topic.name for topic in wanted])
    return [difference for topic in wanted for difference in _compare(topic, existing.get(topic.name))]


def _compare(topic: Topic, state: TopicState | None) -> Iterator[Difference]:
    if state is None:
        yield Difference(topic.name, "topic", "there", "missing", "run `incidentlog topics apply`")
        return
    if state.partitions != topic.partitions:
        yield Difference(topic.name, "partitions", str(topic.partitions), str(state.partitions), _recount(topic))
    if topic.replication and state.replication != topic.replication:
        yield Difference(topic.name, "replication", str(topic.replication), str(state.replication), _REASSIGN)
    for setting, expected in topic.settings.items():
        found = state.settings.get(setting, "not set")
        if not _fits(setting, expected, found):
            command = _ALTER.format(name=topic.name, setting=setting, expected=expected)
            yield Difference(
                topic.name, setting, expected, found, f"{_LOSES.get(setting, 'it differs')}; mend it: {command}"
            )


def _recount(topic: Topic) -> str:
    if topic.kind == "stream" and topic.partitions > 1:
        return ("a cell's partition depends on the count, and all event topics need the same; stop the workers, publish its "
                "history into a prefix whose topics have equal counts, and never add partitions")  # fmt: skip
    return "what is in it stands on other partitions than where it is looked for; replay into a new version"


def _fits(setting: str, expected: str, found: str) -> bool:
    if setting in _AT_LEAST and found.isdigit():
        return int(found) >= int(expected)
    if setting in _AT_MOST and found.isdigit():
        return int(found) <= int(expected)
    if setting in _TUNING:
        return True
    return set(expected.split(",")) == set(found.split(","))
