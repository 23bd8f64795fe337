"""Changes of a projection's rows, as they come from its table."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from incidentlog.client.errors import BadRecord
from incidentlog.client.ports import Position, Record

#: A row as in JSON; `incidentlog.schemas.rows.decode_row` makes it typed.
Row = dict[str, Any]


class Change(NamedTuple):
    """The newest value of one key; `row` None: it is gone.

    `more`: the change after it belongs to the same moment. So do all that a promotion changes; who applies them together
    sees all of one version or all of the other.
    """

    key: str
    row: Row | None
    position: Position
    more: bool = False


def change_of(record: Record) -> Change:
    """The change that a record of a table is; BadRecord if it holds no row."""
    position = Position(record.topic, record.partition, record.offset)
    if record.key is None:
        raise BadRecord(*position, "no_key", "a row's record needs its key")
    if record.value is None:
        return Change(record.key.decode(), None, position)
    try:
        row = orjson.loads(record.value)
    except orjson.JSONDecodeError as error:
        raise BadRecord(*position, "invalid_json", str(error)) from error
    if not isinstance(row, dict):
        raise BadRecord(*position, "invalid_row", "a row is a JSON object")
    return Change(record.key.decode(), row, position)
