"""What programs use: Publisher appends events, Subscriber follows a projection, History reads what was appended."""

from incidentlog.client.errors import (
    AccessDenied,
    BadRecord,
    BrokerRefused,
    BrokerUnreachable,
    ClientError,
    NotAuthenticated,
    NotOpen,
    PositionLost,
    TopicMissing,
    UnknownProjection,
)  # fmt: skip
from incidentlog.client.history import History, RecordedEvent
from incidentlog.client.memory import MemoryBroker
from incidentlog.client.publisher import Publisher
from incidentlog.client.receipts import Receipt, Totals
from incidentlog.client.refusals import (
    BufferFull,
    CellChanged,
    EventRefused,
    EventTooLarge,
    IdConflict,
    NotAcknowledged,
    PublishError,
)  # fmt: skip
from incidentlog.client.rows import Change, Row
from incidentlog.client.subscriber import Subscriber

__all__ = [
    "AccessDenied",
    "BadRecord",
    "BrokerRefused",
    "BrokerUnreachable",
    "BufferFull",
    "CellChanged",
    "Change",
    "ClientError",
    "EventRefused",
    "EventTooLarge",
    "History",
    "IdConflict",
    "MemoryBroker",
    "NotAcknowledged",
    "NotAuthenticated",
    "NotOpen",
    "PositionLost",
    "PublishError",
    "Publisher",
    "Receipt",
    "RecordedEvent",
    "Row",
    "Subscriber",
    "TopicMissing",
    "Totals",
    "UnknownProjection",
]  # fmt: skip
