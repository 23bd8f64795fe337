"""What folding a cell costs, in microseconds of CPU per claim. Run by hand: `python tests/bench/cell_fold.py`."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise
from time import process_time
from typing import Any

from incidentlog.projections.cell import CellFold
from incidentlog.projections.lane import Lane
from incidentlog.schemas import records
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import BY_KEY, CLAIM, FIRM, OPEN, RETRACTION, Content, Statement

CELL = Cell("rescued", "VNM", "KHM")
AUTHORITIES = [
    ("vn-mofa", "state", "VNM"),
    ("kh-moi", "state", "KHM"),
    ("kh-police", "state", "KHM"),
    ("vod", "media", ""),
]


def claims(rng: random.Random, count: int, *, first: int = 738000, per_day: float = 0.5) -> list[Statement]:
    """A growing story: half increments of a few days, the rest totals; a tenth are echoes."""
    statements: list[Statement] = []
    total, keys = 0, ["".join(("k", "0" * 31))]
    for n in range(count):
        day = first + int(n / per_day)
        authority, standing, country = rng.choice(AUTHORITIES)
        found = rng.randint(1, 40)
        total += found
        kind = rng.choice(["increment", "increment", "cumulative"])
        low = found if kind == "increment" else total
        start = day - rng.randint(0, 6) if kind == "increment" else rng.choice([0, 0, 0, first])
        high = rng.choice([low, low, low * 11 // 10, OPEN])
        name = sha256(f"{rng.random()}".encode()).hexdigest()
        key = rng.choice(keys[-20:]) if rng.random() < 0.1 else name[32:]
        keys.append(key)
        content = Content(key, authority, standing, country, "", kind, start, day, low, low, high, FIRM,
                          prior_unknown=False, part_of="", published=f"2022-09-06T{n % 24:02}:59:59.999999Z")  # fmt: skip
        recorded = f"2022-10-01T00:00:00.{n % 10**6:06}Z"
        statements.append(Statement(name[:32], CLAIM, recorded, sha256(name.encode()).hexdigest()[:32],
                                    f"S{n % 9}-{n % 40}", "", "", FIRM, content, None))  # fmt: skip
    return statements


def late(rng: random.Random, statements: list[Statement], share: float = 0.3, days: int = 12) -> list[Statement]:
    """The same, a share of them some days late."""

    def arrival(statement: Statement) -> float:
        assert statement.content is not None
        return statement.content.end + (rng.uniform(0, days) if rng.random() < share else 0)

    return sorted(statements, key=arrival)


def retracting(rng: random.Random, statements: list[Statement]) -> list[Statement]:
    """One in a hundred is retracted later on."""
    events = [
        Statement(s.id[::-1], RETRACTION, s.recorded, s.digest[::-1], "", s.id, "", FIRM, None, None)
        for s in rng.sample(statements, len(statements) // 100)
    ]
    mixed = [*statements, *events]
    for event in events:
        mixed.insert(
            rng.randrange(len(statements) // 2, len(mixed)), mixed.pop(mixed.index(event, len(statements) // 2))
        )
    return mixed


def spent(folds: list[tuple[CellFold, Iterable[Statement]]], every: int) -> float:
    """Microseconds per claim for adding them, with an estimate after every so many."""
    gc.collect()
    gc.disable()
    count, begin = 0, process_time()
    for fold, statements in folds:
        for statement in statements:
            fold.add(statement)
            count += 1
            if count % every == 0:
                fold.estimate()
        fold.estimate()
    used = process_time() - begin
    gc.enable()
    return used / count * 1e6


def fold() -> CellFold:
    return CellFold(CELL, host_first=False)


def report() -> None:
    rng = random.Random(7)
    print("claims in the cell   in time order   30 % late   random order   memory, bytes")
    for count in (1, 10, 30, 100, 1000, 10_000):
        cells = [claims(rng, count, per_day=max(0.5, count / 1000)) for _ in range(max(1, 3000 // count))]
        in_order = spent([(fold(), cell) for cell in cells], 1)
        lagging = spent([(fold(), late(rng, cell)) for cell in cells], 1)
        shuffled = spent([(fold(), rng.sample(cell, len(cell))) for cell in cells], 1)
        print(f"{count:18}{in_order:16.1f}{lagging:12.1f}{shuffled:15.1f}{memory(cells):16.0f}")
    hot = late(rng, claims(rng, 30_000, per_day=30))
    print(f"hot cell of 30,000, estimate every 30 claims: {spent([(fold(), hot)], 30):.1f}")
    print(f"the same with retractions: {spent([(fold(), retracting(rng, hot))], 30):.1f}")
    print("lane of 1,000 cells, chunks of 1,000: add {:.1f}, take {:.1f}".format(*lane(rng)))
    print("a single cell of claims  1,000  30,000  100,000 (an estimate every 1,000)")
    for case in (wordings, withdrawn, parts, chain):
        costs = [spent([(fold(), case(count))], min(count, 1000)) for count in (1000, 30_000, 100_000)]
        print(f"{case.__name__:22}{costs[0]:8.1f}{costs[1]:8.1f}{costs[2]:9.1f}")


def lane(rng: random.Random, cells: int = 1000, per_cell: int = 30, chunk: int = 1000) -> tuple[float, float]:
    """Microseconds per claim for adding to a lane and for taking what changed, chunk by chunk; visits in time order."""
    visits = [
        (statement.content.end, place, statement)
        for n in range(cells)
        for place in [Cell("rescued", f"N{n}", "KHM")]
        for statement in claims(rng, per_cell, first=738000 + n % 90)
        if statement.content is not None
    ]
    visits.sort(key=lambda visit: visit[0])
    one = Lane()
    adding = taking = 0.0
    gc.collect()
    gc.disable()
    for at in range(0, len(visits), chunk):
        begin = process_time()
        for _, place, statement in visits[at : at + chunk]:
            one.add(place, statement)
        added = process_time()
        one.take_changed()
        adding, taking = adding + added - begin, taking + process_time() - added
    gc.enable()
    return adding / len(visits) * 1e6, taking / len(visits) * 1e6


def wordings(count: int) -> list[Statement]:
    """One utterance in as many words as there are outlets."""
    rng = random.Random(count)
    return [changed(s, statement_key="k" * 32, low=rng.randint(1, 90)) for s in claims(rng, count)]


def withdrawn(count: int) -> list[Statement]:
    """The same, all taken back at once."""
    target = f"{BY_KEY}{'k' * 32}"
    return [*wordings(count), Statement("r", RETRACTION, "", "", "", target, "", FIRM, None, None)]


def parts(count: int) -> list[Statement]:
    """All but one are parts of that one, which comes last."""
    first, *others = claims(random.Random(count), count)
    return [*(changed(other, part_of=first.id) for other in others), first]


def chain(count: int) -> list[Statement]:
    """Each is part of the one before it."""
    told = claims(random.Random(count), count)
    return [changed(s, part_of=before.id) for before, s in pairwise(told)]


def changed(statement: Statement, **content: Any) -> Statement:
    assert statement.content is not None
    return statement._replace(content=statement.content._replace(**content))


def memory(cells: list[list[Statement]]) -> float:
    """Bytes a fold holds per claim, texts and numbers included, when statements come decoded from records."""
    stored = [[records.dump(statement) for statement in cell] for cell in cells]
    gc.collect()
    tracemalloc.start()
    folds = []
    for cell in stored:
        one = fold()
        for record in cell:
            one.add(records.load(record))
        one.estimate()
        folds.append(one)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / sum(map(len, cells))


if __name__ == "__main__":
    report()
