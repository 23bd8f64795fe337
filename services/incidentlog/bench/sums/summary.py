"""What the runs come to: least, median and greatest rate of each peer, and how it compares with this program's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from incidentlog.bench.sums.peers import OURS, Peer
from incidentlog.bench.sums.rounds import Result
from incidentlog.bench.sums.runs import Run


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the median and the greatest of some figures."""

    least: float
    median: float
    greatest: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """The spread of at least one figure."""
        found = sorted(figures)
        return cls(found[0], median(found), found[-1])


@dataclass(frozen=True, slots=True)
class Line:
    """One peer: events per second of wall time and of CPU, bytes of memory, runs with a wrong sum.

    `whole`: events per CPU-second of all the CPU since the process was started; None for those who got fewer events, on
    which a start weighs more. `ratio`: how many events this program does for each of theirs with the same CPU, and
    `whole_ratio` counting the starts; None where there is nothing to compare.
    """

    peer: Peer
    runs: list[Run]
    per_second: Spread
    per_cpu_second: Spread
    whole: Spread | None
    resident: int
    wrong: int
    ratio: float | None
    whole_ratio: float | None

    def to_json(self) -> dict[str, Any]:
        """The line and its runs as JSON has them."""
        return {
            "peer": self.peer.name,
            "title": self.peer.title,
            "note": self.peer.note,
            "per_cpu_second": _rounded(self.per_cpu_second),
            "per_second": _rounded(self.per_second),
            "per_cpu_second_with_start": None if self.whole is None else _rounded(self.whole),
            "resident": self.resident,
            "wrong": self.wrong,
            "ratio": self.ratio,
            "ratio_with_start": self.whole_ratio,
            "runs": [run._asdict() for run in self.runs],
        }


def lines(result: Result) -> list[Line]:
    """A line for each peer that ran, this program first, then the fastest."""
    found = [_line(peer, runs) for peer in result.peers if (runs := result.of(peer))]
    ours = next((line for line in found if line.peer is OURS), None)
    compared = found if ours is None else [_compared(line, ours) for line in found]
    return sorted(compared, key=lambda line: (line.peer is not OURS, -line.per_cpu_second.median))


def missing(result: Result) -> list[tuple[Peer, str]]:
    """The peers that could not run here or failed, each with the reason."""
    reasons = result.absent | result.failed
    return [(peer, reasons[peer.name]) for peer in result.peers if peer.name in reasons]


def _line(peer: Peer, runs: list[Run]) -> Line:
    return Line(
        peer,
        runs,
        Spread.of(run.events / run.wall for run in runs),
        Spread.of(run.events / run.cpu for run in runs),
        None if peer.share < 1 else Spread.of(run.whole_events / run.whole_cpu for run in runs),
        max(run.resident for run in runs),
        sum(run.wrong > 0 for run in runs),
        None,
        None,
    )


def _compared(line: Line, ours: Line) -> Line:
    whole = ours.whole.median / line.whole.median if ours.whole and line.whole else None
    return replace(
        line,
        ratio=round(ours.per_cpu_second.median / line.per_cpu_second.median, 2),
        whole_ratio=None if whole is None else round(whole, 2),
    )


def _rounded(spread: Spread) -> dict[str, int]:
    return {name: round(figure) for name, figure in asdict(spread).items()}
