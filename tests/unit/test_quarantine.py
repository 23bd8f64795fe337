"""Dead letters looked at, mended and published again, against a broker in memory."""

from __future__ import annotations

import random
from collections.abc import Iterable

import orjson
import pytest

from incidentlog.bench.load import Produced
from incidentlog.client import MemoryBroker
from incidentlog.client.ports import TopicPartition
from incidentlog.client.refusals import NotAcknowledged
from incidentlog.quarantine import Letter, Wanted, letters, redrive
from incidentlog.schemas.codec import decode
from incidentlog.schemas.dead_letters import Origin, Redriven, decode_redriven, encode_redriven, letter_id
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics
from support.poison import Poison
from support.quarantine import MENDED_ALONE, append, condemn, registered, spoiled

TOPICS = Topics()
Bad = dict[Poison, Produced]


@pytest.fixture
def memory() -> MemoryBroker:
    return MemoryBroker(TOPICS)


@pytest.fixture
def bad(memory: MemoryBroker) -> Bad:
    """Forty claims, every kind of mistake among them, and the letters they ended as; nothing else is in the log."""
    found = spoiled(registered(40), TOPICS)
    append(memory, TOPICS, found)
    assert condemn(memory, TOPICS) == len(found)
    return found


def mending(found: list[Letter], bad: Bad) -> dict[str, bytes]:
    """For every letter the event it was spoiled from."""
    good = {(each.topic, each.partition, each.key, each.value): event.value for each, event in bad.items()}
    return {each.id: good[each.origin.topic, each.origin.partition, each.key or b"", each.value] for each in found}


def name(value: bytes) -> str:
    return str(orjson.loads(value)["id"])


def stored(memory: MemoryBroker) -> list[tuple[str, int, bytes | None, str]]:
    """Places, keys and ids of the events in the log that are not those that were refused."""
    everywhere = (each for topic in (*TOPICS.counted, *TOPICS.official) for each in memory.records(topic))
    fresh = (each for each in everywhere if ("trace", b"t1") not in each.headers)
    return sorted((each.topic, each.partition, each.key, name(each.value or b"")) for each in fresh)


def places(good: Iterable[Produced]) -> list[tuple[str, int, bytes | None, str]]:
    """Where events belong."""
    return sorted((TOPICS.events(each.home), partition_of(each.key, 4), each.key, name(each.value)) for each in good)


async def test_letters_say_where_they_lay_and_why_they_were_refused(memory: MemoryBroker, bad: Bad) -> None:
    found = await letters(memory, TOPICS)
    told = {(*each.origin[:2], each.key, each.value): (each.reason, each.event_type, each.open) for each in found}
    assert told == {each[1:5]: (each.reason, each.event_type, True) for each in bad}
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert len({each.id for each in found}) == len(bad)
    assert all(each.id == letter_id(each.origin, each.value) for each in found)
    assert all(each.detail and each.processor == "estimates" for each in found)


async def test_a_letter_that_was_written_again_is_one(memory: MemoryBroker, bad: Bad) -> None:
    before = await letters(memory, TOPICS)
    assert condemn(memory, TOPICS) == len(bad)
    assert await letters(memory, TOPICS) == before


async def test_what_is_no_letter_is_passed_over(memory: MemoryBroker, bad: Bad) -> None:
    place = TopicPartition(TOPICS.dead_letters, 0)
    memory.append(place, [(b"k", b"v", ()), (b"k", b"v", [("topic", b"t"), ("partition", b"x"), ("offset", b"1")])])
    assert len(await letters(memory, TOPICS)) == len(bad)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(reasons=["wrong_key", "null_value"]),
        Wanted(topics=[TOPICS.events("HandoverReported")]),
        Wanted(event_types=["MoonLanded"]),
        Wanted(reasons=["unknown_type"], event_types=["MoonLanded"]),
    ],
)
async def test_letters_are_chosen_by_what_they_say(memory: MemoryBroker, bad: Bad, wanted: Wanted) -> None:
    found = await letters(memory, TOPICS, wanted)
    fitting = [each for each in bad
               if (not wanted.reasons or each.reason in wanted.reasons) and (not wanted.topics or each.topic in wanted.topics)
               and (not wanted.event_types or each.event_type in wanted.event_types)]  # fmt: skip
    assert 0 < len(found) == len(fitting) < len(bad)


async def test_letters_are_chosen_by_id_and_time(memory: MemoryBroker, bad: Bad) -> None:
    one, *_, last = await letters(memory, TOPICS)
    assert await letters(memory, TOPICS, Wanted([one.id[:12]])) == [one]
    assert await letters(memory, TOPICS, Wanted(since=last.at + 1)) == []
    assert await letters(memory, TOPICS, Wanted(until=one.at)) == []
    assert len(await letters(memory, TOPICS, Wanted(since=one.at, until=last.at + 1))) == len(bad)


async def test_a_wrong_place_key_or_size_is_mended_by_publishing_again(memory: MemoryBroker, bad: Bad) -> None:
    found = await letters(memory, TOPICS)
    outcomes = {each.letter: each for each in await redrive(memory, TOPICS, builtin(), found)}
    assert {each.reason for each in found if outcomes[each.id].outcome == "appended"} == MENDED_ALONE
    assert {each.reason for each in found if outcomes[each.id].outcome == "refused"} == {
        each.reason for each in bad
    } - MENDED_ALONE
    assert stored(memory) == places(event for each, event in bad.items() if each.reason in MENDED_ALONE)
    after = {each.id: each for each in await letters(memory, TOPICS)}
    for each in found:
        mark = after[each.id].redriven
        assert (mark is None) == (each.reason not in MENDED_ALONE)
        if mark is not None:
            [record] = [
                r for r in memory.records(mark.topic) if (r.partition, r.offset) == (mark.partition, mark.offset)
            ]
            assert decode(record.value or b"").id == mark.event
            assert not mark.edited


async def test_mended_letters_are_published_and_twice_changes_nothing(memory: MemoryBroker, bad: Bad) -> None:
    found = await letters(memory, TOPICS)
    edits = mending(found, bad)
    outcomes = await redrive(memory, TOPICS, builtin(), found, edits=edits)
    assert [each.letter for each in outcomes] == [each.id for each in found]
    assert {each.outcome for each in outcomes} == {"appended"}
    assert stored(memory) == places(bad.values())
    before = {topic: memory.records(topic) for topic in memory.names()}
    again = await letters(memory, TOPICS)
    assert [each.redriven.edited for each in again if each.redriven] == [True] * len(bad)
    assert await redrive(memory, TOPICS, builtin(), again, edits=edits) == []
    assert await letters(memory, TOPICS, Wanted()) == []
    assert {topic: memory.records(topic) for topic in memory.names()} == before


async def test_ended_before_the_marks_the_same_call_goes_on(memory: MemoryBroker, bad: Bad) -> None:
    """As if every mark was lost: what is in the log is known, and only marks are written."""
    found = await letters(memory, TOPICS)
    edits = mending(found, bad)
    await redrive(memory, TOPICS, builtin(), found, edits=edits)
    events = {topic: memory.records(topic) for topic in (*TOPICS.counted, *TOPICS.official)}
    memory.delete([TOPICS.redriven])
    memory.create(topic for topic in TOPICS.all() if topic.name == TOPICS.redriven)
    outcomes = await redrive(memory, TOPICS, builtin(), await letters(memory, TOPICS), edits=edits)
    assert {each.outcome for each in outcomes} == {"known"}
    assert {topic: memory.records(topic) for topic in events} == events
    assert await letters(memory, TOPICS, Wanted()) == []


async def test_a_dry_run_says_what_would_be_and_does_nothing(memory: MemoryBroker, bad: Bad) -> None:
    found = await letters(memory, TOPICS)
    edits = {letter: payload for letter, payload in mending(found, bad).items() if random.Random(letter).random() < 0.5}
    before = {topic: memory.records(topic) for topic in memory.names()}
    told = await redrive(memory, TOPICS, builtin(), found, edits=edits, dry_run=True)
    assert {topic: memory.records(topic) for topic in memory.names()} == before
    done = await redrive(memory, TOPICS, builtin(), found, edits=edits)
    assert [(a.letter, a.outcome, a.event, a.problem) for a in told] == [
        (b.letter, b.outcome, b.event, b.problem) for b in done
    ]
    assert {each.outcome for each in done} == {"appended", "refused"}


async def test_what_the_edge_refuses_stays_open_with_its_reason(memory: MemoryBroker, bad: Bad) -> None:
    first, second, *_ = await letters(memory, TOPICS, Wanted(reasons=["invalid_json"]))
    good = orjson.loads(next(iter(bad.values())).value)
    stranger = good | {"data": good["data"] | {"authority": {"id": "MOON-MOFA", "standing": "ngo"}}}
    other = good | {"data": good["data"] | {"grade": "possible"}}
    edits = {first.id: orjson.dumps(stranger)}
    [outcome] = await redrive(memory, TOPICS, builtin(), [first], edits=edits)
    assert (outcome.outcome, outcome.redriven) == ("refused", None)
    assert "MOON-MOFA" in outcome.problem
    edits = {first.id: orjson.dumps(good), second.id: orjson.dumps(other)}
    one, two = await redrive(memory, TOPICS, builtin(), [first, second], edits=edits)
    assert (one.outcome, two.outcome) == ("appended", "refused")
    assert "publish a ClaimCorrected" in two.problem
    assert [each.open for each in await letters(memory, TOPICS) if each.id in edits] == [False, True]


@pytest.mark.parametrize(
    ("value", "cut", "problem"),
    [(None, "", "give it with --edit"), (b"{}", "key 1, value 9, 0 headers", "is not whole")],
)
async def test_what_cannot_be_published_as_it_is(
    memory: MemoryBroker, value: bytes | None, cut: str, problem: str
) -> None:
    lay = Origin(TOPICS.events("RescueReported"), 0, 0)
    one = Letter(letter_id(lay, value), lay, "oversized", "so", "", "estimates", b"k", value, 0, cut)
    [outcome] = await redrive(memory, TOPICS, builtin(), [one])
    assert outcome.outcome == "refused"
    assert problem in outcome.problem


async def test_more_letters_than_fit_together(memory: MemoryBroker) -> None:
    good = registered(900, seed=3)
    wrong = [
        Poison("wrong_key", TOPICS.events(each.home), partition_of(each.key, 4), each.key + b"X", each.value, "")
        for each in good
    ]
    append(memory, TOPICS, wrong)
    condemn(memory, TOPICS)
    outcomes = await redrive(memory, TOPICS, builtin(), await letters(memory, TOPICS))
    assert [each.outcome for each in outcomes] == ["appended"] * len(good)
    assert await letters(memory, TOPICS, Wanted()) == []


async def test_a_broker_that_goes_away_is_no_refusal(
    memory: MemoryBroker, bad: Bad, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await letters(memory, TOPICS)

    async def gone(*_: object, **__: object) -> None:
        raise NotAcknowledged("topic", "0" * 32, "memory", "gone")

    monkeypatch.setattr("incidentlog.client.Publisher.publish", gone)
    with pytest.raises(NotAcknowledged):
        await redrive(memory, TOPICS, builtin(), found)
    assert all(each.open for each in await letters(memory, TOPICS))


def test_a_mark_that_says_nothing() -> None:
    mark = Redriven("ab" * 16, "appended", "t", 1, 2, edited=True)
    assert decode_redriven(encode_redriven(mark)) == mark
    for value in (b"{", b"{}", b"7"):
        with pytest.raises(DecodeError, match="says not what became of a letter"):
            decode_redriven(value)
