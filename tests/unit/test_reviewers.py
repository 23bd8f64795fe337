"""Who may stand behind a verdict: offices and roles pass, what may be a person's name does not."""

from __future__ import annotations

import pytest

from incidentlog.client import EventRefused, MemoryBroker, Publisher
from incidentlog.schemas.events import about
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.reviewers import problem
from incidentlog.schemas.topics import Topics
from support.publishing import article, on, rescue


@pytest.mark.parametrize("office", sorted(builtin().authorities))
def test_every_registered_office_passes(office: str) -> None:
    assert problem(office) == ""


@pytest.mark.parametrize("role", ["EDITOR", "DATA-DESK", "VN-MOFA-REVIEWER", "KH-EDITOR", "DESK-2", "ORG-ROLE"])
def test_roles_pass(role: str) -> None:
    assert problem(role) == ""


@pytest.mark.parametrize("part", ["EXAMPLE", "NAMELIKE", "GUY", "BEN", "1234567"])
@pytest.mark.parametrize("form", ["{}", "{}-EDITOR", "DESK-{}", "VN-MOFA-{}", "{}-{}"])
def test_what_may_be_a_name_or_a_number_of_a_person_is_refused(part: str, form: str) -> None:
    found = problem(form.format(part, part))
    assert "may be a person's name" in found
    assert part in found


@pytest.mark.parametrize("text", ["", "Data Desk", "data-desk", "A.B", "desk@example.org", "EDITOR" * 8, "EDITOR\n"])
def test_what_is_no_code_is_refused(text: str) -> None:
    assert "is not the code of an office or a role" in problem(text)


@pytest.mark.parametrize("text", ["VN", "KH-12", "-", "7"])
def test_a_place_alone_decides_nothing(text: str) -> None:
    assert problem(text)


def test_an_office_of_ones_own_passes_once_it_is_registered() -> None:
    own = {"id": "EXAMPLE-WATCH", "standing": "ngo", "label": "An invented organisation"}
    known = builtin().extended({"authorities": [own]})
    assert (problem("EXAMPLE-WATCH", known), problem("EXAMPLE-EDITOR", known)) == ("", "")
    assert problem("EXAMPLE-WATCH")


async def test_the_edge_refuses_what_may_be_a_name() -> None:
    broker, event = MemoryBroker(), rescue(article())
    broker.create(Topics().all())
    graded = on(event, "ClaimGraded")
    named = about(event.source, graded.data.model_copy(update={"by": "NAMELIKE-EDITOR"}))  # type: ignore[arg-type]
    async with Publisher(broker) as publisher:
        await publisher.publish(event)
        with pytest.raises(EventRefused, match="by: NAMELIKE in NAMELIKE-EDITOR may be a person's name"):
            await publisher.publish(named)
        assert (await publisher.publish(graded)).outcome == "appended"
