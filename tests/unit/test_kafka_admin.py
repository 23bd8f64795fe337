"""Topics of a cluster whose brokers do not all know the same yet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from incidentlog.client import AccessDenied
from incidentlog.client.kafka.admin import KafkaAdmin

UNKNOWN, FORBIDDEN = 3, 29
PARTITION = {"replicas": [1, 2, 3], "isr": [1, 2], "leader": 1}


class Brokers:
    """They list `topics`, and each time they are asked for settings the next one answers, with one of `codes`."""

    def __init__(self, topics: list[str], *codes: int) -> None:
        self.topics, self.codes = topics, list(codes)

    async def describe_topics(self) -> list[dict[str, Any]]:
        return [{"topic": name, "partitions": [PARTITION] * 2} for name in self.topics]

    async def describe_configs(self, asked: list[Any]) -> list[Any]:
        code = self.codes.pop(0)
        if code == UNKNOWN and not self.codes:
            self.topics = []
        entries = [] if code else [("cleanup.policy", "compact", False, False, False)]
        return [SimpleNamespace(resources=[(code, "", 2, each.name, entries) for each in asked])]


async def test_a_broker_that_does_not_know_of_a_topic_yet_is_asked_again() -> None:
    brokers = Brokers(["one", "other"], UNKNOWN, 0)
    found = await KafkaAdmin(brokers, "kafka:9092").describe(["one", "missing"])
    assert list(found) == ["one"]
    assert (found["one"].partitions, found["one"].replication) == (2, 3)
    assert found["one"].settings == {"cleanup.policy": "compact"}
    assert brokers.codes == []


async def test_a_topic_that_goes_meanwhile_is_not_there() -> None:
    assert await KafkaAdmin(Brokers(["one"], UNKNOWN), "kafka:9092").describe(["one"]) == {}


async def test_settings_that_may_not_be_read_are_told() -> None:
    with pytest.raises(AccessDenied, match="may not tell the settings of topic one at kafka:9092"):
        await KafkaAdmin(Brokers(["one"], FORBIDDEN), "kafka:9092").describe(["one"])
