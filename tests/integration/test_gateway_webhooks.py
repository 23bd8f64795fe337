"""How far a webhook was told is kept by a real broker."""

from __future__ import annotations

import asyncio

import orjson

from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker, TopicPartition
from incidentlog.gateway.delivery import Pace
from incidentlog.gateway.notifying import Webhooks
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.webhooks import Hook, Secret
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from support.contracts import put
from support.receiving import receiver
from support.stack import new_stack

NAME = "rescued-by-nationality"
KEY = b"a secret of thirty-two bytes, ok"


async def change(broker: Broker, topics: Topics, key: str, best: int) -> None:
    row = {
        "projection": NAME,
        "key": key,
        "low": best,
        "best": best,
        "high": best,
        "as_of": None,
        "flags": [],
        "contributions": [],
    }
    place = TopicPartition(topics.rows(NAME), partition_of(key.encode(), topics.partitions))
    await put(broker, place, (key, orjson.dumps(row)))


async def test_a_gateway_that_was_away_tells_what_changed_meanwhile_and_no_more(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    topics, broker = stack.topics, broker_at(bootstrap)
    await change(broker, topics, "VNM", 500)
    async with receiver() as taker:
        hook = Hook(url=taker.url, projection=NAME, secret_env="S")
        expected: list[str] = []
        for meanwhile in (["MYS"], ["CHN", "IND"], []):
            async with Gateway(GatewaySettings(bootstrap, topics.prefix), broker) as gateway:
                await gateway.ready()
                async with Webhooks(gateway, [(hook, Secret(KEY))], Pace(first=0.05)):
                    await taker.has(len(expected))
                    await told(broker, gateway, hook)
                    await change(broker, topics, "VNM", 600 + len(expected))
                    await taker.has(len(expected) + 1)
                    await told(broker, gateway, hook)
            for key in meanwhile:
                await change(broker, topics, key, 7)
            expected += ["VNM", *meanwhile]
    assert sorted(each.told["data"]["key"] for each in taker.taken) == sorted(expected)
    assert len(taker.messages) == len(expected)
    assert all(each.signed_with(KEY) for each in taker.taken)


async def told(broker: Broker, gateway: Gateway, hook: Hook) -> None:
    """Wait until it is kept that the hook was told of all that the gateway has read."""
    group, topic = f"{gateway.topics.prefix}-webhook-{hook.id}", gateway.mirrors[NAME].topic
    async with asyncio.timeout(30), broker.admin() as admin:
        while True:
            committed = await admin.committed(group)
            vector = gateway.mirrors[NAME].vector
            if [committed.get(TopicPartition(topic, number)) for number in range(len(vector))] == list(vector):
                return
            await asyncio.sleep(0.05)
