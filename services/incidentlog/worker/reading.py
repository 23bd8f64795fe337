"""Records of event topics into statements: fast for what is in order, exact in its words for what is not.

Claims are many and looked at only as far as a fold must bear them. Everything else is rare and kept as it came, for readers:
official actions and events about claims pass the whole contract.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any

import orjson

from incidentlog.schemas import codec, iso, records
from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.envelope import LARGEST
from incidentlog.schemas.errors import DecodeError
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.statements import CLAIM, Statement
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused

_MEASURE = re.compile(r"[a-z][a-z_]{0,39}").fullmatch


class Reader:
    """Reads the events of one partition number, and refuses what does not belong there."""

    def __init__(self, topics: Topics, partition: int, partitions: int) -> None:
        self._topics, self._partition, self._partitions = topics, partition, partitions
        self._homes = {topic: topics.event_type(topic) for topic in (*topics.counted, *topics.official)}
        self._cells: dict[bytes | None, Cell] = {}

    def read(self, topic: str, record: Any) -> tuple[Cell, Statement]:
        """(cell, statement) of a record; Refused if it is bad, any other exception if the fault is ours."""
        try:
            name, cell, statement = records.read(orjson.loads(record.value))
            known = self._cells.get(record.key)  # one object for each cell: its hash is known, and it is kept but once
            if known != cell:
                known = self._first(record.key, cell)
            fits = known is not None and name == self._homes[topic] and len(record.value) <= LARGEST
        except Exception:
            self._judge(topic, record)
            raise  # the contract allows what could not be read here
        if known is not None and fits and statement.content is not None and statement.verb == CLAIM:
            return known, statement
        self._judge(topic, record)
        if known is not None and fits:
            return known, statement
        raise ValueError("refused at sight, but for no reason that the contract knows")

    def _first(self, key: bytes | None, cell: Cell) -> Cell | None:
        """The first claim of a cell: None unless it belongs here."""
        measure, nationality, country = cell
        if measure != OFFICIAL and not (
            iso.is_nationality(nationality) and iso.is_country(country) and _MEASURE(measure)
        ):
            return None
        if key != str(cell).encode() or partition_of(key, self._partitions) != self._partition:
            return None
        return self._cells.setdefault(key, Cell(*map(intern, cell)))

    def _judge(self, topic: str, record: Any) -> None:
        """Raise Refused with the exact reason, as the full contract has it; return if nothing is wrong with the record."""
        if record.value is None:
            raise Refused("null_value", "an event is never deleted; publish a ClaimRetracted instead")
        if len(record.value) > LARGEST:
            raise Refused("oversized", f"{len(record.value)} bytes; an event has at most {LARGEST}")
        try:
            event = codec.decode(record.value)
        except DecodeError as error:
            raise Refused(error.reason, error.detail, error.event_type) from error
        home = self._topics.events(event.home)
        if home != topic:
            raise Refused("wrong_topic", f"this event belongs on {home}", event.type)
        key = str(event.cell).encode()
        if record.key != key:
            raise Refused("wrong_key", f"the key must be the cell, {event.cell}", event.type)
        right = partition_of(key, self._partitions)
        if right != self._partition:
            raise Refused("wrong_partition", f"murmur2 of the key gives partition {right}; is the producer's partitioner "
                          "another one? librdkafka needs partitioner=murmur2_random", event.type)  # fmt: skip
