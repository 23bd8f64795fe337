"""Whether a worker is alive and ready, judged by how far it is: nothing here says so of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from incidentlog.observing.health import Health
from incidentlog.observing.trend import BLIND_SECONDS, Trend


@dataclass(slots=True)
class Facts:
    """What is known of a worker. Moments are of a clock that never jumps, in seconds; None: it never was."""

    began: float
    #: When its loop ran last, and what it was folding then, if anything.
    beat: float
    busy: tuple[str, int] | None = None
    #: Since when the broker does not answer.
    silent_since: float | None = None
    #: When partitions were given out that are not read back yet, and when some were read back last.
    assigned_at: float | None = None
    recovered_at: float | None = None
    #: Partition numbers owned, by stage.
    owned: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    #: Why it is about to end.
    ending: str = ""
    trend: Trend = field(default_factory=Trend)
    #: The next offset of each partition, and when the record before it was appended, in seconds since 1970.
    positions: Mapping[tuple[str, int], int] = field(default_factory=dict)
    newest: Mapping[tuple[str, int], float] = field(default_factory=dict)

    @property
    def current(self) -> bool:
        """Whether it was looked at since it was given what it has."""
        looked, recovered = self.trend.looked, self.recovered_at
        return looked is not None and recovered is not None and looked >= recovered


def judge(facts: Facts, moment: float, now: float) -> Health:
    """Its health at a moment; `now` is the same in seconds since 1970.

    Not alive, so that to start it anew may help: its loop hangs, or a partition stands still while the log goes on. A broker
    that is away, a recovery, and being behind are no reasons: it is only not ready.
    """
    blocked = moment - facts.beat
    standings = list(facts.trend.standings(now, facts.positions)) if facts.silent_since is None else []
    dead = [each.told() for each in standings if each.stalled]
    if blocked > BLIND_SECONDS:
        what = f", while it folds {facts.busy[0]} partition {facts.busy[1]}" if facts.busy else ""
        dead = [f"its loop has not run for {blocked:.0f} s{what}"]
    why = [*dead, *_unready(facts, moment), *(each.told() for each in standings if each.behind and not each.stalled)]
    told = {
        "owned": {stage: list(numbers) for stage, numbers in facts.owned.items()},
        "last_applied": _last_applied(facts),
        "lag": [
            {"stage": each.group, "partition": each.partition, "records": each.lag, "seconds": round(each.waiting, 1)}
            for each in standings
        ],
    }
    return Health(not dead, not why, tuple(why), told)


def _unready(facts: Facts, moment: float) -> list[str]:
    if facts.ending:
        return [facts.ending]
    if facts.silent_since is not None:
        return [f"the broker has not answered for {moment - facts.silent_since:.0f} s"]
    if facts.assigned_at is not None:
        return [f"it reads back what it was given {moment - facts.assigned_at:.0f} s ago"]
    if facts.recovered_at is None:
        return [f"it has been given no partitions yet, {moment - facts.began:.0f} s after it began"]
    if not facts.current:
        return ["it was not looked at how far it is yet"]
    return []


def _last_applied(facts: Facts) -> dict[str, Any] | None:
    """The newest event that is stored, by when it was appended."""
    found = {place: at for place, at in facts.newest.items() if place in facts.positions}
    if not found:
        return None
    place = max(found, key=lambda each: found[each])
    appended = datetime.fromtimestamp(found[place], UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"topic": place[0], "partition": place[1], "offset": facts.positions[place] - 1, "appended": appended}
