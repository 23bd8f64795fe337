"""Histories of containers in mixed cells that live, die and come back, and of cells with parts of several of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from incidentlog.projections.lane import Changes, Lane
from incidentlog.projections.project import project
from incidentlog.projections.projection import Filed
from incidentlog.projections.rollups import RollupState
from incidentlog.schemas.contributions import decode_contribution, encode_contribution
from incidentlog.schemas.records import dump
from incidentlog.schemas.rows import RollupRow
from incidentlog.schemas.statements import CLAIM, FIRM, Content
from support.rollup_cases import AUTHORITIES, SCOPES, claim, correction, day, grading, retraction
from support.rollup_follower import ALL, host_first

MIXED = ("QMF", "QMX", "XXX")
NAMED = ("VNM", "CHN")
Rows = dict[tuple[str, str], RollupRow]


def attributions(rng: random.Random, length: int) -> list[Filed]:
    """Claims of one measure and host, most of them parts of a handful of containers, and events about them."""
    made: list[Filed] = []
    containers = [f"total{n}" for n in range(4)]
    measure = rng.choice(("rescued", "arrested"))
    for number in range(length):
        targets = [each for each in made if each.statement.verb == CLAIM]
        if targets and rng.random() < 0.45:
            made.append(_about(rng, rng.choice(targets), f"e{number:03}", made, containers))
            continue
        missing = [name for name in containers if all(each.statement.id != name for each in made)]
        if missing and rng.random() < 0.2:
            cell, name = f"{measure}/{rng.choice(MIXED)}/KHM", rng.choice(missing)
        else:
            cell, name = f"{measure}/{rng.choice(NAMED * 3 + MIXED)}/KHM", f"c{rng.randrange(10**6):06}-{number:03}"
        made.append(claim(cell, name, **_content(rng, name, containers, targets)))
    return made


def _about(rng: random.Random, target: Filed, name: str, made: Sequence[Filed], containers: Sequence[str]) -> Filed:
    """A container dies or comes back more often than anything else happens."""
    name_of_one = rng.choice(containers)
    total = next((each for each in made if each.statement.id == name_of_one), target)
    undone = [each for each in made if each.statement.target == total.statement.id and each.statement.content is None]
    if rng.random() < 0.5:
        return retraction(rng.choice(undone), name) if undone and rng.random() < 0.6 else retraction(total, name)
    if rng.random() < 0.5:
        return grading(target, name, rng.randrange(3))
    assert target.statement.content is not None
    content = target.statement.content._replace(**_content(rng, target.statement.id, containers, [target]))
    return correction(target, name, content)


def _content(rng: random.Random, name: str, containers: Sequence[str], near: Sequence[Filed]) -> dict[str, Any]:
    cumulative, low = rng.random() < 0.4, rng.randrange(30)
    end = day("2022-06-01") + rng.randrange(rng.choice((8, 200)))
    inside = "" if name in containers or rng.random() < 0.4 else rng.choice(containers)
    if near and rng.random() < 0.1:
        inside = rng.choice(near).statement.id
    wording = rng.choice(near).statement.content if near and rng.random() < 0.2 else None
    return {
        "statement_key": wording.statement_key if isinstance(wording, Content) else name,
        **rng.choice(AUTHORITIES),
        "subdivision": rng.choice(("", "", *SCOPES)),
        "kind": "cumulative" if cumulative else "increment",
        "start": 0 if cumulative else end - rng.randrange(5),
        "end": end,
        "low": low,
        "best": low,
        "high": low + rng.randrange(4) * rng.randrange(5),
        "grade": rng.choice((FIRM, FIRM, FIRM, 1)),
        "part_of": inside,
        "published": f"2022-09-3{rng.randrange(2)}T{rng.choice(('23:59:59.999999Z', '12:00:00.000000Z'))}",
    }


def rows_of(statements: Sequence[Filed]) -> Rows:
    """Roll-ups from scratch."""
    rows = project(statements, host_first, projections=ALL)
    return {(row.projection, row.key): row for row in rows if isinstance(row, RollupRow)}


class Pipeline:
    """Both stages with a compacted topic between them; either can be lost and read back."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._stored: list[Filed] = []
        self._contributions: dict[str, bytes] = {}
        self._lane, self._rollups = Lane(host_first, projections=ALL), RollupState(ALL)
        self.table: Rows = {}

    def add(self, filed: Filed) -> None:
        """Fold one statement; what it changes is not yet told."""
        if self._lane.add(*filed):
            self._stored.append(filed)

    def tell(self, *, shuffled: bool = False) -> None:
        """One transaction of the first stage, and what the second makes of it."""
        told = list(self._lane.take_changed().contributions.items())
        if shuffled:
            self._rng.shuffle(told)
        for key, contribution in told:
            raw = self._contributions[key] = encode_contribution(contribution)
            self._rollups.apply(decode_contribution(raw))
            if shuffled and self._rng.random() < 0.3:
                self._rollups.take_changed()  # half a transaction: whatever it comes to, it must pass
        self._follow()

    def restart_first(self) -> None:
        """Read the statements back, in any order."""
        self._lane = Lane(host_first, projections=ALL)
        for filed in self._rng.sample(self._stored, len(self._stored)):
            self._lane.restore(str(filed.cell), dump(filed.statement))
        assert self._lane.take_changed() == Changes()

    def restart_second(self) -> None:
        """Read the contributions back, as compaction left them, in any order."""
        self._rollups, self.table = RollupState(ALL), {}
        for raw in self._rng.sample(list(self._contributions.values()), len(self._contributions)):
            self._rollups.apply(decode_contribution(raw))
        self._follow()

    def _follow(self) -> None:
        self._rollups.take_changed()
        self.table = {(row.projection, row.key): row for row in self._rollups.rows()}


def first_difference(seed: int, length: int, *, every: int, rows: Callable[[Sequence[Filed]], Rows] = rows_of) -> int:
    """After how many statements both stages say something else than a fold from scratch; 0: never."""
    rng = random.Random(seed)
    statements, pipeline = attributions(rng, length), Pipeline(rng)
    for number, filed in enumerate(statements, 1):
        pipeline.add(filed)
        if number % every and number < length:
            continue
        pipeline.tell(shuffled=rng.random() < 0.3)
        if rng.random() < 0.2:
            pipeline.restart_first()
        if rng.random() < 0.2:
            pipeline.restart_second()
        if pipeline.table != rows(statements[:number]):
            return number
    return 0
