from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.gateway.delivery import Pace
from incidentlog.gateway.notifying import Webhooks
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.webhooks import BadWebhooks, Hook, Secret, load
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import LIVE, encode_live
from support.receiving import Receiver, receiver

NAME = "rescued-by-nationality"
KEY = b"a secret of thirty-two bytes, ok"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
FAST = Pace(timeout=2.0, first=0.01, longest=0.05, again=3600.0)
SLOW = Pace(timeout=0.2, first=0.01, longest=0.05, again=0.05)


def put(broker: MemoryBroker, key: str, best: int, topics: Topics = Topics()) -> None:  # noqa: B008 - frozen
    row = {"projection": NAME, "key": key, "low": best, "best": best, "high": best, "as_of": "2022-09-21", "flags": [],
           "contributions": []}  # fmt: skip
    broker.put(topics.rows(NAME), key, orjson.dumps(row))


@pytest.fixture
def broker() -> MemoryBroker:
    broker = MemoryBroker(Topics())
    put(broker, "VNM", 500)
    return broker


@asynccontextmanager
async def telling(
    broker: MemoryBroker, taker: Receiver, *keys: str, pace: Pace = FAST, **more: Any
) -> AsyncIterator[Gateway]:
    """A gateway with one webhook, ready."""
    hook = Hook(url=taker.url, projection=NAME, keys=keys, secret_env="S", **more)
    async with Gateway(GatewaySettings(publisher="The Desk"), broker) as gateway:
        await gateway.ready()
        async with Webhooks(gateway, [(hook, Secret(KEY))], pace):
            await committed(broker, hook)
            yield gateway


async def committed(broker: MemoryBroker, hook: Hook, topic: str = "", offset: int = 0) -> None:
    """Wait until the hook's progress is kept, at `offset` in all of `topic`."""
    async with asyncio.timeout(10):
        while sum(
            at for each, at in broker.committed(group(hook)).items() if topic in each.topic
        ) < offset or not broker.committed(group(hook)):
            await broker_moves()


async def broker_moves() -> None:
    """Let others have their turn: progress is kept by a task that tells nobody."""
    await asyncio.sleep(0.005)


def group(hook: Hook) -> str:
    return f"incidentlog-webhook-{hook.id}"


async def test_a_changed_number_is_told_signed(broker: MemoryBroker) -> None:
    async with receiver() as taker, telling(broker, taker, "VNM"):
        put(broker, "MYS", 3)
        put(broker, "VNM", 1000)
        await taker.has(1)
    (message,) = taker.messages
    assert message.signed_with(KEY)
    assert not message.signed_with(KEY[::-1])
    told = message.told
    assert (told["type"], told["data"]["key"], told["data"]["best"]) == ("number.changed", "VNM", 1000)
    assert (told["publisher"], told["licence"]) == ("The Desk", "https://creativecommons.org/licenses/by/4.0/")
    assert told["timestamp"] == told["data"]["recorded"]


async def test_without_keys_every_number_is_told(broker: MemoryBroker) -> None:
    async with receiver() as taker, telling(broker, taker):
        put(broker, "MYS", 3)
        await taker.has(1)
        broker.put(Topics().rows(NAME), "MYS", None)
        await taker.has(2)
    assert [each.told["type"] for each in taker.messages] == ["number.changed", "number.gone"]
    assert taker.messages[1].told["data"] == {"projection": NAME, "key": "MYS"}


async def test_what_is_not_taken_is_told_again_as_the_same_message(broker: MemoryBroker) -> None:
    async with receiver(500, 0, 302, 404) as taker, telling(broker, taker):
        put(broker, "VNM", 1000)
        await taker.has(1)
    assert len(taker.messages) == 5
    assert len({each.id for each in taker.messages}) == 1
    assert all(each.signed_with(KEY) for each in taker.messages)


async def test_one_that_does_not_answer_is_given_up_and_tried_again(broker: MemoryBroker) -> None:
    async with receiver() as taker, telling(broker, taker, pace=SLOW):
        taker.silent = True
        put(broker, "VNM", 1000)
        await taker.has(2, taken=False)
        taker.silent = False
        await taker.has(1)


async def test_while_it_is_away_only_the_newest_number_is_kept_for_it(broker: MemoryBroker) -> None:
    async with receiver(*[503] * 3) as taker, telling(broker, taker) as gateway:
        for best in range(600, 700):
            put(broker, "VNM", best)
        await gateway.showing(NAME, "public").changed(100)
        await taker.has(1)
        while taker.taken[-1].told["data"]["best"] != 699:
            await taker.has(len(taker.taken) + 1)
    assert len(taker.messages) < 30


async def test_one_number_that_is_refused_holds_the_others_not_up(broker: MemoryBroker) -> None:
    async with receiver(400) as taker, telling(broker, taker):
        put(broker, "VNM", 1000)
        put(broker, "MYS", 3)
        await taker.has(2)
    assert {each.told["data"]["key"] for each in taker.taken} == {"VNM", "MYS"}


async def test_one_that_is_gone_for_good_hears_no_more(broker: MemoryBroker) -> None:
    async with receiver(410) as taker:
        async with telling(broker, taker) as gateway:
            put(broker, "VNM", 1000)
            await taker.has(1, taken=False)
            put(broker, "VNM", 1001)
            await gateway.showing(NAME, "public").changed(2)
        assert len(taker.messages) == 1
        async with telling(broker, taker):  # started again it is told what it missed
            await taker.has(1)
    assert taker.taken[0].told["data"]["best"] == 1001


async def test_a_gateway_that_was_away_tells_what_changed_meanwhile(broker: MemoryBroker) -> None:
    async with receiver() as taker:
        async with telling(broker, taker):
            put(broker, "VNM", 1000)
            await taker.has(1)
            await committed(broker, Hook(url=taker.url, projection=NAME, secret_env="S"), offset=2)
        put(broker, "MYS", 3)
        async with telling(broker, taker):
            await taker.has(2)
    assert [each.told["data"]["key"] for each in taker.messages] == ["VNM", "MYS"]


async def test_a_version_that_became_live_meanwhile_is_told_whole(broker: MemoryBroker) -> None:
    second = Topics(version="v2")
    async with receiver() as taker:
        async with telling(broker, taker):
            pass
        broker.create(topic for topic in second.all() if topic.name not in broker.names())
        put(broker, "VNM", 500, second)
        put(broker, "MYS", 3, second)
        broker.put(Topics().versions, LIVE.decode(), encode_live("v2"))
        async with telling(broker, taker):
            await taker.has(2)
    assert {each.told["data"]["key"] for each in taker.messages} == {"VNM", "MYS"}


async def test_a_new_webhook_begins_with_what_changes_from_now_on(broker: MemoryBroker) -> None:
    async with receiver() as taker:
        async with telling(broker, taker):
            pass
        async with telling(broker, taker):
            put(broker, "MYS", 3)
            await taker.has(1)
    assert [each.told["data"]["key"] for each in taker.messages] == ["MYS"]


async def test_progress_is_kept_again_before_it_is_forgotten(broker: MemoryBroker) -> None:
    async with receiver() as taker, telling(broker, taker, pace=SLOW):
        hook = Hook(url=taker.url, projection=NAME, secret_env="S")
        broker.commit(group(hook), dict.fromkeys(broker.committed(group(hook)), 0))
        await committed(broker, hook, offset=1)


async def test_numbers_that_the_public_does_not_see_are_not_told_to_it(broker: MemoryBroker) -> None:
    cells = {"arrested/VNM/KHM/KH-18": 3, "arrested/VNM/KHM": 3}
    rows = {
        key: {"projection": "estimates", "key": key, "low": best, "best": best, "high": best, "as_of": "2022-09-21", "flags": [],
              "counted": ["A"], "counted_total": 1, "live": 1, "withdrawn": 0, "version": 1}
        for key, best in cells.items()
    }  # fmt: skip
    async with receiver() as public, receiver() as full:
        hooks = [(Hook(url=taker.url, projection="estimates", secret_env="S", view=view), Secret(KEY))
                 for taker, view in ((public, "public"), (full, "full"))]  # fmt: skip
        for round_ in range(2):  # live, and after it was away
            async with Gateway(GatewaySettings(), broker) as gateway:
                await gateway.ready()
                async with Webhooks(gateway, hooks, FAST):
                    for hook, _ in hooks:
                        await committed(broker, hook)
                    for key in cells:
                        broker.put(Topics().rows("estimates"), key, orjson.dumps(rows[key] | {"version": round_ * 2}))
                    await full.has(2 * round_ + 2)
                    await public.has(round_ + 1)
            for key in cells:
                broker.put(Topics().rows("estimates"), key, orjson.dumps(rows[key] | {"version": round_ * 2 + 1}))
    assert {each.told["data"]["key"] for each in public.messages} == {"arrested/VNM/KHM"}


async def test_a_broker_that_is_away_stops_no_message(broker: MemoryBroker) -> None:
    async with receiver(503, 503) as taker, telling(broker, taker):
        put(broker, "VNM", 1000)
        await taker.has(1, taken=False)
        broker.available = False
        await taker.has(1)
        broker.available = True
        await committed(broker, Hook(url=taker.url, projection=NAME, secret_env="S"))


FILE = """\
webhooks:
  - {url: https://desk.example.org/numbers, projection: rescued-by-nationality, keys: [VNM, "*"], secret_env: DESK}
  - {url: "http://127.0.0.1:9/", projection: estimates, secret_env: DESK, view: full}
  - {url: "http://127.0.0.1:9/", dead_letters: true, secret_env: DESK}
"""


def test_a_file_names_whom_to_tell(tmp_path: Path) -> None:
    file = tmp_path / "hooks.yaml"
    file.write_text(FILE)
    (desk, secret), (local, _), (alarm, _) = load(str(file), {"DESK": SECRET})
    assert (desk.wants("VNM"), desk.wants("MYS"), local.wants("MYS"), local.view) == (True, False, True, "full")
    assert secret.key == KEY
    assert "secret" not in repr(secret)
    assert len({desk.id, local.id, alarm.id}) == 3
    assert (alarm.dead_letters, alarm.projection) == (True, None)
    assert load("") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("https:", "http:", "must be https"), ("https://", "https://user:pass@", "without user or password"),
        ("https://desk.example.org", "file://", "not an address"), ("http://127.0.0.1:9/", "http://10.0.0.1/", "must be https"),
        ("http://127.0.0.1:9/", "http://[::1", "not an address"), ("estimates", "nothing", "no projection is called"),
        ("DESK, view", "OTHER, view", "no OTHER"), ("view: full", "view: all", "view"), ("webhooks:", "hooks:", "has no `webhooks`"),
        ("dead_letters: true", "dead_letters: false", "name a projection"), ("dead_letters: true", "dead_letters: true, keys: [VNM]", "name a projection"),
        ("dead_letters: true", "dead_letters: true, projection: estimates", "name a projection"),
        ("{url", "{{url", "cannot be read"), ("secret_env: DESK}", "secret: x}", "secret"),
        ("  - {url: https", "  - {url: 'http://127.0.0.1:9/', projection: estimates, secret_env: DESK, view: full}\n  - {url: https", "twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(old: str, new: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "hooks.yaml"
    file.write_text(FILE.replace(old, new))
    with pytest.raises(BadWebhooks, match=problem):
        load(str(file), {"DESK": SECRET})
    with pytest.raises(BadWebhooks, match="cannot be read"):
        load(str(tmp_path / "none"))


@pytest.mark.parametrize("text", ["short", "whsec_!!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_secret_is_long_enough(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        Secret.parse(text)
    file = tmp_path / "hooks.yaml"
    file.write_text(FILE)
    with pytest.raises(BadWebhooks, match="DESK") as wrong:
        load(str(file), {"DESK": text})
    assert text not in str(wrong.value)


def test_pauses_grow_up_to_the_longest() -> None:
    pauses = [Pace().pause(failures) for failures in range(40)]
    assert 0.5 <= pauses[0] <= 1
    assert min(pauses[9:]) >= 150
    assert max(pauses) <= 300
