"""Topics: streams of events that never expire, tables that are compacted, their keys, partitions and settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from incidentlog.schemas.about import AboutClaims
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.claims import CLAIM_TYPES

#: The broker's clock stamps records: by the writer's, a broker refuses them if that is more than an hour ahead.
STAMPED = {"message.timestamp.type": "LogAppendTime"}
STREAM = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"} | STAMPED
#: Only closed segments are compacted, and whoever starts reads the rest as well: small ones keep that short. One must hold
#: the largest record.
TABLE = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "segment.bytes": str(24 << 20)} | STAMPED
#: What was erased among paraphrases is to be gone from the disks too: segments end and are compacted within an hour.
ERASABLE = {"max.compaction.lag.ms": str(60 * 60 * 1000)}
#: Rows and contributions of large cells may pass Kafka's usual megabyte.
LARGE = {"max.message.bytes": str(16 << 20)}
#: From three replicas on, what is acknowledged is on two of them at least, and one may be away.
REPLICATED = {"min.insync.replicas": "2"}
ROLLUPS = (
    "rescued-by-nationality", "repatriated-by-nationality", "requests-by-nationality", "missing-by-nationality",
    "arrests-by-place", "raids-by-place",
)  # fmt: skip
OFFICIAL_ACTIONS = "official-actions"
#: What `watch` can follow.
PROJECTIONS = ("estimates", *ROLLUPS, OFFICIAL_ACTIONS)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it should be: a stream keeps every record, a table the newest of each key; `replication` 0 is whatever
    the cluster gives."""

    name: str
    kind: Literal["stream", "table"]
    partitions: int
    settings: dict[str, str] = field(default_factory=dict)
    replication: int = 0


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of one installation. `prefix` keeps installations on one cluster apart, `version` sets of projections.

    `replication` is on how many brokers each record is to be, 0 as many as the cluster has it by itself.
    """

    prefix: str = "incidentlog"
    version: str = "v1"
    partitions: int = 4
    replication: int = 0

    def events(self, event_type: str) -> str:
        """The topic of a claim or action type: `RescueReported` is on `incidentlog.rescue-reported`."""
        return f"{self.prefix}.{re.sub('(?<!^)(?=[A-Z])', '-', event_type).lower()}"

    def home(self, data: object) -> str:
        """The topic that carries an event's data; events about claims go where their target is."""
        return self.events(data.target.type if isinstance(data, AboutClaims) else type(data).__name__)

    def event_type(self, topic: str) -> str:
        """The claim or action type whose topic this is."""
        return "".join(part.capitalize() for part in topic.removeprefix(self.prefix + ".").split("-"))

    @property
    def counted(self) -> tuple[str, ...]:
        """The topics whose events are folded into estimates."""
        return tuple(map(self.events, CLAIM_TYPES))

    @property
    def official(self) -> tuple[str, ...]:
        """The topics of official actions."""
        return tuple(map(self.events, ACTION_TYPES))

    @property
    def group(self) -> str:
        """The consumer group of the workers that keep this version: its committed offsets say what was folded."""
        return f"{self.prefix}-{self.version}"

    @property
    def statements(self) -> str:
        """The sets themselves: one record per event, key `cell#event id`."""
        return f"{self.prefix}.statements.{self.version}"

    @property
    def contributions(self) -> str:
        """What each cell adds to the roll-ups, as whole latest values."""
        return f"{self.prefix}.contributions.{self.version}"

    @property
    def dead_letters(self) -> str:
        """Records that no fold could take, byte for byte, the reason in their headers."""
        return f"{self.prefix}.dead-letters"

    @property
    def redriven(self) -> str:
        """Which dead letters were mended and published again; key = id of the letter (`incidentlog.schemas.dead_letters`)."""
        return f"{self.prefix}.redriven"

    @property
    def notes(self) -> str:
        """Paraphrases, apart from the events so that they can be erased; key = claim id."""
        return f"{self.prefix}.notes"

    @property
    def versions(self) -> str:
        """Which version is live, and which ones are kept (`incidentlog.schemas.versions`)."""
        return f"{self.prefix}.versions"

    def rows(self, projection: str) -> str:
        """The table of a projection's rows."""
        return f"{self.prefix}.{projection}.{self.version}"

    def all(self) -> list[Topic]:
        """Every topic there should be, streams first."""
        streams = [Topic(name, "stream", self.partitions, STREAM) for name in (*self.counted, *self.official)]
        streams.append(Topic(self.dead_letters, "stream", 1, STREAM | LARGE))
        tables = [self.statements, self.contributions, *map(self.rows, PROJECTIONS)]
        apart = [Topic(name, "table", 1, TABLE) for name in (self.versions, self.redriven)]
        apart.insert(0, Topic(self.notes, "table", 1, TABLE | ERASABLE))
        tables_of_cells = [Topic(name, "table", self.partitions, TABLE | LARGE) for name in tables]
        return [self._replicated(topic) for topic in (*streams, *tables_of_cells, *apart)]

    def _replicated(self, topic: Topic) -> Topic:
        safe = REPLICATED if self.replication >= 3 else {}
        return replace(topic, replication=self.replication, settings=topic.settings | safe)
