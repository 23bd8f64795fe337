"""What publishing the new text of a sheet would change in the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, NamedTuple

from incidentlog.schemas.actions import OfficialAction
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.events import Event, claim_id, claimed, dump
from incidentlog.sheets.published import Published

Claim = CountedClaim | OfficialAction
Families = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """One statement that the log does not have as the sheet does.

    `old` is the statement as it now holds, `new` as it is to be. `moved`: it counts in another cell now, so `new` has
    another id; `restored`: it was retracted, yet stands in the sheet. `undo` are events about it that must no longer hold.
    `step` says what is appended besides: the claim itself, a correction, or nothing.
    """

    kind: Literal["added", "changed", "moved", "removed", "restored"]
    old: Event | None
    new: Event | None
    undo: tuple[Event, ...] = ()
    step: Literal["claim", "correction", "nothing"] = "nothing"
    spent: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    @property
    def ref(self) -> str:
        """The label of the statement."""
        event = self.new or self.old
        return _data(event).ref if event else ""


class _Home(NamedTuple):
    """Where a statement counts, or will: the id and label it has there, and what it replaces if it moved there."""

    id: str
    ref: str
    replaces: str | None


def difference(old_events: Iterable[Event], new_events: Iterable[Event]) -> list[Change]:
    """What must change for the log, which has `old_events`, to say what a sheet now says: `new_events`.

    `old_events` may be all the log has, in any order; claims of other articles do not matter. A statement that someone
    has retracted although the sheet has it is `restored`: whether to do so is for a person to decide.
    """
    log, sheet = Published(old_events), {event.id: event for event in new_events}
    families, spent = _families(log, sheet), log.spent()
    homes = {each: _home(log, event, families[each], sheet) for each, event in sheet.items()}
    wanted = [(_wanted(event, homes), families[each]) for each, event in sheet.items()]
    changes = [change for event, family in wanted if (change := _change(log, event, family, spent)) is not None]
    sources = {event.source for event in sheet.values()} or {event.source for event in log.claims.values()}
    told = {change.old.id for change in changes if change.old} | {home.id for home in homes.values()}
    gone = sorted(each for each, claim in log.claims.items() if claim.source in sources and each not in told)
    removed = [Change("removed", log.effective(each), None, spent=spent) for each in gone if log.holds(each)]
    return changes + removed


def _families(log: Published, sheet: Mapping[str, Event]) -> Families:
    """For each statement of the sheet its ids in the log: first its own, then those it got by moving to other cells."""
    families = {each: [each] if each in log.claims else [] for each in sheet}
    moved = []
    for each, claim in log.claims.items():
        root, _, number = _data(claim).ref.rpartition(".")
        if each not in sheet and _data(claim).replaces is not None and number.isdecimal():
            moved.append((int(number), claim_id(claim.source, root), each))
    for _, root_id, each in sorted(moved):
        families.get(root_id, []).append(each)
    return families


def _home(log: Published, event: Event, family: list[str], sheet: Mapping[str, Event]) -> _Home:
    fitting = [each for each in family if (log.claims[each].type, log.claims[each].cell) == (event.type, event.cell)]
    if fitting:
        home = log.claims[(_living(log, fitting) or fitting)[-1]]
        return _Home(home.id, _data(home).ref, None if home.id == event.id else _data(home).replaces)
    if not family:
        return _Home(event.id, _data(event).ref, None)
    # S2-05 moves to S2-05.2, then to S2-05.3
    for number in count(2):
        ref = f"{_data(event).ref}.{number}"
        if claim_id(event.source, ref) not in log.claims.keys() | sheet.keys():
            break
    return _Home(claim_id(event.source, ref), ref, (_living(log, family) or family)[-1])


def _living(log: Published, family: list[str]) -> list[str]:
    return [each for each in family if log.holds(each)]


def _wanted(event: Event, homes: Mapping[str, _Home]) -> Event:
    """The event as the log is to have it: in its home, and with links to where other statements now count."""
    data, home = _data(event), homes[event.id]
    update: dict[str, Any] = {"ref": home.ref, "related": tuple(_led(each, homes) for each in data.related)}
    for name in ("part_of", "twin_of", "replaces"):
        linked = getattr(data, name, None)
        if linked is not None:
            update[name] = _led(linked, homes)
    if home.replaces is not None:
        update["replaces"] = home.replaces
    return claimed(event.source, data.model_copy(update=update))


def _led(linked: str, homes: Mapping[str, _Home]) -> str:
    return homes[linked].id if linked in homes else linked


def _change(log: Published, wanted: Event, family: list[str], spent: frozenset[str]) -> Change | None:
    others = [each for each in _living(log, family) if each != wanted.id]
    elsewhere = log.effective(others[-1]) if others else None
    if wanted.id not in log.claims:
        return Change("moved" if elsewhere else "added", elsewhere, wanted, step="claim", spent=spent)
    retractions, content = log.retractions(wanted.id), dump(wanted.data)
    same = dump(log.effective(wanted.id).data) == content
    if same and not retractions:
        return None
    undo = retractions if same else retractions + log.corrections(wanted.id)
    step: Literal["correction", "nothing"]
    step = "nothing" if same or dump(log.claims[wanted.id].data) == content else "correction"
    if retractions:
        return Change("moved" if elsewhere else "restored", elsewhere, wanted, undo, step, spent)
    return Change("changed", log.effective(wanted.id), wanted, undo, step, spent)


def _data(event: Event) -> Claim:
    assert isinstance(event.data, Claim)
    return event.data
