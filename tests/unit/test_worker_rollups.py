"""Roll-ups after a restart: what is published and right stays as it is, the rest is written, what is gone is removed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson

from incidentlog.schemas.contributions import CellContribution, encode_contribution
from incidentlog.schemas.topics import ROLLUPS, Topics
from incidentlog.worker.rollups import RollupsFold, rollups_on

TOPICS = Topics("x")
COUNTS = {TOPICS.rows(name): 4 for name in ROLLUPS}
RESCUED = TOPICS.rows("rescued-by-nationality")


def _contribution(nationality: str, number: int, version: int = 1) -> Any:
    told = CellContribution(
        "rescued-by-nationality", f"rescued/{nationality}/KHM", "", version, number, number, number, None, ()
    )
    return SimpleNamespace(
        topic=TOPICS.contributions, partition=0, offset=0, key=told.key.encode(), value=encode_contribution(told)
    )


def _written(fold: RollupsFold) -> dict[str, Any]:
    rows = [(key, value) for records in fold.take().values() for key, value, _ in records]
    return {(key or b"").decode(): None if value is None else orjson.loads(value)["best"] for key, value in rows}


def _published(fold: RollupsFold) -> list[Any]:
    return [
        SimpleNamespace(topic=topic, key=key, value=value)
        for (topic, _), records in fold.take().items()
        for key, value, _ in records
    ]


def test_after_a_restart_only_what_differs_from_the_published_rows_is_written() -> None:
    first = RollupsFold(TOPICS, COUNTS, 0)
    first.fold("", [_contribution("VNM", 5), _contribution("CHN", 7)])
    published = [*_published(first), SimpleNamespace(topic=RESCUED, key=b"LAO", value=b"{}")]
    again = RollupsFold(TOPICS, COUNTS, 0)
    for record in published:
        again.published(record)
    for record in (_contribution("VNM", 5), _contribution("CHN", 9, version=2)):
        again.restore(record)
    assert _written(again) == {"CHN": 9, "*": 14, "LAO": None}
    again.fold("", [_contribution("CHN", 9, version=2)])
    assert _written(again) == {}


def test_a_row_removed_and_not_come_back_is_not_removed_again() -> None:
    fold = RollupsFold(TOPICS, COUNTS, 0)
    fold.published(SimpleNamespace(topic=RESCUED, key=b"LAO", value=b"{}"))
    fold.published(SimpleNamespace(topic=RESCUED, key=b"LAO", value=None))
    assert _written(fold) == {}


def test_every_roll_up_has_one_partition_number() -> None:
    assert sorted(name for partition in range(4) for name in rollups_on(partition, 4)) == sorted(ROLLUPS)
