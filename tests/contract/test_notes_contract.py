"""Paraphrases: apart from the events, and gone for good once they were erased."""

from __future__ import annotations

import pytest

from incidentlog.client import EventRefused, History, Publisher
from incidentlog.client.ports import Broker
from incidentlog.schemas.about import ClaimCorrected
from incidentlog.schemas.events import about
from incidentlog.schemas.topics import Topics
from support.contracts import InMemory, OnKafka, Suite
from support.publishing import article, on, rescue

NOTE = "The ministry spoke of more than a thousand people."


async def notes(broker: Broker, topics: Topics, *claims: str) -> dict[str, str]:
    """The paraphrases there are."""
    async with History(broker, topics=topics) as history:
        return await history.notes(claims)


class Notes(Suite):
    async def test_a_note_is_kept_under_its_claims_id(self, broker: Broker, topics: Topics) -> None:
        event, other = rescue(article()), rescue(article())
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish(event, note=NOTE)
            await publisher.publish(other)
        assert await notes(broker, topics, event.id, other.id) == {event.id: NOTE}

    async def test_many_notes(self, broker: Broker, topics: Topics) -> None:
        events = [rescue(article()) for _ in range(20)]
        given = {event.id: f"{NOTE} {number} of them." for number, event in enumerate(events[:15])}
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish_all(events, notes=given)
        assert await notes(broker, topics, *(event.id for event in events)) == given

    async def test_a_redaction_erases_it_for_good(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article())
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish(event, note=NOTE)
            await publisher.publish(on(event, "ClaimRedacted"))
            assert await notes(broker, topics, event.id) == {}
            await publisher.publish(event, note=NOTE)
            assert await notes(broker, topics, event.id) == {}
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish_all([event], notes={event.id: NOTE})
        assert await notes(broker, topics, event.id) == {}

    async def test_who_was_there_before_the_redaction_does_not_bring_it_back(
        self, broker: Broker, topics: Topics
    ) -> None:
        event, key = rescue(article()), f"VN-MOFA|{article()}"
        worded = rescue(article(), statement_key=key)
        async with Publisher(broker, topics=topics) as early:
            for each in (event, worded):
                await early.publish(each, note=NOTE)
            async with Publisher(broker, topics=topics, known=False) as other:
                await other.publish(on(event, "ClaimRedacted"))
                await other.publish(on(worded, "ClaimRedacted", by_key=True))
            for each in (event, worded):
                assert (await early.publish(each, note=NOTE)).outcome == "known"
            await early.publish_all([event, worded], notes={event.id: NOTE, worded.id: NOTE})
        assert await notes(broker, topics, event.id, worded.id) == {}

    @pytest.mark.parametrize("many", [True, False])
    async def test_nor_does_a_correction_by_who_was_there_before(
        self,
        broker: Broker,
        topics: Topics,
        many: bool,  # noqa: FBT001
    ) -> None:
        event = rescue(article())
        content = {"content": event.data, "published": {"edtf": "2022-10-01"}}
        said = on(event, "ClaimRedacted").data.model_dump() | content
        corrected = about(event.source, ClaimCorrected.model_validate(said))
        async with Publisher(broker, topics=topics) as early:
            await early.publish(event, note=NOTE)
            async with Publisher(broker, topics=topics, known=False) as other:
                await other.publish(on(event, "ClaimRedacted"))
            if many:
                await early.publish_all([corrected], notes={event.id: NOTE})
            else:
                await early.publish(corrected, note=NOTE)
        assert await notes(broker, topics, event.id) == {}

    async def test_a_redaction_of_a_statement_erases_all_its_wordings(self, broker: Broker, topics: Topics) -> None:
        key = f"VN-MOFA|{article()}"
        events = [rescue(article(), statement_key=key) for _ in range(3)] + [rescue(article())]
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish_all(events, notes={event.id: NOTE for event in events})
            await publisher.publish_all([on(events[0], "ClaimRedacted", by_key=True)])
        assert await notes(broker, topics, *(event.id for event in events)) == {events[3].id: NOTE}
        late = rescue(article(), statement_key=key)
        async with Publisher(broker, topics=topics) as publisher:
            await publisher.publish(late, note=NOTE)
        assert await notes(broker, topics, late.id) == {}

    async def test_a_note_that_may_identify_somebody_is_refused(self, broker: Broker, topics: Topics) -> None:
        event = rescue(article())
        async with Publisher(broker, topics=topics) as publisher:
            with pytest.raises(EventRefused, match=r"note: .*telephone"):
                await publisher.publish(event, note="call 0123 456 789")
            with pytest.raises(EventRefused, match="note: 300 characters; a paraphrase has at most 280"):
                await publisher.publish(event, note="a" * 300)
            with pytest.raises(EventRefused, match="note: a ClaimGraded has no text of its own"):
                await publisher.publish(on(event, "ClaimGraded"), note=NOTE)
            assert (await publisher.publish(event)).outcome == "appended"

    async def test_a_publisher_that_knows_nothing_takes_no_notes(self, broker: Broker, topics: Topics) -> None:
        async with Publisher(broker, topics=topics, known=False) as publisher:
            with pytest.raises(EventRefused, match="known=True"):
                await publisher.publish(rescue(article()), note=NOTE)


class TestNotesInMemory(InMemory, Notes):
    pass


@pytest.mark.integration
class TestNotesOnKafka(OnKafka, Notes):
    pass
