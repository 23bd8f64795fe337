"""Who is on the topics: the parts that programs play, and what each one reads and writes. Nobody needs more."""

from __future__ import annotations

from typing import NamedTuple

from incidentlog.schemas.topics import PROJECTIONS, Topics


class Role(NamedTuple):
    """A part that a program plays: what it does, and the topics it does it with."""

    name: str
    does: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def roles(topics: Topics) -> tuple[Role, ...]:
    """Every role there is."""
    events = (*topics.counted, *topics.official)
    rows = tuple(map(topics.rows, PROJECTIONS))
    known = (*events, topics.statements, topics.versions)
    producer = "Appends events and paraphrases; reads which events the log has, so as to append none of them twice."
    worker = "Folds events into rows, and keeps what it folds by; what it cannot take becomes a dead letter."
    subscriber = "Follows the rows of the live version, and asks for the claims behind them."
    replay = "Folds history into a new version beside the live one, compares them, and says which one is live."
    operator = "Looks at dead letters, mends them and publishes them again."
    return (
        Role("producer", producer, (*known, topics.notes), (*events, topics.notes)),
        Role(
            "worker", worker, (*events, topics.statements, topics.contributions, topics.versions),
            (topics.statements, topics.contributions, *rows, topics.dead_letters),
        ),
        Role("subscriber", subscriber, (*rows, topics.statements, topics.notes, topics.versions, *events), ()),
        Role("replay", replay, (*events, topics.contributions, *rows, topics.statements, topics.versions), (topics.versions,)),
        Role("operator", operator, (*known, topics.dead_letters, topics.redriven), (*events, topics.redriven)),
    )  # fmt: skip
