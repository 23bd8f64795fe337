"""Is everything live? Claims of their own, one for each partition number, followed through both stages into the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.tables import table
from support.generate import Produced
from support.publishing import recorded, rescue
from support.stack import Stack

#: Nobody else claims anything about them.
NATIONALITY = "XXA"


class Probes:
    """Rounds of claims on one stack: each adds one person to one cell of every partition number."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.rounds = stack, 0
        self.published: list[Produced] = []
        self._hosts = _hosts(stack.topics.partitions)

    async def live(self, seconds: float) -> None:
        """Publish a round, and return when it is in the rows and committed by both stages; TimeoutError otherwise."""
        self.rounds += 1
        wave = [_claim(host, self.rounds) for host in self._hosts]
        self.published += wave
        starts: Mapping[TopicPartition, int] = {}
        async with asyncio.timeout(seconds):
            while True:
                try:
                    starts = starts or await self.stack.real_ends(self._told)
                    return await self._through(wave, starts)
                except (KafkaError, OSError):  # the broker is not quite there yet
                    await asyncio.sleep(0.1)

    @property
    def _told(self) -> tuple[str, ...]:
        topics = self.stack.topics
        return topics.contributions, topics.rows("estimates"), topics.rows("rescued-by-nationality")

    async def _through(self, wave: list[Produced], starts: Mapping[TopicPartition, int]) -> None:
        await self.stack.publish(wave)
        ends = await self.stack.real_ends([self.stack.topics.events("RescueReported")])
        wanted = {f"rescued/{NATIONALITY}/{host}": self.rounds for host in self._hosts}
        wanted[NATIONALITY] = self.rounds * len(self._hosts)
        contributed = await self._seen(wanted, starts)
        await self.stack.committed_to(ends | contributed)

    async def _seen(self, wanted: dict[str, int], starts: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Wait for rows at least that high; how far the contributions to them go."""
        contributed: dict[TopicPartition, int] = {}
        async with AIOKafkaConsumer(
            bootstrap_servers=self.stack.bootstrap, isolation_level="read_committed", fetch_max_wait_ms=20
        ) as consumer:
            consumer.assign(list(starts))
            for tp, start in starts.items():
                consumer.seek(tp, start)
            while wanted:
                for tp, records in (await consumer.getmany(timeout_ms=100)).items():
                    if tp.topic == self.stack.topics.contributions:
                        contributed[tp] = records[-1].offset + 1
                    else:
                        wanted = _still(wanted, records)
        return contributed


def _still(wanted: dict[str, int], records: list[Any]) -> dict[str, int]:
    """What is wanted still, after these rows."""
    rows = [orjson.loads(record.value) for record in records if record.key.decode() in wanted and record.value]
    lows = {row["key"]: row["low"] for row in rows}
    return {key: low for key, low in wanted.items() if lows.get(key, 0) < low}


def _hosts(partitions: int) -> list[str]:
    """A host country for each partition number."""
    found: dict[int, str] = {}
    for host in sorted(table("labels")["countries"]):
        if not host.startswith("X"):
            found.setdefault(partition_of(f"rescued/{NATIONALITY}/{host}".encode(), partitions), host)
    return [found[number] for number in range(partitions)]


def _claim(host: str, number: int) -> Produced:
    day = f"{2000 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
    event = rescue(
        f"https://example.org/probe/{host}/{number}",
        "P-1",
        nationality=NATIONALITY,
        country=host,
        occasion=day,
        statement_key=f"probe|{host}|{number}",
        quantity={"low": 1, "best": 1, "high": 1, "qualifier": "exact", "stated": "1"},
        kind="increment",
        window={"edtf": day, "start": day, "end": day},
        grade="firm",
        prior_unknown=False,
        part_of=None,
        related=[],
        embargo_until=None,
        published={"edtf": day},
    )
    return recorded(event)
