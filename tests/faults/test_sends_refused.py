"""The broker takes no more of a topic, or it is not there any more: the worker ends, says what to do, and is exact after it."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess
from support.generate import Produced, generate
from support.stack import Stack
from support.trials import Trial

pytestmark = [pytest.mark.integration, pytest.mark.slow]


class Cluster:
    """What an operator can do to topics."""

    def __init__(self, bootstrap: str) -> None:
        self._admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)

    async def __aenter__(self) -> Any:
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def configure(self, topic: str, settings: dict[str, str]) -> None:
        await self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])

    async def delete(self, *topics: str) -> None:
        await self._admin.delete_topics(list(topics))


async def _ends(worker: WorkerProcess) -> str:
    assert await worker.ended() == 1
    said = await worker.messages()
    assert "Traceback" not in said
    return said


@pytest.mark.fault("F6", "a topic takes no record of usual size any more", seed=26, heals=False)
async def test_records_too_large_for_their_topic(mortal: Any, stack: Stack, trial: Trial) -> None:
    events = list(generate(2_000, seed=trial.seed, nationalities=20))
    settings = next(topic.settings for topic in stack.topics.all() if topic.name == stack.topics.statements)
    async with (
        WorkerProcess(stack.settings(instance="a", session_timeout=2.0)) as worker,
        Cluster(stack.bootstrap) as cluster,
    ):
        await worker.ready()
        await stack.publish(events[:1_000])
        await stack.settled()
        await cluster.configure(stack.topics.statements, {**settings, "max.message.bytes": "100"})
        trial.injected()
        await stack.publish(events[1_000:])
        said = await _ends(worker)
        assert "MessageSizeTooLargeError" in said
        assert "incidentlog topics check" in said
        await cluster.configure(stack.topics.statements, settings)
    async with WorkerProcess(stack.settings(instance="a", session_timeout=2.0)):
        async with trial.recovery(stack):
            pass
        await stack.settled()
        await trial.judge(stack, events)


@pytest.mark.parametrize("which", ["statements", "events"])
@pytest.mark.fault("F6", "a topic is deleted under the worker", seed=27, heals=False)
@pytest.mark.whole
async def test_topics_deleted_under_the_worker(mortal: Any, stack: Stack, trial: Trial, which: str) -> None:
    topics = stack.topics
    gone = {"statements": topics.statements, "events": topics.events("MissingReported")}[which]
    events = list(generate(2_000, seed=trial.seed, nationalities=20))
    await _loses(stack, gone, events[:1_000])
    trial.injected()
    async with WorkerProcess(stack.settings(instance="a", session_timeout=2.0)):
        async with trial.recovery(stack):
            await stack.publish(
                [*events[1_000:], *(each for each in events[:1_000] if topics.events(each.home) == gone)]
            )
        await stack.settled()
        await trial.judge(stack, events)


@pytest.mark.parametrize("which", ["contributions", "estimates"])
@pytest.mark.whole
async def test_what_is_derived_is_derived_anew(mortal: Any, stack: Stack, which: str) -> None:
    events = list(generate(2_000, seed=31, nationalities=20))
    await _loses(stack, stack.topics.contributions if which == "contributions" else stack.topics.rows(which), events)
    async with WorkerProcess(stack.settings(instance="a", session_timeout=2.0)):
        await stack.agrees(events)


async def _loses(stack: Stack, topic: str, events: list[Produced]) -> None:
    """A worker folds these events, then loses a topic, says so and ends; the topic is made anew as it says."""
    async with (
        WorkerProcess(stack.settings(instance="a", session_timeout=2.0)) as worker,
        Cluster(stack.bootstrap) as cluster,
    ):
        await worker.ready()
        await stack.publish(events)
        await stack.settled()
        await cluster.delete(topic)
        said = await _ends(worker)
        assert f"{topic} was deleted under the worker" in said
        assert "incidentlog topics apply" in said
    assert await apply(stack.bootstrap, stack.topics) == [topic]
