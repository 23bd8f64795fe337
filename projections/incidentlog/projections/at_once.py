"""Steps 4 to 8 over a set of statements in one go, for a number that is wanted now and then: nothing is kept.

It says what a tally says of the same statements, for a third of the effort, as long as containment goes no deeper than one
level.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter

import orjson

from incidentlog.projections.entry import CUMULATIVE, NUMBERS, STOCK
from incidentlog.projections.merged import Merged
from incidentlog.projections.plain import LAST_MOMENT
from incidentlog.projections.series import DAYS_APART
from incidentlog.projections.summary import Bounds
from incidentlog.schemas.statements import FIRM, OPEN

Key = tuple[str, str, str]
#: As-of, published, first claim, low, best, high: what orders the figures of a series, and what they say.
Figure = tuple[int, str, str, int, int | None, int]
#: End, start, low, value, and who says it.
Window = tuple[int, int, int, int, "Voice"]

_end, _start, _figure = itemgetter(0), itemgetter(1), itemgetter(0, 1, 2)
_CUMULATIVE, _STOCK = NUMBERS[CUMULATIVE], NUMBERS[STOCK]


class Voice:
    """An authority: its figures by place and since, the ends and highs of what else it says, and its firm "n further".

    `stocks` are figures as well, and whether they may speak for the country.
    """

    __slots__ = ("rank", "series", "stocks", "terms", "unbased")

    def __init__(self, rank: int) -> None:
        self.rank = rank
        self.series: dict[tuple[str, int], list[Figure]] = {}
        self.terms: list[tuple[int, int]] = []
        self.stocks: list[tuple[int, str, str, int, int | None, int, bool]] = []
        self.unbased = False


class AtOnce:
    """The statements of one set, and what they come to. `rank` is the class of an authority, 0 speaks first.

    `named` are the claims that some of them are said to be parts of.
    """

    def __init__(self, rank: Callable[[Key], int], named: set[str]) -> None:
        self._rank, self._named = rank, named
        #: Of those that are there, the grade of their statements.
        self._grades: dict[str, int] = {}
        self._voices: dict[Key, Voice] = {}
        self._windows: list[Window] = []
        #: What the standing all-time figures are: (rank, as-of, value), and as windows (end, start, low).
        self._anchors: list[tuple[int, int, int]] = []
        self._from_the_beginning: list[tuple[int, int, int]] = []
        self.size = 0

    def read(self, raw: bytes) -> None:
        """Take in statements that were packed plainly."""
        keys, packed = orjson.loads(raw)
        voices = [self._voice(tuple(key)) for key in keys]
        self.size += len(packed)
        windows, named = self._windows, self._named
        for row in packed:
            if len(row) > 9:
                _, at, kind, start, end, low, best, high, published, grade, further, place, *_ = row
            else:
                _, at, kind, start, end, low, best, high, published = row
                grade, further, place = FIRM, False, ""
            if named and (row[0] in named or not named.isdisjoint(row[12:])):
                self._grades.update(dict.fromkeys(named.intersection((row[0], *row[12:])), grade))
            voice = voices[at]
            if high is None:
                high = OPEN
            if kind == _STOCK:
                if published.endswith("T"):
                    published += LAST_MOMENT
                voice.stocks.append((end, published, row[0], low, best, high, grade == FIRM and not place))
                continue
            if grade != FIRM:
                voice.terms.append((end, high))
                continue
            if further:
                voice.unbased = True
            if kind == _CUMULATIVE:
                if published.endswith("T"):
                    published += LAST_MOMENT
                figure = end, published, row[0], low, best, high
                series = voice.series.get((place, start))
                if series is None:
                    voice.series[place, start] = [figure]
                else:
                    series.append(figure)
                continue
            voice.terms.append((end, high))
            if best is not None or low > 0:
                windows.append((end, start, low, low if best is None else best, voice))

    def add(self, statements: Collection[Merged]) -> bool:
        """Take in statements, after all that were packed; False: not for a sum in one go."""
        self.size += len(statements)
        for statement in statements:
            for claim in self._named.intersection(statement.ids) if self._named else ():
                if statement.part_of:
                    return False  # a part of a part, or a circle
                self._grades[claim] = statement.grade
        for statement in statements:
            if self._grades.get(statement.part_of, -1) < statement.grade:
                self._add(statement)
        return True

    def _add(self, statement: Merged) -> None:
        voice, end, high = self._voice(statement[2:5]), statement.end, statement.high
        low, best, firm = statement.low, statement.best, statement.grade == FIRM
        figure = end, statement.published, statement.ids[0], low, best, high
        if statement.kind == STOCK:
            voice.stocks.append((*figure, firm and not statement.subdivision))
            return
        if not firm:
            voice.terms.append((end, high))
            return
        voice.unbased |= statement.prior_unknown
        if statement.kind == CUMULATIVE:
            voice.series.setdefault((statement.subdivision, statement.start), []).append(figure)
            return
        voice.terms.append((end, high))
        if best is not None or low > 0:
            self._windows.append((end, statement.start, low, low if best is None else best, voice))

    @property
    def bounds(self) -> Bounds | None:
        """(low, best, high) of all statements taken in; a best of nothing quantified is the low. To be asked for once.

        None where there are stocks beside what has a window.
        """
        voices = self._voices.values()
        if any(voice.stocks for voice in voices):
            return None if any(voice.terms or voice.series for voice in voices) else _stock(voices)
        high = sum([self._high(voice) for voice in voices])
        anchors, windows = self._anchors, self._windows
        first = min([rank for rank, _, _ in anchors], default=0)
        cut, best = max([(end, value) for rank, end, value in anchors if rank == first], default=(-1, 0))
        low = _greatest([(end, start, low) for end, start, low, _, _ in windows] + self._from_the_beginning)
        best = max(best + _clustered([window for window in windows if window[1] > cut]), low)
        return low, best, min(max(high, best), OPEN)

    def _voice(self, key: Key) -> Voice:
        voice = self._voices.get(key)
        if voice is None:
            voice = self._voices[key] = Voice(self._rank(key))
        return voice

    def _high(self, voice: Voice) -> int:
        """Its part of high; its figures that are not taken back join the windows."""
        terms, all_time = voice.terms, None
        for (place, since), figures in voice.series.items():
            figures.sort()
            pieces, standing = settled(figures, revises=not place)
            if place or since:
                terms += pieces
            else:
                all_time = pieces, figures[-1][0]
            for end, _, _, low, best, _ in standing:
                if best is None and low <= 0:
                    continue
                value = low if best is None else best
                if place or since:
                    self._windows.append((end, since, low, value, voice))
                else:
                    self._from_the_beginning.append((end, 0, low))
                    self._anchors.append((voice.rank, end, value))
        if all_time is None:
            return sum([high for _, high in terms]) + (OPEN if voice.unbased else 0)
        pieces, cut = all_time
        return sum([high for _, high in pieces]) + sum([high for end, high in terms if end > cut])


def settled(figures: Sequence[Figure], *, revises: bool) -> tuple[list[tuple[int, int]], Iterable[Figure]]:
    """Step 4: (as-of, high) of each segment of a series in order, and the figures that are not taken back."""
    newest = figures[-1]
    if not revises or len(figures) == 1:
        return [(newest[0], newest[5])], figures
    peak = -1
    for figure in figures:
        if figure[5] < peak:
            break
        if figure[3] > peak:  # noqa: PLR1730
            peak = figure[3]
    else:
        return [(newest[0], newest[5])], figures
    revised = _revised(figures)
    pieces: list[tuple[int, int]] = []
    newest_standing, peak, keep = None, -1, -1
    for at, (end, _, _, low, best, high) in enumerate(figures):
        if not at or peak > high:
            pieces.append((end, high))
            newest_standing, peak, keep = None, -1, -1
        if revised[at]:
            keep = max(keep, high if best is None else best)
        else:
            peak = max(peak, low)
            newest_standing = end, high
        if newest_standing is not None:
            pieces[-1] = newest_standing[0], max(newest_standing[1], keep)
    return pieces, [figure for at, figure in enumerate(figures) if not revised[at]]


def _revised(figures: Sequence[Figure]) -> bytearray:
    """Which figures a later one takes back: its high is below their low, at most so many days on.

    `later` holds figures that some earlier one may find the lowest, the lowest last.
    """
    revised = bytearray(len(figures))
    later: deque[tuple[int, int]] = deque()
    for at in range(len(figures) - 1, -1, -1):
        end, _, _, low, _, high = figures[at]
        while later and later[-1][0] > end + DAYS_APART:
            later.pop()
        revised[at] = bool(later) and later[-1][1] < low
        while later and later[0][1] >= high:
            later.popleft()
        later.appendleft((end, high))
    return revised


def _stock(voices: Iterable[Voice]) -> Bounds:
    """Step 8, where there is nothing but stocks."""
    values: list[tuple[int, int, int, str, int]] = []
    high = 0
    for voice in voices:
        stocks = sorted(voice.stocks, key=_figure, reverse=True)
        speaking = next((s for s in stocks if s[6] and (s[4] is not None or s[3] > 0)), None)
        if speaking is not None:
            end, _, claim, low, best, most, _ = speaking
            values.append((voice.rank, -end, -(low if best is None else best), claim, low))
            high = max(high, most)
        high = max([high, *(most for later, _, _, _, _, most, _ in stocks if speaking is None or later > speaking[0])])
    if not values:
        return 0, 0, min(high, OPEN)
    _, _, value, _, low = min(values)
    return low, -value, min(high, OPEN)


def _greatest(windows: list[tuple[int, int, int]]) -> int:
    """Step 5: the greatest total over disjoint windows, of (end, start, worth)."""
    windows.sort(key=_end)
    ends = [end for end, _, _ in windows]
    total, totals = 0, [0]
    for at, (_, start, worth) in enumerate(windows):
        taken = totals[bisect_left(ends, start, 0, at)] + worth
        if taken > total:  # noqa: PLR1730 (a call more for every window)
            total = taken
        totals.append(total)
    return total


def _clustered(windows: list[Window]) -> int:
    """Step 6 after the anchor: what each cluster of overlapping windows adds."""
    windows.sort(key=_start)
    total, last = 0, -1
    cluster: list[Window] = []
    for window in windows:
        if window[1] > last and cluster:
            total += _spoken(cluster)
            cluster = []
        cluster.append(window)
        last = max(last, window[0])
    return total + (_spoken(cluster) if cluster else 0)


def _spoken(cluster: list[Window]) -> int:
    """The greatest total of an authority of the best class in it."""
    if len(cluster) == 1:
        return cluster[0][3]
    first = min([voice.rank for _, _, _, _, voice in cluster])
    own: dict[Voice, list[tuple[int, int, int]]] = {}
    for end, start, _, value, voice in cluster:
        if voice.rank == first:
            own.setdefault(voice, []).append((end, start, value))
    return max([_greatest(windows) for windows in own.values()])
