"""What the engine's consumer does otherwise than Faust's: acknowledging, going back to committed offsets, waiting at the end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from faust.types.tuples import TP

from incidentlog.schemas.topics import Topics
from incidentlog.worker.engine import Consumer, ConsumerThread
from incidentlog.worker.tally import Tally
from simulation.stubs import Bystanders, Quiet

PLACE = TP("t", 0)


class Chunk(SimpleNamespace):
    """A message, as far as it matters here."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def _consumer(**told: Any) -> Any:
    consumer: Any = object.__new__(Consumer)
    vars(consumer).update(told)
    return consumer


def test_only_what_a_stage_has_had_in_hand_is_acknowledged() -> None:
    topics = SimpleNamespace(acks_enabled_for=lambda _: True)
    consumer = _consumer(
        app=SimpleNamespace(topics=topics), _acked=defaultdict(list), _acked_index=defaultdict(set),
        _committed_offset=defaultdict(lambda: None), _unacked_messages=set(), _waiting_for_ack=None, _n_acked=0,
    )  # fmt: skip

    def message(*, tracked: bool) -> Any:
        return Chunk(tracked=tracked, acked=False, tp=PLACE, topic="t", offset=8)

    assert not consumer.ack(message(tracked=False))
    assert consumer._new_offset(PLACE) is None
    assert consumer.ack(message(tracked=True))
    assert consumer._new_offset(PLACE) == 9


async def test_the_flow_is_stopped_and_refused_commits_are_forgotten_while_reading_goes_back() -> None:
    flowing: list[bool] = []

    async def seek_to_committed() -> dict[TP, int | None]:
        flowing.append(consumer.flow_active)
        return {PLACE: None}

    consumer = _consumer(
        flow_active=True, can_resume_flow=asyncio.Event(), suspend_flow=asyncio.Event(), _read_offset={PLACE: 44},
        _committed_offset=defaultdict(lambda: None, {PLACE: 27}), seek_to_committed=seek_to_committed,
    )  # fmt: skip
    await consumer.perform_seek()
    assert flowing == [False]
    assert consumer._committed_offset[PLACE] is None
    assert consumer._read_offset[PLACE] is None


@pytest.mark.parametrize(("answer", "kept"), [(True, 9), (False, None)])
async def test_what_is_refused_is_not_taken_for_committed(*, answer: bool, kept: int | None) -> None:
    async def commit(_: Any) -> bool:
        return answer

    around, tally = Bystanders(), Tally(Topics())
    consumer = _consumer(
        app=SimpleNamespace(producer=around, monitor=around, tables=around, tally=tally), log=Quiet(), in_transaction=False,
        assignment=lambda: {PLACE}, _commit=commit, _committed_offset=defaultdict(lambda: None),
    )  # fmt: skip
    assert await consumer._commit_offsets({PLACE: 9}) is answer
    assert consumer._committed_offset[PLACE] == kept
    assert tally.commits_refused == (not answer)


def test_a_failing_worker_waits_for_no_acknowledgement() -> None:
    waiting = Chunk(acked=False)
    for failing, left in ((False, 1), (True, 0)):
        consumer = _consumer(app=SimpleNamespace(failing=failing), _unacked_messages={waiting})
        consumer._clean_unacked_messages()
        assert len(consumer._unacked_messages) == left


@pytest.mark.parametrize("given", [(), (TopicPartition("t", 1),), (TopicPartition("t", 0),)])
async def test_a_partition_without_a_position_ends_no_worker(given: tuple[TopicPartition, ...]) -> None:
    subscriptions = SubscriptionState()
    subscriptions.subscribe({"t"})
    if given:
        subscriptions.assign_from_subscribed(set(given))
        subscriptions.subscription.assignment.state_value(given[0]).timestamp = 1
    thread: Any = object.__new__(ConsumerThread)
    looked: list[float] = []

    def ensure_consumer() -> Any:
        looked.append(0.0)
        return SimpleNamespace(_fetcher=SimpleNamespace(_subscriptions=subscriptions))

    topics = SimpleNamespace(acks_enabled_for=lambda _: True)
    consumer = _consumer(app=SimpleNamespace(topics=topics, monitor=Bystanders()), _thread=thread)
    vars(thread).update(
        consumer=consumer, log=Quiet(), time_started=0.0, tp_fetch_request_timeout_secs=9e9, _ensure_consumer=ensure_consumer
    )  # fmt: skip
    consumer.verify_event_path(1.0, PLACE)
    assert looked
