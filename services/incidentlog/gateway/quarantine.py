"""How many events were set aside that may touch a number: dead letters, by the cell they were meant for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import orjson

from incidentlog.client.ports import Broker, Record
from incidentlog.gateway.following import Follower
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.schemas import iso, words
from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.topics import Topics


class Quarantine(Follower):
    """Follows the dead letters; `await run()` forever. One that was written twice counts once."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        super().__init__(broker, topics, lambda each: each.dead_letters, topics.version)
        self._seen: set[tuple[bytes, bytes, bytes]] = set()
        self._cells: Counter[Cell] = Counter()
        self.unplaced = 0
        """How many may belong anywhere."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._seen)

    def touching(self, projection: str, key: str | None = None) -> int:
        """How many may touch a row, or any row, of a projection; the unplaced ones among them."""
        return self.unplaced + sum(count for cell, count in self._cells.items() if _touches(cell, projection, key))

    def take(self, record: Record) -> None:
        """Take in one further dead letter."""
        told = dict(record.headers)
        origin = (told.get("topic", b""), told.get("partition", b""), told.get("offset", b""))
        if origin not in self._seen:
            self._seen.add(origin)
            cell = _placed(record)
            if cell is None:
                self.unplaced += 1
            else:
                self._cells[cell] += 1

    def replace(self, records: Sequence[Record]) -> None:
        """Begin anew."""
        self._seen.clear()
        self._cells.clear()
        self.unplaced = 0
        for record in records:
            self.take(record)


def _placed(record: Record) -> Cell | None:
    """The cell a dead letter was meant for, by its key or else by what can be read of it."""
    return _cell(record.key or b"") or _cell(_key_within(record.value or b""))


def _cell(key: bytes) -> Cell | None:
    try:
        cell = Cell.parse(key.decode())
    except (InvalidValue, UnicodeDecodeError):
        return None
    known = cell.official or cell.measure in builtin().measures
    return cell if known and iso.is_nationality(cell.nationality) and _is_place(cell.country) else None


def _is_place(code: str) -> bool:
    return iso.is_country(code) or code == "XXX"


def _key_within(value: bytes) -> bytes:
    try:
        key = orjson.loads(value)["partitionkey"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return b""
    return key.encode(errors="replace") if isinstance(key, str) else b""


def _touches(cell: Cell, projection: str, key: str | None) -> bool:
    if projection == OFFICIAL_ACTIONS or cell.measure == OFFICIAL:
        return projection == OFFICIAL_ACTIONS and cell.measure == OFFICIAL
    if projection == ESTIMATES:
        return key is None or key.split("/")[:3] == list(cell)
    if cell.measure not in PROJECTIONS[projection].measures:
        return False
    # What is said of several nationalities together, and the rest that breakdowns leave, is found in other rows as well.
    return key is None or key in _keys(cell, projection) or (cell.mixed and projection.endswith("nationality"))


def _keys(cell: Cell, projection: str) -> Iterable[str]:
    if projection.endswith("nationality"):
        return (cell.nationality, "XXX", words.ALL)
    return (cell.country,)
