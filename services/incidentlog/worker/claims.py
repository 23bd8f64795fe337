"""Stage one: events of one partition number into the set of statements, estimates, contributions and official actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidentlog.projections.lane import Changes, Lane
from incidentlog.schemas import records
from incidentlog.schemas.contributions import encode_contribution
from incidentlog.schemas.dead_letters import Origin
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.rows import encode_row
from incidentlog.schemas.topics import OFFICIAL_ACTIONS, ROLLUPS, Topics
from incidentlog.worker.dead_letters import Refused, dead_letter
from incidentlog.worker.errors import FoldFailed
from incidentlog.worker.outbox import NO_HEADERS, Outbox, Outgoing
from incidentlog.worker.reading import Reader

PROCESSOR = "estimates"
#: Events that are added together at most.
_TOGETHER = 20_000


def _key(record: Any) -> bytes:
    return record.key or b""


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
        #: Records by topic that are not yet read and added to the set.
        self._heard: dict[str, list[Any]] = {}
        self._waiting = 0
        self._statements: list[Outgoing] = []
        self._dead: list[Outgoing] = []

    def census(self) -> tuple[int, int, int]:
        """How much is in memory, as `Lane.census` tells it."""
        return self._lane.census()

    def restore(self, record: Any) -> None:
        """Take a stored statement back into the set. It was stored together with the rows it changed."""
        if record.value is not None:
            self._lane.restore(record.key.partition(b"#")[0].decode(), record.value)

    def fold(self, topic: str, chunk: Sequence[Any]) -> None:
        """Fold events; bad ones become dead letters, and folding goes on.

        What comes soon one after another is read and added together, at the latest when it is taken, cell by cell: a cell
        with all that it holds is fetched from memory once for all of them, and what belongs together comes to lie together.
        """
        self._heard.setdefault(topic, []).extend(chunk)
        self._counts.events += len(chunk)
        self._waiting += len(chunk)
        if self._waiting >= _TOGETHER:
            self._take_in()

    def _take_in(self) -> None:
        heard, self._heard, self._waiting = self._heard, {}, 0
        for topic, together in heard.items():
            together.sort(key=_key)
            refused = self._add(topic, together)
            self._counts.refused += len(refused)
            self._dead += [refused[offset] for offset in sorted(refused)]

    def _add(self, topic: str, together: list[Any]) -> dict[int, Outgoing]:
        """Read and add; the dead letters of what is bad, by offset."""
        read, add, contested, dump = self._reader.read, self._lane.add, self._lane.contested, records.dump
        refused: dict[int, Outgoing] = {}
        known = 0
        for record in together:
            try:
                cell, statement = read(topic, record)
                if not add(cell, statement):
                    known += 1
                else:
                    key = records.key(record.key.decode(), statement, copy=contested(cell, statement.id))
                    self._statements.append((key.encode(), dump(statement), NO_HEADERS))
            except Refused as why:
                here = Origin(topic, self._partition, record.offset)
                refused[record.offset] = dead_letter(record, here, why, PROCESSOR)
            except Exception as error:
                event_type = self._topics.event_type(topic)
                raise FoldFailed(topic, self._partition, record.offset, event_type, error) from error
        self._counts.known += known
        return refused

    def take(self) -> Outbox:
        """What one transaction stores: all on this partition number, but contributions on their roll-up's."""
        topics, own = self._topics, self._partition
        outbox: Outbox = {}
        self._take_in()
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
