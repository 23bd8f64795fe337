"""What the doctor looks at, once it was gathered: no check asks the cluster again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from incidentlog.client.ports import Node, Record, TopicPartition
from incidentlog.schemas.dead_letters import Origin
from incidentlog.schemas.topics import Topics
from incidentlog.topics import Difference


@dataclass(slots=True)
class Facts:
    """A set-up at one moment, `now` (milliseconds since 1970, by this machine's clock); `topics` are those of the live version.

    `unreachable` says why nobody answers at `address`; then all that would come from there is empty.
    """

    address: str
    topics: Topics
    now: int
    unreachable: str = ""
    #: Version installed, by distribution; None: it is not.
    installed: Mapping[str, str | None] = field(default_factory=dict)
    nodes: Sequence[Node] = ()
    #: Of each event topic.
    partitions: Mapping[str, int] = field(default_factory=dict)
    differences: Sequence[Difference] = ()
    #: Names of all topics that begin as the installation's do.
    names: Sequence[str] = ()
    live: str = ""
    #: Records of event topics that are not folded yet, and when the oldest of them was appended, by partition.
    waiting: Mapping[TopicPartition, int] = field(default_factory=dict)
    oldest: Mapping[TopicPartition, int] = field(default_factory=dict)
    owners: Mapping[TopicPartition, str] = field(default_factory=dict)
    #: The newest records of the event topics, some of each partition.
    newest: Sequence[Record] = ()
    #: Open dead letters, by reason, and where records lay whose letters are done.
    letters: Mapping[str, int] = field(default_factory=dict)
    mended: Collection[Origin] = ()
