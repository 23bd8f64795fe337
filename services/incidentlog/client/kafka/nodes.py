"""Where the brokers of a cluster say they are, and whether they can be reached there."""

# ruff: noqa: SLF001 - aiokafka has no public way to learn what requests a broker takes

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.client import AIOKafkaClient

from incidentlog.client.kafka.calls import reaching
from incidentlog.client.ports import Node

_SECONDS = 3.0


async def nodes(address: str, options: Mapping[str, Any]) -> list[Node]:
    """All of them, by id. The list comes from whoever answers at `address`, wherever the others are."""
    client: Any = AIOKafkaClient(**options, request_timeout_ms=int(_SECONDS * 1000))
    try:
        with reaching(address):
            await client.bootstrap()
        brokers = sorted(client.cluster.brokers(), key=lambda each: each.nodeId)
        return list(await asyncio.gather(*(_node(client, each) for each in brokers)))
    finally:
        await client.close()


async def _node(client: Any, broker: Any) -> Node:
    problem = await _problem(broker.host, broker.port)
    if problem:
        return Node(broker.nodeId, broker.host, broker.port, {}, problem)
    connection = await client._get_conn(broker.nodeId)
    versions: Mapping[int, tuple[int, int]] = connection._versions if connection else {}
    apis = {number: newest for number, (_, newest) in versions.items()}
    return Node(broker.nodeId, broker.host, broker.port, apis, "" if connection else "it speaks no Kafka there")


async def _problem(host: str, port: int) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"nothing answers within {_SECONDS:g} s"
    except OSError as error:
        return error.strerror or str(error)
    writer.close()
    return ""
