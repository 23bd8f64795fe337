"""Who may do what: the least that each role needs of topics, groups and transactional ids, as a cluster's authorizer knows it.

A role that may read or write something may see it, too. Nobody may alter settings, delete events or grant rights: that is left
to the cluster's administrators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from incidentlog.schemas.topics import PROJECTIONS, ROLLUPS, Topics

Operation = Literal["read", "write", "create", "delete", "describe", "describe-configs"]
Kind = Literal["topic", "group", "transactional-id"]


class Grant(NamedTuple):
    """One right: `operation` on the thing called `name`, or, if `prefixed`, on all whose names begin so."""

    kind: Kind
    name: str
    prefixed: bool
    operation: Operation


class Ground:
    """What an installation has that rights are about; those of one `version`, or, None, of every one there is or will be."""

    def __init__(self, topics: Topics, version: str | None) -> None:
        self.installed, self._version = topics, version

    def events(self, operation: Operation) -> set[Grant]:
        """The topics of claims and official actions."""
        return self.topics(operation, *self.installed.counted, *self.installed.official)

    def rows(self, operation: Operation) -> set[Grant]:
        """The tables of all projections."""
        return self._tables(operation, map(self.installed.rows, PROJECTIONS))

    def rollups(self, operation: Operation) -> set[Grant]:
        """The tables of roll-ups alone."""
        return self._tables(operation, map(self.installed.rows, ROLLUPS))

    def state(self, operation: Operation) -> set[Grant]:
        """What the folds go by: statements and contributions."""
        return self._tables(operation, (self.installed.statements, self.installed.contributions))

    def statements(self, operation: Operation) -> set[Grant]:
        """The sets of statements."""
        return self._tables(operation, (self.installed.statements,))

    def topics(self, operation: Operation, *names: str) -> set[Grant]:
        """Single topics."""
        return {Grant("topic", name, prefixed=False, operation=operation) for name in names}

    def all_topics(self, operation: Operation) -> set[Grant]:
        """Every topic of the installation, also those of releases to come."""
        return {Grant("topic", f"{self.installed.prefix}.", prefixed=True, operation=operation)}

    def group(self, operation: Operation) -> set[Grant]:
        """The group whose committed offsets say what was folded."""
        name = f"{self.installed.prefix}-{self._version or ''}"
        return {Grant("group", name, prefixed=self._version is None, operation=operation)}

    def webhooks(self) -> set[Grant]:
        """The groups that keep how far webhooks were told."""
        return {Grant("group", f"{self.installed.prefix}-webhook-", prefixed=True, operation="read")}

    def writers(self) -> set[Grant]:
        """The transactional ids by which a worker keeps others from writing."""
        name = f"{self.installed.prefix}-{self._version + '-' if self._version else ''}"
        return {Grant("transactional-id", name, prefixed=True, operation="write")}

    def _tables(self, operation: Operation, names: Iterable[str]) -> set[Grant]:
        if self._version is not None:
            return self.topics(operation, *(f"{self._stem(name)}{self._version}" for name in names))
        return {Grant("topic", self._stem(name), prefixed=True, operation=operation) for name in names}

    def _stem(self, name: str) -> str:
        return name.removesuffix(self.installed.version)


def _producer(ground: Ground) -> set[Grant]:
    return ground.events("write")


def _publisher(ground: Ground) -> set[Grant]:
    known = ground.events("read") | ground.statements("read") | ground.topics("read", ground.installed.versions)
    return _producer(ground) | known | ground.group("describe") | ground.topics("write", ground.installed.notes)


def _worker(ground: Ground) -> set[Grant]:
    # Its own roll-ups it reads back, to see what stands there already.
    reads = ground.events("read") | ground.state("read") | ground.rollups("read")
    reads |= ground.topics("read", ground.installed.versions)
    writes = ground.state("write") | ground.rows("write") | ground.topics("write", ground.installed.dead_letters)
    return reads | writes | ground.group("read") | ground.writers()


def _subscriber(ground: Ground) -> set[Grant]:
    return ground.rows("read") | ground.topics("read", ground.installed.versions)


def _analyst(ground: Ground) -> set[Grant]:
    own = ground.installed
    behind = ground.events("read") | ground.state("read") | ground.group("describe")
    return _subscriber(ground) | behind | ground.topics("read", own.dead_letters, own.redriven, own.notes)


def _gateway(ground: Ground) -> set[Grant]:
    return _analyst(ground) | ground.webhooks()


def _gateway_publishing(ground: Ground) -> set[Grant]:
    return _gateway(ground) | _publisher(ground)


def _reviewer(ground: Ground) -> set[Grant]:
    return _analyst(ground) | _publisher(ground)


def _operator(ground: Ground) -> set[Grant]:
    every = Ground(ground.installed, None)
    makes = every.all_topics("create") | every.all_topics("describe") | every.all_topics("describe-configs")
    retires = every.rows("delete") | every.state("delete")
    turns = ground.topics("write", ground.installed.versions, ground.installed.redriven)
    return _reviewer(every) | _worker(every) | makes | retires | turns


_ROLES: Mapping[str, Callable[[Ground], set[Grant]]] = {
    "producer": _producer,
    "publisher": _publisher,
    "worker": _worker,
    "subscriber": _subscriber,
    "analyst": _analyst,
    "gateway": _gateway,
    "gateway-publishing": _gateway_publishing,
    "reviewer": _reviewer,
    "operator": _operator,
}
#: What each role is for.
ROLES: Mapping[str, str] = {
    "producer": "appends events, and reads nothing (publish --write-only)",
    "publisher": "appends events and paraphrases, and reads what is known already (publish)",
    "worker": "folds events into rows",
    "subscriber": "reads rows (watch)",
    "analyst": "reads everything (why, timeline, replay --as-of, diff, export, dlq list)",
    "gateway": "serves the page, answers and streams, and tells webhooks",
    "gateway-publishing": "the same, and takes events and verdicts",
    "reviewer": "grades, corrects, retracts and redacts claims",
    "operator": "makes topics, replays, promotes, retires versions and redrives dead letters",
}


def grants(role: str, topics: Topics, version: str | None = None) -> list[Grant]:
    """What a role needs, on one version or, None, on every one; KeyError if there is no such role."""
    return sorted(_ROLES[role](Ground(topics, version)))
