"""Webhooks told of dead letters: once for each change, signed, with the same id each time, and nothing of what they hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson

from incidentlog.client.ports import Broker
from incidentlog.gateway.delivery import Pace
from incidentlog.gateway.notifying import Webhooks
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.webhooks import Hook, Secret
from incidentlog.quarantine import letters, redrive
from incidentlog.schemas.registers import builtin
from support.articles import event
from support.gateway import TOPICS, filled
from support.planted import TOUCHED, plant, plant_unreadable
from support.receiving import Receiver, receiver

KEY = b"a secret of thirty-two bytes, ok"
FAST = Pace(timeout=2.0, first=0.01, longest=0.05, again=3600.0, together=0.02)


@asynccontextmanager
async def alarmed(broker: Broker, taker: Receiver, pace: Pace = FAST) -> AsyncIterator[Gateway]:
    """A gateway that tells of dead letters, once how far it told is kept."""
    hook = Hook(url=taker.url, dead_letters=True, secret_env="S")
    async with Gateway(GatewaySettings(prefix=TOPICS.prefix, publisher="The Desk"), broker) as gateway:
        await gateway.ready()
        async with Webhooks(gateway, [(hook, Secret(KEY))], pace):
            await kept(broker, gateway, hook)
            yield gateway
            await kept(broker, gateway, hook)


async def kept(broker: Broker, gateway: Gateway, hook: Hook) -> None:
    """Wait until it is kept that the hook was told of all there is."""
    async with asyncio.timeout(10), broker.admin() as admin:
        while True:
            committed = await admin.committed(f"{TOPICS.prefix}-webhook-{hook.id}")
            told = gateway.quarantine.last_changes
            if committed and all(committed.get(place, 0) > offset for place, offset in told.items()):
                return
            await asyncio.sleep(0.005)


async def redriven(broker: Broker) -> None:
    await redrive(broker, TOPICS, builtin(), await letters(broker, TOPICS))


async def test_each_change_is_told_once_and_signed() -> None:
    broker = await filled()
    async with receiver() as taker, alarmed(broker, taker):
        await plant(broker, TOPICS)
        await taker.has(1)
        await plant(broker, TOPICS)  # the same again: nothing changes
        await plant_unreadable(broker, TOPICS)
        await taker.has(2)
        await redriven(broker)
        await taker.has(3)
    assert len(taker.messages) == 3
    assert len({each.id for each in taker.messages}) == 3
    assert all(each.signed_with(KEY) for each in taker.messages)
    first, second, third = (each.told["data"] for each in taker.messages)
    assert (first["open"], first["redriven"], first["reasons"]) == (1, 0, {"wrong_key": 1})
    assert first["touched"] == {"estimates": [TOUCHED], "rescued-by-nationality": ["*", "VNM", "XXX"]}
    assert (second["open"], second["reasons"]) == (2, {"invalid_json": 1, "wrong_key": 1})
    assert second["touched"] == {"estimates": None, "rescued-by-nationality": None}
    assert (third["open"], third["redriven"], third["reasons"]) == (1, 1, {"invalid_json": 1})
    told = taker.messages[0].told
    assert (told["type"], told["publisher"]) == ("dead_letters.changed", "The Desk")
    claim = event("S2-03")
    assert not any(each in orjson.dumps(told) for each in (claim.id.encode(), b"S2-03", claim.source.encode()))


async def test_what_is_not_taken_is_told_again_as_the_same_message() -> None:
    broker = await filled()
    async with receiver(500, 0, 503) as taker, alarmed(broker, taker):
        await plant(broker, TOPICS)
        await taker.has(1)
    assert len(taker.messages) == 4
    assert len({(each.id, each.body) for each in taker.messages}) == 1


async def test_many_that_come_together_are_one_change() -> None:
    broker = await filled()
    pace = Pace(timeout=2.0, first=0.01, longest=0.05, together=0.3)
    async with receiver() as taker, alarmed(broker, taker, pace):
        for number in range(50):
            await plant(broker, TOPICS, number)
        await taker.has(1)
        while taker.taken[-1].told["data"]["open"] != 50:
            await taker.has(len(taker.taken) + 1)
    assert len(taker.messages) <= 3


async def test_one_that_was_away_is_told_how_letters_stand_now_and_nothing_twice() -> None:
    broker = await filled()
    await plant(broker, TOPICS)
    async with receiver() as taker:
        async with alarmed(broker, taker):  # a new one hears what is open
            await taker.has(1)
        async with alarmed(broker, taker):
            pass
        assert len(taker.messages) == 1
        await redriven(broker)
        async with alarmed(broker, taker):
            await taker.has(2)
    assert [each.told["data"]["open"] for each in taker.messages] == [1, 0]


async def test_a_new_one_hears_nothing_while_nothing_is_open() -> None:
    broker = await filled()
    await plant(broker, TOPICS)
    await redriven(broker)
    async with receiver() as taker, alarmed(broker, taker):
        pass
    assert taker.messages == []


async def test_the_same_standing_is_the_same_message_whoever_tells_it() -> None:
    """Progress that was lost is told again: whoever takes it sees by the id that it was told before."""
    broker = await filled()
    async with receiver() as one, receiver() as other:
        async with alarmed(broker, one):
            await plant(broker, TOPICS)
            await one.has(1)
        async with alarmed(broker, other):
            await other.has(1)
    assert one.messages[0].id == other.messages[0].id
    assert one.messages[0].body == other.messages[0].body


async def test_one_that_is_gone_for_good_hears_no_more() -> None:
    broker = await filled()
    async with receiver(410) as taker:
        hook = Hook(url=taker.url, dead_letters=True, secret_env="S")
        await plant(broker, TOPICS)
        async with Gateway(GatewaySettings(prefix=TOPICS.prefix), broker) as gateway:
            await gateway.ready()
            async with Webhooks(gateway, [(hook, Secret(KEY))], FAST):
                await taker.has(1, taken=False)
                await plant(broker, TOPICS, 1)
                await asyncio.wait_for(_open(gateway, 2), 10)
    assert len(taker.messages) == 1


async def _open(gateway: Gateway, count: int) -> None:
    while gateway.quarantine.standing.open != count:
        await gateway.quarantine.moved()
