"""The lookout on a broker in memory: how far it is to the end, and since when the first record that is lacking waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from incidentlog.client import MemoryBroker
from incidentlog.client import lookout as module
from incidentlog.client.lookout import BEGINNING, Lookout
from incidentlog.client.ports import TopicPartition
from incidentlog.observing.trend import Seen
from incidentlog.schemas.topics import Topics

TOPICS = Topics(partitions=2)
ONE, TWO = (TopicPartition(TOPICS.events("RescueReported"), number) for number in range(2))
THEN = 1_700_000_000.0


@pytest.fixture
def broker() -> MemoryBroker:
    """One partition with a record each second, the other with a transaction's marker alone."""
    broker = MemoryBroker(TOPICS)
    broker.append(ONE, [(b"k", b"v", ()) for _ in range(300)])
    log = broker.log(ONE)
    log.records = [replace(each, timestamp=int((THEN + each.offset) * 1000)) for each in log.records]
    broker.marker(TWO)
    return broker


@pytest.fixture
async def lookout(broker: MemoryBroker) -> AsyncIterator[Lookout]:
    lookout = Lookout(broker)
    yield lookout
    await lookout.close()


async def test_it_tells_when_the_first_record_that_is_lacking_was_appended(lookout: Lookout) -> None:
    found = await lookout.look({ONE: 7, TWO: 0}, {})
    assert found == {ONE: Seen(7, 300, THEN + 7), TWO: Seen(0, 1, None)}
    assert [each.lag for each in found.values()] == [293, 0]
    assert await lookout.look({ONE: BEGINNING}, {}) == {ONE: Seen(0, 300, THEN)}
    assert await lookout.look({ONE: 300, TWO: 1}, {}) == {ONE: Seen(300, 300, None), TWO: Seen(1, 1, None)}
    assert await lookout.look({}, {}) == {}


async def test_of_one_that_moves_far_from_the_end_the_last_that_was_taken_tells_it(lookout: Lookout) -> None:
    await lookout.look({ONE: 7}, {})
    assert await lookout.look({ONE: 100}, {ONE: THEN + 99}) == {ONE: Seen(100, 300, THEN + 99)}
    assert await lookout.look({ONE: 100}, {ONE: THEN + 99}) == {ONE: Seen(100, 300, THEN + 100)}, "it stands: looked up"
    assert await lookout.look({ONE: 250}, {ONE: THEN + 249}) == {ONE: Seen(250, 300, THEN + 250)}, (
        "few are left: looked up"
    )


async def test_nobody_answers_and_then_somebody_does(broker: MemoryBroker, lookout: Lookout) -> None:
    broker.available = False
    assert await lookout.look({ONE: 7}, {}) is None
    since = lookout.silent_since
    assert since is not None
    assert await lookout.look({ONE: 7}, {}) is None
    assert lookout.silent_since == since
    broker.available = True
    assert await lookout.look({ONE: 7}, {}) == {ONE: Seen(7, 300, THEN + 7)}
    assert lookout.silent_since is None


async def test_so_many_are_looked_into_at_once_and_the_others_later(
    broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 1)
    broker.append(TWO, [(b"k", b"v", ())])
    log = broker.log(TWO)
    log.records = [replace(each, timestamp=int(THEN * 1000)) for each in log.records]
    lookout = Lookout(broker)
    told = [await lookout.look({ONE: 7, TWO: 0}, {}) for _ in range(2)]
    await lookout.close()
    assert told[0] is not None
    assert told[0][ONE] == Seen(7, 300, THEN + 7)
    assert told[1] == {ONE: Seen(7, 300, THEN + 7), TWO: Seen(0, 2, THEN)}
