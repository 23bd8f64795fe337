"""How far letters reach: by cell where they name one, else by topic; and their counts, in any order."""

from __future__ import annotations

import random

import pytest

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.quarantine.letters import Letter
from incidentlog.quarantine.standing import Standing
from incidentlog.quarantine.touching import reach_of
from incidentlog.schemas.dead_letters import Origin, letter_id
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import Topics

TOPICS = Topics()


PLACES: list[tuple[str, str | None]] = [
    ("rescued-by-nationality", "VNM"), ("rescued-by-nationality", "IND"), ("rescued-by-nationality", None), ("estimates", None),
    ("estimates", "rescued/VNM/KHM"), ("estimates", "rescued/MYS/LAO"), ("estimates", "arrested/VNM/KHM/KH-12"),
    ("arrests-by-place", "KHM"), ("arrests-by-place", "KH-12"), ("arrests-by-place", "LAO"), ("official-actions", None),
    ("official-actions", "0" * 32), ("missing-by-nationality", "VNM"),
]  # fmt: skip


def letter(key: bytes, topic: str = "RescueReported", at: int = 0, value: bytes | None = None) -> Letter:
    lay = Origin(TOPICS.events(topic), 0, at)
    return Letter(letter_id(lay, value), lay, "wrong_key", "so", "", "estimates", key, value, at)


@pytest.mark.parametrize(
    ("one", "touched"),
    [
        (letter(b"rescued/VNM/KHM"), {"estimates": ["rescued/VNM/KHM"], "rescued-by-nationality": ["*", "VNM", "XXX"]}),
        (letter(b"arrested/VNM/KHM"), {"estimates": ["arrested/VNM/KHM"], "arrests-by-place": ["KHM"]}),
        (letter(b"rescued/QMF/KHM"), {"estimates": ["rescued/QMF/KHM"], "rescued-by-nationality": None}),
        (letter(b"official/XXX/KHM", "BriefingHeld"), {"official-actions": None}),
        (letter(b"?"), {"estimates": None, "rescued-by-nationality": None}),
        (letter(b"?", "BriefingHeld"), {"official-actions": None}),
        (letter(b"?", "Nothing"), dict.fromkeys(PROJECTIONS)),
        (letter(b"r/VNM/KHM", value=b'{"partitionkey": "rescued/MYS/LAO"}'), {"estimates": ["rescued/MYS/LAO"], "rescued-by-nationality": ["*", "MYS", "XXX"]}),
    ],
    ids=lambda each: (each.key or b"").decode() if isinstance(each, Letter) else "",
)  # fmt: skip
def test_how_far_a_letter_reaches(one: Letter, touched: dict[str, list[str] | None]) -> None:
    reach = reach_of(one, TOPICS, builtin())
    found = {projection: reach.keys(projection) for projection in PROJECTIONS}
    assert {projection: keys for projection, keys in found.items() if keys != []} == touched
    for projection, keys in touched.items():
        assert reach.touches(projection)
        assert all(reach.touches(projection, key) for key in keys or ())
    for projection in PROJECTIONS.keys() - touched.keys():
        assert not reach.touches(projection)


def test_a_place_within_the_country_is_touched_too() -> None:
    reach = reach_of(letter(b"arrested/VNM/KHM"), TOPICS, builtin())
    assert reach.touches("arrests-by-place", "KH-12")
    assert reach.touches("estimates", "arrested/VNM/KHM/KH-12")
    assert not reach.touches("arrests-by-place", "LAO")


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_the_open_letters_whatever_came_first(seed: int) -> None:
    rng = random.Random(seed)
    keys = [b"rescued/VNM/KHM", b"rescued/QMF/KHM", b"arrested/VNM/KHM", b"?", b"official/XXX/KHM"]
    topics = ["RescueReported", "BriefingHeld", "Nothing"]
    found = [letter(rng.choice(keys), rng.choice(topics), at) for at in range(12)]
    done = {each.id for each in found if rng.random() < 0.4}
    steps = [(each.id, each) for each in found] + [(name, None) for name in done] * 2 + [(found[0].id, found[0])]
    standing = Standing(TOPICS, builtin())
    for name, one in rng.sample(steps, len(steps)):
        if one is None:
            standing.mark(name, done=True)
        else:
            standing.add(one)
    still = [each for each in found if each.id not in done]
    assert (standing.open, standing.done) == (len(still), len(done))
    for place in PLACES:
        reaches = [reach_of(each, TOPICS, builtin()) for each in still]
        touching = [reach for reach in reaches if reach.touches(*place)]
        assert standing.touching(*place) == len(touching), place
        assert standing.vague(*place) == sum(not reach.cells for reach in touching), place
    for projection in PROJECTIONS:
        assert all(standing.touching(projection, key) for key in standing.keys(projection) or ())
    assert sum(standing.reasons().values()) == len(still)
    standing.forget_letters()
    assert not any(standing.touching(*place) for place in PLACES)
