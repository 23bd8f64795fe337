"""The embedded broker, run for real: it starts, keeps what it should, says what is wrong, and never outlives anyone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from incidentlog.local import (
    Broker,
    BrokerExited,
    BrokerNotReady,
    FolderInUse,
    JarsUnavailable,
    PortTaken,
)
from incidentlog.local.config import Ports
from incidentlog.local.jars import REPOSITORY_VARIABLE
from incidentlog.local.places import CACHE_VARIABLE
from incidentlog.local.ports import choose_ports
from incidentlog.local.readiness import PROBE_TOPIC
from support.waiting import gone

pytestmark = pytest.mark.integration

OWNER = """
import asyncio, sys
from pathlib import Path
from incidentlog.local import Broker
async def main():
    async with Broker(Path(sys.argv[1]) if len(sys.argv) > 1 else None) as broker:
        print(broker.pid, broker.data, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def topics(bootstrap: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return list(await admin.list_topics())
    finally:
        await admin.close()


async def append(bootstrap: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=16 * 1024 * 1024) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(bootstrap: str, topic: str) -> list[bytes]:
    """All values of partition 0, to its end."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        values = []
        while await consumer.position(partition) < end:
            values.append((await consumer.getone()).value)
        return values
    finally:
        await consumer.stop()


@contextmanager
def listening() -> Iterator[int]:
    """The port of a program that listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def nobody() -> str:
    """An address where nobody listens."""
    with listening() as port:
        return f"http://127.0.0.1:{port}"


async def test_a_temporary_broker_runs_beside_another_takes_records_and_leaves_nothing(
    bootstrap: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(REPOSITORY_VARIABLE, nobody())  # the other has fetched the jars: no network is needed
    topic, heard = f"events-{uuid.uuid4().hex[:8]}", list[tuple[str, int, int]]()
    await create(bootstrap, topic)
    async with Broker(progress=lambda *said: heard.append(said)) as broker:
        assert heard[-1] == (f"Kafka 4.3.1 answers on {broker.bootstrap}", 1, 1)
        assert [done for _, done, _ in heard] == [0, 1]
        assert not [record for record in caplog.records if record.name.startswith("aiokafka")], "the client is quiet"
        assert broker.bootstrap != bootstrap
        assert await topics(broker.bootstrap) == [PROBE_TOPIC], "they share nothing"
        await create(broker.bootstrap, topic)
        await append(broker.bootstrap, topic, b"one", b"two")
        assert await read(broker.bootstrap, topic) == [b"one", b"two"]
        assert await read(bootstrap, topic) == []
        process, data = psutil.Process(broker.pid), broker.data
        assert data.exists()
        waiting = asyncio.create_task(broker.wait_closed())
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await waiting
    await gone(process)
    assert not data.exists()


async def test_records_stay_whoever_is_killed_until_the_data_are_damaged(tmp_path: Path) -> None:
    """One folder through the lives of six brokers."""
    data = tmp_path / "data"
    *processes, kept = await asyncio.to_thread(killed_owner, str(data))
    await gone(*processes)
    assert kept == data
    await _too_slow(data)
    broker = Broker(data)  # so there is no lock of the owner who was killed, nor of the broker that was too slow
    await broker.start()
    await _refused(broker)
    await create(broker.bootstrap, "events")
    await append(broker.bootstrap, "events", b"kept")
    os.kill(broker.pid, signal.SIGKILL)
    with pytest.raises(BrokerExited):
        await broker.wait_closed()
    await broker.stop()
    large = os.urandom(9 * 1024 * 1024)
    async with Broker(data) as broker:
        assert await read(broker.bootstrap, "events") == [b"kept"]
        await append(broker.bootstrap, "events", large)
        before = broker.bootstrap
    async with Broker(data) as broker:
        assert broker.bootstrap != before, "the ports are not part of the data"
        assert await read(broker.bootstrap, "events") == [b"kept", large]
        log = broker.log
    (data / "kafka" / "meta.properties").write_text("version=99\n")
    for _ in range(2):  # and nothing is left in the way of the next
        with pytest.raises(BrokerNotReady, match="choose another folder") as failed:
            await Broker(data).start()
        assert failed.value.log == log
        assert any("meta.properties version number 99" in line for line in failed.value.lines)


async def _too_slow(data: Path) -> None:
    """A broker that is too slow is ended."""
    with pytest.raises(BrokerNotReady, match=r"did not answer within 0\.05 s"):
        await Broker(data, start_seconds=0.05).start()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(data) in " ".join(p.info["cmdline"] or [])]


async def _refused(broker: Broker) -> None:
    """A port that a broker has and a folder in use are refused with its address."""
    port = int(broker.bootstrap.rpartition(":")[2])
    with pytest.raises(PortTaken, match=f"a Kafka broker answers there; use it with `--bootstrap 127.0.0.1:{port}`"):
        await Broker(port=port).start()
    with pytest.raises(FolderInUse, match=broker.bootstrap) as refused:
        await Broker(broker.data).start()
    assert refused.value.pid == broker.pid


async def test_a_broker_killed_underneath_is_told_with_its_status_and_log() -> None:
    broker = Broker()
    await broker.start()
    waiting = asyncio.create_task(broker.wait_closed())
    os.kill(broker.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        with pytest.raises(BrokerExited, match="killed by signal 9") as ended:
            await waiting
    assert ended.value.status == -signal.SIGKILL
    await broker.stop()
    assert ended.value.log.exists(), "also when the broker's own folder is gone"


async def test_a_port_taken_by_another_program_is_refused() -> None:
    with listening() as port, pytest.raises(PortTaken, match=f"port {port} .* another program") as taken:
        await Broker(port=port).start()
    assert not taken.value.kafka


async def test_a_port_lost_between_choice_and_start_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[Ports] = []

    async def unlucky_first(port: int) -> Ports:
        ports = await choose_ports(port)
        chosen.append(ports if chosen else Ports(lost, ports.controller))
        return chosen[-1]

    monkeypatch.setattr("incidentlog.local.node.choose_ports", unlucky_first)
    # Bound, but it does not listen: whoever asks finds nobody there, and yet the port cannot be had.
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        lost = holder.getsockname()[1]
        async with Broker() as broker:
            assert broker.bootstrap == chosen[1].bootstrap != chosen[0].bootstrap


def killed_owner(*arguments: str) -> tuple[psutil.Process, psutil.Process, Path]:
    """A program with a broker that was killed: the JVM, its keeper, and where the data were."""
    with subprocess.Popen([sys.executable, "-c", OWNER, *arguments], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pid, data = owner.stdout.readline().split()
        jvm = psutil.Process(int(pid))
        keeper = jvm.parent()
        assert keeper is not None
        owner.kill()
    return jvm, keeper, Path(data.decode())


async def test_a_killed_program_leaves_no_broker_and_no_temporary_folder() -> None:
    *processes, data = killed_owner()
    await gone(*processes)
    assert not data.exists()


def test_an_interrupted_program_leaves_no_broker(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as owner:
        assert owner.stdout is not None
        pid, data = owner.stdout.readline().split()
        jvm = psutil.Process(int(pid))
        os.killpg(owner.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        owner.wait()
        assert not Path(data.decode()).exists()
    asyncio.run(gone(jvm))


async def test_without_network_and_cache_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setenv(REPOSITORY_VARIABLE, nobody())
    with pytest.raises(JarsUnavailable, match="connect to the network once"):
        await Broker().start()
