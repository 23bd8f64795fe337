"""The embedded broker, run for real: it starts, keeps what it should, says what is wrong, and never outlives anyone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
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


async def test_a_temporary_broker_takes_records_and_leaves_nothing() -> None:
    async with Broker() as broker:
        await create(broker.bootstrap, "events")
        await append(broker.bootstrap, "events", b"one", b"two")
        assert await read(broker.bootstrap, "events") == [b"one", b"two"]
        process, data = psutil.Process(broker.pid), broker.data
        assert data.exists()
    await gone(process)
    assert not data.exists()


async def test_two_brokers_run_side_by_side_and_share_nothing() -> None:
    async with Broker() as one, Broker() as two:
        assert one.bootstrap != two.bootstrap
        await create(one.bootstrap, "events")
        admin = AIOKafkaAdminClient(bootstrap_servers=two.bootstrap)
        await admin.start()
        assert await admin.list_topics() == [PROBE_TOPIC]
        await admin.close()


async def test_records_stay_when_the_broker_comes_back_on_its_folder(tmp_path: Path) -> None:
    large = os.urandom(9 * 1024 * 1024)
    async with Broker(tmp_path / "data") as broker:
        await create(broker.bootstrap, "events")
        await append(broker.bootstrap, "events", b"kept", large)
        before = broker.bootstrap
    async with Broker(tmp_path / "data") as broker:
        assert broker.bootstrap != before, "the ports are not part of the data"
        assert await read(broker.bootstrap, "events") == [b"kept", large]


async def test_records_stay_when_the_broker_is_killed(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "data")
    await broker.start()
    await create(broker.bootstrap, "events")
    await append(broker.bootstrap, "events", b"kept")
    os.kill(broker.pid, signal.SIGKILL)
    with pytest.raises(BrokerExited):
        await broker.wait_closed()
    await broker.stop()
    async with Broker(tmp_path / "data") as again:
        assert await read(again.bootstrap, "events") == [b"kept"]


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


async def test_waiting_for_the_end_returns_when_the_broker_is_stopped() -> None:
    async with Broker() as broker:
        waiting = asyncio.create_task(broker.wait_closed())
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await waiting


async def test_a_port_taken_by_another_program_is_refused() -> None:
    with listening() as port, pytest.raises(PortTaken, match=f"port {port} .* another program") as taken:
        await Broker(port=port).start()
    assert not taken.value.kafka


async def test_a_port_taken_by_a_broker_and_a_folder_in_use_are_refused_with_its_address(tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker:
        port = int(broker.bootstrap.rpartition(":")[2])
        with pytest.raises(
            PortTaken, match=f"a Kafka broker answers there; use it with `--bootstrap 127.0.0.1:{port}`"
        ):
            await Broker(port=port).start()
        with pytest.raises(FolderInUse, match=broker.bootstrap) as refused:
            await Broker(tmp_path).start()
        assert refused.value.pid == broker.pid


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


async def test_damaged_data_are_said_with_what_kafka_says_of_them(tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker:
        log = broker.log
    (tmp_path / "kafka" / "meta.properties").write_text("version=99\n")
    with pytest.raises(BrokerNotReady, match="choose another folder") as failed:
        await Broker(tmp_path).start()
    assert failed.value.log == log
    assert any("meta.properties version number 99" in line for line in failed.value.lines)
    async with Broker():
        pass  # and nothing was left in the way of the next


async def test_a_broker_that_is_too_slow_is_ended(tmp_path: Path) -> None:
    with pytest.raises(BrokerNotReady, match=r"did not answer within 0\.05 s"):
        await Broker(tmp_path, start_seconds=0.05).start()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])]
    async with Broker(tmp_path):
        pass


@pytest.mark.parametrize("lasting", [True, False])
def test_a_killed_program_leaves_no_broker_no_temporary_folder_and_no_lock(tmp_path: Path, *, lasting: bool) -> None:
    arguments = [str(tmp_path / "data")] if lasting else []
    with subprocess.Popen([sys.executable, "-c", OWNER, *arguments], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pid, data = owner.stdout.readline().split()
        jvm = psutil.Process(int(pid))
        keeper = jvm.parent()
        assert keeper is not None
        owner.kill()

    async def afterwards() -> None:
        await gone(jvm, keeper)
        if lasting:
            async with Broker(tmp_path / "data"):
                pass

    asyncio.run(afterwards())
    assert Path(data.decode()).exists() == lasting


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
    with listening() as port:
        nobody = port
    monkeypatch.setenv(REPOSITORY_VARIABLE, f"http://127.0.0.1:{nobody}")
    with pytest.raises(JarsUnavailable, match="connect to the network once"):
        await Broker().start()


async def test_with_the_jars_cached_no_network_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Broker():
        pass
    with listening() as port:
        nobody = port
    monkeypatch.setenv(REPOSITORY_VARIABLE, f"http://127.0.0.1:{nobody}")
    heard: list[tuple[str, int, int]] = []
    async with Broker(progress=lambda *said: heard.append(said)) as broker:
        assert heard[-1] == (f"Kafka 4.3.1 answers on {broker.bootstrap}", 1, 1)
    assert [done for _, done, _ in heard] == [0, 1]


async def test_the_client_is_quiet_while_the_broker_starts(caplog: pytest.LogCaptureFixture) -> None:
    async with Broker():
        pass
    assert not [record for record in caplog.records if record.name.startswith("aiokafka")]
