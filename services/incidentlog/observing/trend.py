"""Health from how far something has come: where it stands, where the log ends, and whether the one follows the other.

No clock is asked here: whoever looks says when. Moments are seconds of a clock that never jumps, and times of records are
seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

#: Seconds without a step forward, while there is something to read, after which something stands still.
STILL_SECONDS = 20.0
#: Seconds that the oldest record may wait: longer, and it is behind. What catches up stores every ten seconds.
BEHIND_SECONDS = 30.0
#: Seconds between two looks, of which nobody can say what moved.
GAP_SECONDS = 15.0
#: Seconds without a look of any kind after which nothing is known any more.
BLIND_SECONDS = 25.0


#: Nothing is known from elsewhere.
NOTHING: Mapping[tuple[str, int], int] = MappingProxyType({})


class Place(NamedTuple):
    """A partition; those of one `group` have one worker's task, or one follower, and move in turn."""

    group: str
    topic: str
    partition: int


class Seen(NamedTuple):
    """A place at one moment: the next offset to take, where reading ends, and when the first record between them was
    appended; None: there is none, whatever the offsets say (the end may be a transaction's marker)."""

    position: int
    end: int
    oldest: float | None

    @property
    def lag(self) -> int:
        """Offsets that are still to be taken; markers of transactions between them count as well."""
        return 0 if self.oldest is None else self.end - self.position

    def taken(self, position: int) -> Seen:
        """The same once everything before `position` was taken."""
        if position <= self.position:
            return self
        return Seen(position, self.end, self.oldest if position < self.end else None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A group of places as it stands. `still` is for how many seconds nothing of it moved though there was something to
    read, `stalled` whether that is too long; `waiting` is for how many seconds its oldest record has waited, and `grew`
    whether its lag grew since the look before."""

    group: str
    partition: int
    lag: int
    waiting: float
    still: float
    stalled: bool
    grew: bool

    @property
    def behind(self) -> bool:
        """Whether what it has is old."""
        return self.waiting > BEHIND_SECONDS

    def told(self) -> str:
        """For people: what is the matter with it, if anything is."""
        where = f"{self.group} partition {self.partition}"
        if self.stalled:
            return f"{where} stands still for {self.still:.0f} s, {self.lag} records before the end"
        if self.behind:
            how = "falls behind" if self.grew else "catches up"
            return f"{where} {how}: {self.lag} records, the oldest waiting for {self.waiting:.0f} s"
        return ""


class Trend:
    """Looks one after another; what is made of them is asked for at any time, by any thread.

    What does not move for `still` seconds stands still.
    """

    def __init__(self, still: float = STILL_SECONDS) -> None:
        self._still, self._missed = still, False
        self._seen: Mapping[Place, Seen] = {}
        self._moved: dict[tuple[str, int], float] = {}
        self._lags: dict[tuple[str, int], int] = {}
        self._before: dict[tuple[str, int], int] = {}
        self.looked: float | None = None
        """When it was looked last."""

    @property
    def seen(self) -> Mapping[Place, Seen]:
        """What was seen last."""
        return self._seen

    def note(self, moment: float, seen: Mapping[Place, Seen]) -> None:
        """Take in a look at all places there are now."""
        missed = self._missed or (self.looked is not None and moment - self.looked > GAP_SECONDS)
        moved = {} if missed else dict(self._moved)
        steps = {_group(place) for place, now in seen.items() if self._stepped(place, now)}
        waits = _waiting(self._seen) & _waiting(seen)
        groups = {_group(place) for place in seen}
        for group in groups:
            if group in steps or group not in waits or group not in moved:
                moved[group] = moment
        lags = {group: sum(now.lag for place, now in seen.items() if _group(place) == group) for group in groups}
        self._moved = {group: moved[group] for group in groups}
        self._before, self._lags, self._seen, self.looked = self._lags, lags, dict(seen), moment
        self._missed = False

    def miss(self) -> None:
        """Nobody could look: what happened until the next look is not known."""
        self._missed = True

    def standings(self, now: float, taken: Mapping[tuple[str, int], int] = NOTHING) -> Iterator[Standing]:
        """Each group of places as it was seen last; `now` is the time by the clock of the records. `taken` are next offsets
        by topic and partition that are known from elsewhere to have been reached since."""
        moved, looked, lags = self._moved, self.looked or 0.0, self._lags
        seen = {place: each.taken(taken.get(place[1:], 0)) for place, each in self._seen.items()}
        for group, partition in sorted(lags):
            lag = sum(each.lag for place, each in seen.items() if _group(place) == (group, partition))
            oldest = [
                each.oldest
                for place, each in seen.items()
                if _group(place) == (group, partition) and each.oldest is not None
            ]
            waiting = max(0.0, now - min(oldest)) if oldest else 0.0
            still = looked - moved.get((group, partition), looked) if oldest else 0.0
            grew = lag > self._before.get((group, partition), lag)
            yield Standing(group, partition, lag, waiting, still, still >= self._still, grew)

    def _stepped(self, place: Place, now: Seen) -> bool:
        before = self._seen.get(place)
        return before is None or now.position != before.position


def _waiting(seen: Mapping[Place, Seen]) -> set[tuple[str, int]]:
    return {_group(place) for place, now in seen.items() if now.oldest is not None}


def _group(place: Place) -> tuple[str, int]:
    return place.group, place.partition
