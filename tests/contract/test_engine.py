"""What the worker's engine relies on inside Faust and aiokafka. A failure here after an upgrade means: read the changes of
that function, see whether `incidentlog/worker/engine.py` still holds, run the integration and fault tests, then renew the
digest.
"""

from __future__ import annotations

import hashlib
import inspect
from importlib import import_module
from importlib.metadata import version
from typing import Any

import pytest

#: sha256 of the source, first 16 digits, of what is overridden, called or counted on.
SOURCES = {
    "faust.app.base:App._on_partitions_assigned": "de932b7927db85b3",
    "faust.app.base:App._on_partitions_revoked": "d5c895bbe57dc73a",
    "faust.app.base:App._stop_consumer": "55854a5de12c3f52",
    "faust.app.base:App.on_first_start": "ec655d9c223403cc",
    "faust.app.base:App.on_stop": "bfe5a933defb2324",
    "faust.assignor.partition_assignor:PartitionAssignor.__init__": "64cb8790c57251c3",
    "faust.assignor.partition_assignor:PartitionAssignor._get_copartitioned_groups": "82b7a3764ad596f6",
    "faust.assignor.partition_assignor:PartitionAssignor._perform_assignment": "1e0bf2c5c8f42574",
    "faust.serializers.schemas:Schema.loads_key": "9adc30303f20915c",
    "faust.serializers.schemas:Schema.loads_value": "61a4628b4e0966e6",
    "faust.streams:Stream._py_aiter": "3a48ee257a65435b",
    "faust.tables.manager:TableManager.on_start": "365dd25fbc0e0684",
    "faust.tables.recovery:Recovery._restart_recovery": "6bd8a8558a2dffe4",
    "faust.tables.recovery:Recovery._resume_streams": "d986a6710c1aca98",
    "faust.transport.consumer:Consumer._add_gap": "4df2573ded7c1c2c",
    "faust.transport.consumer:Consumer._clean_unacked_messages": "11be2587e71c9162",
    "faust.transport.consumer:Consumer._commit_offsets": "1a69799041188441",
    "faust.transport.consumer:Consumer._drain_messages": "44a2500309e83c63",
    "faust.transport.consumer:Consumer._new_offset": "1d2c7ea89a7ad4f1",
    "faust.transport.consumer:Consumer._should_commit": "5ce941793947ad42",
    "faust.transport.consumer:Consumer.ack": "5fcf41cf45153475",
    "faust.transport.consumer:Consumer.getmany": "4b168d84882a70d6",
    "faust.transport.consumer:Consumer.on_buffer_full": "c8961679e0bcdce5",
    "faust.transport.consumer:Consumer.on_partitions_revoked": "d04b7ae72c6fc206",
    "faust.transport.consumer:Consumer.perform_seek": "0e8c130ff4b0afd8",
    "faust.transport.consumer:Consumer.stop_flow": "cf7e875a2b0d40e8",
    "faust.transport.consumer:Consumer.wait_empty": "e4662fe24f094819",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._commit": "932852ce7a23f658",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer": "c2701bfc3e6f6cad",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._ensure_consumer": "ff4a4c693b7ec63f",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.seek_to_committed": "775ab0adc4b052ab",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._verify_aiokafka_event_path": "c7c75a7c73289962",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.verify_event_path": "b983e7735f647cb3",
    "faust.transport.drivers.aiokafka:Consumer._new_consumer_thread": "0870ec53dea75083",
    "faust.transport.drivers.aiokafka:Consumer._to_message": "7c24f6511b2fcef7",
    "faust.transport.utils:DefaultSchedulingStrategy.iterate": "aa1147fa5c2101b8",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.seek": "a9430f1f3b9ac419",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.seek_to_committed": "f6cd85c8b70a4ccf",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.start": "2f1ba70443327538",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.commit": "79b057d88220e5a2",
    "aiokafka.producer.sender:Sender._find_coordinator": "33001a36bf6a0ae0",
    "aiokafka.consumer.fetcher:FetchResult.__init__": "126a3e45763bd404",
    "aiokafka.consumer.fetcher:FetchResult.getall": "3e717e30de5068d5",
    "aiokafka.consumer.fetcher:FetchResult.getone": "3fc6f963223135d2",
    "aiokafka.consumer.fetcher:Fetcher._proc_fetch_request": "59bf948fff47eed5",
    "aiokafka.consumer.fetcher:Fetcher.fetched_records": "be4348896b9b66af",
    "aiokafka.consumer.fetcher:PartitionRecords.__init__": "8ec1c2ae6ea1af87",
    "aiokafka.consumer.fetcher:PartitionRecords.__next__": "63ac34a08c309098",
    "aiokafka.consumer.fetcher:PartitionRecords._consumer_record": "e668541600b047ab",
    "aiokafka.consumer.fetcher:PartitionRecords._unpack_records": "b803e6d46480732c",
    "aiokafka.consumer.group_coordinator:GroupCoordinator.fetch_committed_offsets": "6c049c7379165952",
}


@pytest.mark.parametrize(
    ("package", "pinned"), [("faust-streaming", "0.15.3"), ("mode-streaming", "0.7.1"), ("aiokafka", "0.14.0")]
)
def test_the_engine_is_used_with_the_releases_it_was_checked_with(package: str, pinned: str) -> None:
    assert version(package) == pinned


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_engine_relies_on_is_as_it_was(name: str) -> None:
    module, _, path = name.partition(":")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    source = inspect.getsource(inspect.unwrap(getattr(found, "fun", found)))  # a service task wraps its function
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == SOURCES[name]


def test_what_the_engine_overrides_exists_in_what_it_extends() -> None:
    from incidentlog.worker import engine

    for own in (engine.ChunkScheduler, engine.ChunkSchema, engine.Assignor, engine.NoTables, engine.ConsumerThread,
                engine.Consumer, engine.App):  # fmt: skip
        base: Any = own.__mro__[1]
        overridden = {name for name in vars(own) if callable(vars(own)[name])} - {
            "committed",
            "denied",
            "let_go",
            "topics",
        }
        assert overridden
        for name in overridden:
            assert inspect.signature(getattr(own, name)).parameters.keys() <= inspect.signature(
                getattr(base, name)
            ).parameters.keys() | {"_", "settings"}


def test_a_chunk_is_one_message_with_the_offset_of_its_last_record() -> None:
    from aiokafka import ConsumerRecord, TopicPartition

    from incidentlog.worker.engine import ChunkScheduler

    def record(offset: int) -> Any:
        return ConsumerRecord("t", 0, offset, 0, 0, None, b"", None, 0, 0, ())

    first, second = TopicPartition("t", 0), TopicPartition("u", 1)
    chunk = [record(3), record(4), record(9)]
    delivered = list(ChunkScheduler().iterate({first: chunk, second: []}))
    assert [(tp, message.offset, message.value) for tp, message in delivered] == [(first, 9, chunk)]
