"""What the runs come to: least, median and greatest rate of each peer, and how it compares with this program's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
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

    `ratio`: how many events this program does for each of theirs with the same CPU; None where it took no part.
    """

    peer: Peer
    runs: list[Run]
    per_second: Spread
    per_cpu_second: Spread
    resident: int
    wrong: int
    ratio: float | None

    def to_json(self) -> dict[str, Any]:
        """The line and its runs as JSON has them."""
        return {
            "peer": self.peer.name,
            "title": self.peer.title,
            "note": self.peer.note,
            "per_cpu_second": _rounded(self.per_cpu_second),
            "per_second": _rounded(self.per_second),
            "resident": self.resident,
            "wrong": self.wrong,
            "ratio": None if self.ratio is None else round(self.ratio, 2),
            "runs": [run._asdict() for run in self.runs],
        }


def lines(result: Result) -> list[Line]:
    """A line for each peer that ran, this program first, then the fastest."""
    ours = result.of(OURS)
    base = _per_cpu(ours).median if ours else None
    found = [_line(peer, runs, base) for peer in result.peers if (runs := result.of(peer))]
    return sorted(found, key=lambda line: (line.peer is not OURS, -line.per_cpu_second.median))


def missing(result: Result) -> list[tuple[Peer, str]]:
    """The peers that could not run here or failed, each with the reason."""
    reasons = result.absent | result.failed
    return [(peer, reasons[peer.name]) for peer in result.peers if peer.name in reasons]


def _line(peer: Peer, runs: list[Run], base: float | None) -> Line:
    per_cpu = _per_cpu(runs)
    return Line(
        peer,
        runs,
        Spread.of(run.events / run.wall for run in runs),
        per_cpu,
        max(run.resident for run in runs),
        sum(run.wrong > 0 for run in runs),
        None if base is None else base / per_cpu.median,
    )


def _per_cpu(runs: list[Run]) -> Spread:
    return Spread.of(run.events / run.cpu for run in runs)


def _rounded(spread: Spread) -> dict[str, int]:
    return {name: round(figure) for name, figure in asdict(spread).items()}
