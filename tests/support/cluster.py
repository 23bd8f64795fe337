"""Three brokers of the tests' own, one cluster: each can be stopped, killed and started again with what it held."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from incidentlog.local.aot import AotCache
from incidentlog.local.child import Child, Job
from incidentlog.local.config import HOST, Ports, server_properties
from incidentlog.local.digests import KAFKA_VERSION
from incidentlog.local.errors import tail
from incidentlog.local.folder import new_id
from incidentlog.local.jars import JarStore, silent
from incidentlog.local.java import BROKER_MAIN, jvm_command, jvm_environment
from incidentlog.local.places import cache_folder
from incidentlog.local.ports import choose_ports
from incidentlog.local.template import bootstrap_checkpoint
from incidentlog.worker.quiet import silenced

BROKERS = (1, 2, 3)
REPLICATION = 3
START_SECONDS, STOP_SECONDS = 90.0, 30.0
#: Every topic on all three, the cluster's own ones too; a record is on two before it is acknowledged.
_SAFE = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "replica.lag.time.max.ms": "5000",
    "group.min.session.timeout.ms": "1000",  # tests need not wait as long as users
}


@dataclass(frozen=True)
class Partition:
    """Who keeps a partition: broker numbers, -1 for no leader."""

    topic: str
    leader: int
    replicas: frozenset[int]
    in_sync: frozenset[int]


class Cluster:
    """Brokers 1 to 3 in `folder`, each of them a controller too; `running` are those that are not ended."""

    def __init__(self, folder: Path, jars: list[Path], ports: dict[int, Ports]) -> None:
        self._folder, self._jars, self._ports = folder, jars, ports
        self.running: dict[int, Child] = {}
        self.bootstrap = ",".join(each.bootstrap for each in ports.values())

    @classmethod
    async def made(cls, folder: Path) -> Cluster:
        """A formatted one of which nothing runs yet."""
        cache = cache_folder() / f"kafka-{KAFKA_VERSION}"
        jars = list(await JarStore(cache / "jars").ready(silent))
        checkpoint = await bootstrap_checkpoint(cache, jars)
        cluster = cls(folder, jars, {number: await choose_ports(0) for number in BROKERS})
        identity = new_id()
        for number in BROKERS:
            records = folder / str(number) / "kafka"
            records.mkdir(parents=True)
            (records / "bootstrap.checkpoint").write_bytes(checkpoint)
            (records / "meta.properties").write_text(
                f"version=1\ncluster.id={identity}\nnode.id={number}\ndirectory.id={new_id()}\n"
            )
        return cluster

    async def start(self, *numbers: int) -> None:
        """Start brokers, or start them again; they need not have caught up yet: see `whole`."""
        for number in numbers:
            self.running[number] = await self._launch(number)

    async def stop(self, number: int) -> None:
        """Stop a broker as it should be: it hands over what it leads."""
        await self.running.pop(number).stop(STOP_SECONDS)

    async def kill(self, number: int) -> None:
        """End a broker at once."""
        child = self.running.pop(number)
        os.kill(child.pid, signal.SIGKILL)
        await child.stop(0)

    async def close(self) -> None:
        """End them all."""
        await asyncio.gather(*(child.stop(0) for child in self.running.values()))
        self.running.clear()

    async def whole(self, seconds: float = START_SECONDS) -> None:
        """Return when every partition has all its replicas in sync again, as an operator waits between two restarts."""
        async with asyncio.timeout(seconds):
            while True:
                partitions = await self.partitions()
                if partitions is not None and all(
                    each.leader > 0 and each.in_sync == each.replicas for each in partitions
                ):
                    return
                for number, child in self.running.items():
                    assert not child._ended.done(), tail(self._log(number))
                await asyncio.sleep(0.1)

    async def partitions(self) -> list[Partition] | None:
        """Who keeps what, as the running brokers say; None if none of them answers or not all of them are in."""
        addresses = [self._ports[number].bootstrap for number in self.running]
        admin = AIOKafkaAdminClient(bootstrap_servers=addresses, request_timeout_ms=5_000)
        try:
            with silenced("aiokafka"):
                await admin.start()
            known = {broker["node_id"] for broker in (await admin.describe_cluster())["brokers"]}
            topics = await admin.describe_topics()
        except (KafkaError, OSError, AttributeError):  # the client trips over a cluster without a controller yet
            return None
        finally:
            await admin.close()
        return (
            [_partition(topic["topic"], each) for topic in topics for each in topic["partitions"]]
            if (known >= self.running.keys())
            else None
        )

    async def leader(self, topic: str) -> int:
        """Who leads the topic's first partition."""
        return next(each.leader for each in await self.partitions() or () if each.topic == topic)

    async def _launch(self, number: int) -> Child:
        folder, ports = self._folder / str(number), self._ports[number]
        voters = ",".join(f"{other}@{HOST}:{each.controller}" for other, each in self._ports.items())
        own = {"node.id": str(number), "controller.quorum.voters": voters}
        properties = folder / "server.properties"
        properties.write_text(server_properties(ports, folder / "kafka", small=True, extra=_SAFE | own))
        cache = AotCache(cache_folder() / f"kafka-{KAFKA_VERSION}" / "aot", self._jars).cache
        flags = ["-Xmx256m", *([f"-XX:AOTCache={cache}"] if cache.exists() else [])]
        command = jvm_command(self._jars, BROKER_MAIN, str(properties), flags=flags)
        return await Child.start(Job(command, str(self._log(number)), str(folder)), jvm_environment())

    def _log(self, number: int) -> Path:
        return self._folder / str(number) / "broker.log"


def _partition(topic: str, told: Any) -> Partition:
    return Partition(topic, told["leader"], frozenset(told["replicas"]), frozenset(told["isr"]))


@asynccontextmanager
async def three_brokers(folder: Path) -> AsyncIterator[Cluster]:
    """A running cluster on an empty `folder`."""
    cluster = await Cluster.made(folder)
    try:
        await cluster.start(*BROKERS)
        await cluster.whole()
        yield cluster
    finally:
        await cluster.close()
