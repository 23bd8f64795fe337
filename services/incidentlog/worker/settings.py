"""What a worker is told: where the broker is, which set of topics and version, and how eagerly to store."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self

from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import Kept

BOOTSTRAP_VARIABLE = "INCIDENTLOG_BOOTSTRAP"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Settings of one worker; times are in seconds.

    `every` is the least time from one transaction of a partition to its next: what changes meanwhile goes out together.
    While more than a fetch waits to be read, `every_behind` applies instead, since what changes often is then written
    less often. Offsets of what is stored are committed every `commit_interval`. `waiting` is how many events of a partition
    may be folded but not yet stored; then they are stored at once, and folding pauses if need be. `fetch_every` is the least
    time from one fetch of a broker to its next, `fetch_wait` how long a broker may wait for something to answer with.
    `patience` is how long to wait at the start for a broker that does not answer yet and for topics that are not there yet;
    0 says so at once.
    `instance` names this worker within its group, lastingly and uniquely: when it dies and is started again, it goes on
    at once; without a name the group waits `session_timeout` for the dead one. In return, when a named worker is stopped
    for good, the others wait as long before they take over.
    `host_first` are measures of your own registers, separated by commas, for which the host state speaks first; all workers
    must agree on them. `as_of` (a day) and `known_at` (a moment, RFC 3339) limit what the folds of a version count, "" does
    not; all its workers must agree on them, too. `rate` is how many events a second are folded at most, 0 as many as can be.
    Metrics and health are served on `metrics_port` of `metrics_host`, 0 takes a free port and -1 serves none.
    """

    bootstrap: str
    prefix: str = "incidentlog"
    version: str = "v1"
    every: float = 0.02
    every_behind: float = 10.0
    commit_interval: float = 0.5
    waiting: int = 20_000
    fetch_bytes: int = 1 << 20
    fetch_wait: float = 0.05
    fetch_every: float = 0.02
    session_timeout: float = 10.0
    transaction_timeout: float = 30.0
    recovery_timeout: float = 600.0
    stop_timeout: float = 10.0
    patience: float = 0.0
    instance: str = ""
    host_first: str = ""
    as_of: str = ""
    known_at: str = ""
    rate: float = 0.0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = -1

    @property
    def topics(self) -> Topics:
        """The topics of this installation and version."""
        return Topics(self.prefix, self.version)

    @property
    def group(self) -> str:
        """The consumer group that all workers of one version share."""
        return self.topics.group  # publishers read its commits, to know what is not folded yet

    @property
    def kept(self) -> Kept:
        """Within which limits its version folds."""
        return Kept(self.as_of, self.known_at)

    def writer(self, stage: str, partition: int) -> str:
        """The transactional id of whoever owns `partition` in `stage` ("" for the first): one writer at a time."""
        return "-".join(filter(None, (self.prefix, self.version, stage, str(partition))))

    def to_json(self) -> str:
        """For the command line of a child process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The settings that `to_json` wrote."""
        return cls(**json.loads(text))
