"""A dead letter with what became of it, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from incidentlog.client.ports import Record
from incidentlog.schemas.dead_letters import Origin, Redriven, letter_id, origin


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that no fold could take. `at` is when it was found, in milliseconds since 1970; `cut` says that it is not
    whole; `redriven` is None as long as it is open."""

    id: str
    origin: Origin
    reason: str
    detail: str
    event_type: str
    processor: str
    key: bytes | None
    value: bytes | None
    at: int
    cut: str = ""
    redriven: Redriven | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.redriven is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are wanted; what is empty lets everything pass. `ids` may be beginnings of ids, `topics` topics' names;
    times are milliseconds since 1970, `until` excluded."""

    ids: Collection[str] = ()
    reasons: Collection[str] = ()
    topics: Collection[str] = ()
    event_types: Collection[str] = ()
    since: int = 0
    until: int = 0
    done: bool = False
    """Those that were redriven as well."""

    def __contains__(self, letter: Letter) -> bool:
        return (
            (letter.open or self.done)
            and (not self.ids or any(letter.id.startswith(each) for each in self.ids))
            and (not self.reasons or letter.reason in self.reasons)
            and (not self.topics or letter.origin.topic in self.topics)
            and (not self.event_types or letter.event_type in self.event_types)
            and self.since <= letter.at
            and (not self.until or letter.at < self.until)
        )


def letter(record: Record, marks: Mapping[str, Redriven]) -> Letter | None:
    """The dead letter in a record, None if it is none; `marks` are what became of letters, by id."""
    try:
        lay = origin(record.headers)
    except (KeyError, ValueError):
        return None
    told = {name: text.decode(errors="replace") for name, text in record.headers}
    name = letter_id(lay, record.value)
    return Letter(
        name, lay, told.get("reason", ""), told.get("detail", ""), told.get("event_type", ""), told.get("processor", ""),
        record.key, record.value, record.timestamp, told.get("cut", ""), marks.get(name),
    )  # fmt: skip


def distinct(found: Iterable[Letter]) -> list[Letter]:
    """Each letter once, as it first came: a crash, and every replay of history, repeats them."""
    first: dict[str, Letter] = {}
    for each in found:
        first.setdefault(each.id, each)
    return list(first.values())
