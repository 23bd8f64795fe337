"""The traces of events, through the transactions that fold them and the rows that come of it.

A transaction takes in many events; each that is traced has a span of its own, up to a bound. A row carries the trace of the
newest event of its cell, and links to the others'.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import Span, SpanContext

from incidentlog.observing.spans import Spans, about, carried, headers_of
from incidentlog.schemas.cells import OFFICIAL
from incidentlog.schemas.topics import OFFICIAL_ACTIONS, Topics
from incidentlog.worker.outbox import Outbox
from incidentlog.worker.tally import Account, Tally

#: Traced events of one transaction that are followed further, and links of one row.
MOST, LINKS = 64, 16


@dataclass(slots=True)
class _Heard:
    """A traced record that is being folded. `about` are the names of what it may change."""

    parent: SpanContext
    topic: str
    partition: int
    offset: int
    began: int
    about: frozenset[str]
    span: Span | None = None


class TracedAccount(Account):
    """What a tally is told, and traces with it; for the first stage, or for that of the roll-ups."""

    __slots__ = ("_changes", "_ending", "_heard", "_left_out", "_spans", "_topics")

    def __init__(self, tally: Tally, stage: str, partition: int, spans: Spans, *, first: bool) -> None:
        super().__init__(tally, stage, partition)
        self._spans, self._topics = spans, tally.topics
        self._changes: Callable[[bytes], frozenset[str]] = _of_event if first else _of_contribution
        self._heard: list[_Heard] = []
        self._left_out = 0
        self._ending: list[Span] = []

    def heard(self, message: Any, chunk: Sequence[Any]) -> None:
        """A chunk is folded; the traced ones in it are noted."""
        now = time.time_ns()
        for record in chunk:
            context = carried(record.headers)
            if context is not None:
                if len(self._heard) >= MOST:
                    self._left_out += 1
                    continue
                changes = self._changes(record.key or b"")
                place = message.topic, message.partition, record.offset
                self._heard.append(_Heard(context, *place, now, changes))

    def leaving(self, outbox: Outbox) -> None:
        """What was heard of leaves in one transaction: its rows carry the traces on."""
        heard, self._heard = self._heard, []
        if not heard:
            return
        name = "fold" if self._changes is _of_event else "roll-up"
        for each in heard:
            told = about("process", each.topic, each.partition, messaging__kafka__offset=each.offset)
            told |= {"messaging.batch.message_count": len(heard) + self._left_out}
            each.span = self._spans.begin(name, "process", each.parent, began=each.began, about=told)
            self._ending.append(each.span)
        self._left_out = 0
        rows: dict[tuple[str, ...], Span] = {}
        for (topic, partition), records in outbox.items():
            for at, (key, value, headers) in enumerate(records):
                behind = _behind(_names(topic, key or b"", self._topics), heard)
                if behind:
                    span = self._row(rows, behind, topic, partition)
                    records[at] = (key, value, [*headers, *headers_of(span)])

    def left(self) -> None:
        """The transaction is over."""
        for span in self._ending:
            span.end()
        self._ending.clear()

    def _row(self, rows: dict[tuple[str, ...], Span], behind: list[_Heard], topic: str, partition: int) -> Span:
        """The span of the rows of one topic that come of the same events."""
        key = (topic, *(str(id(each)) for each in behind))
        if key not in rows:
            newest = behind[-1].span
            links = [each.span.get_span_context() for each in behind[:-1][-LINKS:] if each.span is not None]
            rows[key] = self._spans.begin("row", "send", newest, links, about=about("send", topic, partition))
            self._ending.append(rows[key])
        return rows[key]


def _behind(names: frozenset[str], heard: Iterable[_Heard]) -> list[_Heard]:
    return [each for each in heard if names & each.about] if names else []


def _of_event(key: bytes) -> frozenset[str]:
    """The cell that an event is keyed by."""
    cell = key.decode(errors="replace")
    return frozenset({OFFICIAL if cell.startswith(OFFICIAL + "/") else cell})


def _of_contribution(key: bytes) -> frozenset[str]:
    """The rows that a contribution may change: by nationality, by place, and all together."""
    projection, _, place = key.decode(errors="replace").partition("|")
    parts = place.partition("#")[0].split("/")
    return frozenset(f"{projection}|{each}" for each in ("*", *parts[1:]))


def _names(topic: str, key: bytes, topics: Topics) -> frozenset[str]:
    """What a record that leaves is about."""
    text = key.decode(errors="replace")
    if topic == topics.rows(OFFICIAL_ACTIONS):
        return frozenset({OFFICIAL})
    if topic == topics.contributions:
        return frozenset({"/".join(text.partition("|")[2].partition("#")[0].split("/")[:3])})
    if topic == topics.rows("estimates"):
        return frozenset({"/".join(text.split("/")[:3])})
    if topic in (topics.statements, topics.dead_letters):
        return frozenset()
    return frozenset({f"{topic.removeprefix(topics.prefix + '.').rpartition('.')[0]}|{text}"})
