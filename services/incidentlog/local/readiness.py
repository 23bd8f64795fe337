"""Ready means: metadata answers and a record is acknowledged. Never a log line, never an open port alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

PROBE_TOPIC = "probe.incidentlog"  # none of an installation's topics: those begin with its name
_PAUSE_SECONDS = 0.02
_REQUEST_MILLISECONDS = 2_000


async def wait_ready(bootstrap: str, options: Mapping[str, Any] | None = None) -> None:
    """Return when the broker has acknowledged a record; without end otherwise, so give it a timeout.

    `options` are aiokafka's keywords for connecting.
    """
    await _until_open(bootstrap)
    where = {"bootstrap_servers": bootstrap, "request_timeout_ms": _REQUEST_MILLISECONDS, **(options or {})}
    with _quiet_client:
        while True:
            try:
                await _ensure_probe_topic(where)
                await _send_probe(where)
            except (KafkaError, OSError, AttributeError):  # the client trips over a cluster without a controller yet
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return


async def speaks_kafka(bootstrap: str, seconds: float) -> bool:
    """Whether a Kafka broker answers at this address within so many seconds."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MILLISECONDS)
    with _quiet_client:
        try:
            async with asyncio.timeout(seconds):
                await admin.start()
        except (KafkaError, OSError, TimeoutError, ValueError):
            return False
        finally:
            await admin.close()
    return True


async def _until_open(bootstrap: str) -> None:
    host, _, port = bootstrap.rpartition(":")
    while True:
        try:
            _reader, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            writer.close()
            return


async def _ensure_probe_topic(where: Mapping[str, Any]) -> None:
    admin = AIOKafkaAdminClient(**where)
    try:
        await admin.start()
        topic = NewTopic(PROBE_TOPIC, 1, 1, topic_configs={"cleanup.policy": "compact"})
        response = await admin.create_topics([topic])
        for _topic, code, *_ in response.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)
    finally:
        await admin.close()


async def _send_probe(where: Mapping[str, Any]) -> None:
    producer = AIOKafkaProducer(**where, acks="all")
    try:
        await producer.start()
        await producer.send_and_wait(PROBE_TOPIC, b"ready", key=b"probe")
    finally:
        await producer.stop()


class _QuietClient:
    """Keeps aiokafka's log still while failing is expected; counted, since several brokers may start at once."""

    def __init__(self) -> None:
        self._users, self._level = 0, logging.NOTSET

    def __enter__(self) -> None:
        logger = logging.getLogger("aiokafka")
        if self._users == 0:
            self._level = logger.level
            logger.setLevel(logging.CRITICAL + 1)
        self._users += 1

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if self._users == 0:
            logging.getLogger("aiokafka").setLevel(self._level)


_quiet_client = _QuietClient()
