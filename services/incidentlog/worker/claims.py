"""Stage one: events of one partition number into the set of statements, estimates, contributions and official actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidentlog.projections.lane import Changes, Lane
from incidentlog.schemas import records
from incidentlog.schemas.contributions import encode_contribution
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.topics import OFFICIAL_ACTIONS, ROLLUPS, Topics
from incidentlog.worker.dead_letters import Origin, Refused, dead_letter
from incidentlog.worker.errors import FoldFailed
from incidentlog.worker.outbox import NO_HEADERS, Outbox, Outgoing
from incidentlog.worker.reading import Reader

PROCESSOR = "estimates"


@dataclass(slots=True)
class Counts:
    """What a worker has done since it started: events folded, of which so many were known already, and refused ones."""

    events: int = 0
    known: int = 0
    refused: int = 0


class ClaimsFold:
    """The cells of one partition number. Statements, the numbers they change and dead letters leave together."""

    def __init__(
        self, topics: Topics, partition: int, partitions: int, counts: Counts, lane: Lane | None = None
    ) -> None:
        self._counts = counts
        self._topics, self._partition, self._partitions = topics, partition, partitions
        self._reader = Reader(topics, partition, partitions)
        self._homes = {name: partition_of(name.encode(), partitions) for name in ROLLUPS}
        self._lane = lane or Lane()
        self._statements: list[Outgoing] = []
        self._dead: list[Outgoing] = []

    def restore(self, record: Any) -> None:
        """Take a stored statement back into the set. It was stored together with the rows it changed."""
        if record.value is not None:
            self._lane.restore(record.key.partition(b"#")[0].decode(), record.value)

    def fold(self, topic: str, chunk: Sequence[Any]) -> None:
        """Fold events; bad ones become dead letters, in order, and folding goes on."""
        read, add, contested, dump = self._reader.read, self._lane.add, self._lane.contested, records.dump
        before = len(self._statements) + len(self._dead)
        for record in chunk:
            try:
                cell, statement = read(topic, record)
                if add(cell, statement):
                    key = records.key(record.key.decode(), statement, copy=contested(cell, statement.id))
                    self._statements.append((key.encode(), dump(statement), NO_HEADERS))
            except Refused as why:
                self._counts.refused += 1
                self._dead.append(dead_letter(record, Origin(topic, self._partition, record.offset), why, PROCESSOR))
            except Exception as error:
                event_type = self._topics.event_type(topic)
                raise FoldFailed(topic, self._partition, record.offset, event_type, error) from error
        self._counts.events += len(chunk)
        self._counts.known += len(chunk) - (len(self._statements) + len(self._dead) - before)

    def take(self) -> Outbox:
        """What one transaction stores: all on this partition number, but contributions on their roll-up's."""
        topics, own = self._topics, self._partition
        outbox: Outbox = {}
        if self._statements:
            outbox[topics.statements, own] = self._statements.copy()
            self._statements.clear()
            self._add_changes(outbox, self._lane.take_changed())
        if self._dead:
            outbox[topics.dead_letters, 0] = self._dead.copy()
            self._dead.clear()
        return outbox

    def _add_changes(self, outbox: Outbox, changes: Changes) -> None:
        topics, own = self._topics, self._partition
        if changes.estimates:
            outbox[topics.rows("estimates"), own] = [
                (key.encode(), encode_row(row), NO_HEADERS) for key, row in changes.estimates.items()
            ]
        if changes.actions:
            outbox[topics.rows(OFFICIAL_ACTIONS), own] = [
                (key.encode(), None if row is None else encode_row(row), NO_HEADERS)
                for key, row in changes.actions.items()
            ]
        for key, contribution in changes.contributions.items():
            target = topics.contributions, self._homes[contribution.projection]
            outbox.setdefault(target, []).append((key.encode(), encode_contribution(contribution), NO_HEADERS))
