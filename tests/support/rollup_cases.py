"""Statements made short, and random histories of many cells whose claims contain each other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from incidentlog.projections.projection import Filed
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import CLAIM, CORRECTION, FIRM, GRADING, OPEN, RETRACTION, Content, Statement

RECORDED = "2022-10-01T00:00:00.000000Z"
BASE = Content("", "KH-POLICE", "state", "KHM", "", "increment", 0, 0, 0, 0, 0, FIRM, False, "", "2022-09-30")  # noqa: FBT003
MEASURES = ("rescued", "arrested")
SCOPES = ("KH-12", "KH-18")
AUTHORITIES: tuple[dict[str, Any], ...] = (
    {"authority": "KH-POLICE"},
    {"authority": "VN-MOFA", "country": "VNM"},
    {"authority": "IOM", "standing": "intergovernmental", "country": ""},
)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def claim(cell: str, ref: str, low: int, best: int | None = -1, high: int | None = -1, **content: Any) -> Filed:
    """An increment of September 2022 by a host office, `low` exactly unless `best` and `high` (None: open) say more."""
    best = low if best == -1 else best
    high = OPEN if high is None else (best or low) if high == -1 else high
    said = BASE._replace(
        statement_key=ref, start=day("2022-09-01"), end=day("2022-09-28"), low=low, best=best, high=high
    )
    told = {"source": "urn:test"}
    statement = Statement(ref, CLAIM, RECORDED, "", ref, "", "", 0, said._replace(**content), told)
    return Filed(Cell.parse(cell), statement)


def retraction(target: Filed, name: str) -> Filed:
    """A retraction of a claim, or of a retraction."""
    statement = Statement(
        name, RETRACTION, RECORDED, name, "", target.statement.id, "", 0, None, {"source": "urn:test"}
    )
    return Filed(target.cell, statement)


def grading(target: Filed, name: str, grade: int) -> Filed:
    statement = Statement(
        name, GRADING, RECORDED, name, "", target.statement.id, name, grade, None, {"source": "urn:test"}
    )
    return Filed(target.cell, statement)


def correction(target: Filed, name: str, content: Content) -> Filed:
    statement = Statement(
        name, CORRECTION, RECORDED, name, "", target.statement.id, "", 0, content, {"source": "urn:test"}
    )
    return Filed(target.cell, statement)


def history(rng: random.Random, length: int, measures: Sequence[str] = MEASURES) -> list[Filed]:
    """Claims of several nationalities and mixed cells in two hosts, parts of each other, corrected, retracted, revived."""
    made: list[Filed] = []
    for number in range(length):
        known = [each for each in made if each.statement.verb in (CLAIM, RETRACTION)]
        if not known or rng.random() < 0.7:
            made.append(_random_claim(rng, f"c{number:03}", made, measures))
            continue
        target = rng.choice(known)
        verb = rng.choice((RETRACTION, RETRACTION, GRADING, CORRECTION)) if target.statement.content else RETRACTION
        if verb == GRADING:
            made.append(grading(target, f"g{number:03}", rng.randrange(3)))
        elif verb == CORRECTION:
            said = _random_claim(rng, f"k{number:03}", made, [target.cell.measure]).statement.content
            assert said is not None
            if target.cell.country != "KHM":  # a subdivision lies in its cell's country
                said = said._replace(subdivision="")
            made.append(correction(target, f"k{number:03}", said))
        else:
            made.append(retraction(target, f"r{number:03}"))
    return made


def _random_claim(rng: random.Random, name: str, made: Iterable[Filed], measures: Sequence[str]) -> Filed:
    measure, country = rng.choice(measures), rng.choices(("KHM", "LAO"), (4, 1))[0]
    nationality = rng.choice(("VNM", "CHN", "MYS", "QMF", "QMF", "QMX", "XXX"))
    cell = f"{measure}/{nationality}/{country}"
    near = [e for e in made if e.statement.verb == CLAIM and e.cell.measure == measure and e.cell.country == country]
    containers = [e for e in near if e.cell.mixed] or near
    inside = rng.choice(containers) if containers and rng.random() < 0.6 else None
    low = rng.randrange(0, 40)
    best = rng.choice((low, low + rng.randrange(5), None))
    high = rng.choice(((best or low) + rng.randrange(10), OPEN if rng.random() < 0.3 else best or low))
    end = day("2022-09-01") + rng.randrange(60)
    cumulative = rng.random() < 0.3
    same = [e for e in near if e.cell == Cell.parse(cell)]
    content = inside.statement.content if inside else None
    return claim(
        cell,
        name,
        low,
        best,
        None if high >= OPEN else high,
        statement_key=rng.choice(same).statement.ref if same and rng.random() < 0.2 else name,
        **rng.choice(AUTHORITIES),
        subdivision=(content.subdivision if content and rng.random() < 0.5 else rng.choice(("", *SCOPES)))
        if country == "KHM"
        else "",
        kind="cumulative" if cumulative else "increment",
        start=0 if cumulative else end - rng.randrange(10),
        end=end,
        grade=rng.choice((FIRM, FIRM, FIRM, 1, 0)),
        part_of=inside.statement.id if inside else "",
    )
