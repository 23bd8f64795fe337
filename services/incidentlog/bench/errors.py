"""What stops a benchmark, each with what it knows and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from incidentlog.schemas.errors import IncidentlogError

#: How many wrong rows are told, and the characters of each.
_SHOWN, _LINE = 5, 2_000


class BenchError(IncidentlogError):
    """Root of what stops a benchmark."""


class BenchExtraMissing(BenchError, ImportError):
    """What measures, or draws, is not installed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(
            f"the benchmark needs the Python module {module}: install the extras `incidentlog[worker,local,bench]`"
        )


class BadPeers(BenchError):
    """The description of the peers cannot be read."""

    def __init__(self, file: str, problem: str) -> None:
        self.file = file
        super().__init__(f"{file}: {problem}; name a folder with a peers.toml, such as tests/bench/peers of a clone")


class UnknownPeer(BenchError):
    """A peer was asked for that nobody describes."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        super().__init__(f"there is no peer {name!r}: known are {', '.join(known)}; --peers FOLDER brings more")


class Unavailable(BenchError):
    """A peer cannot run on this machine."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class RunFailed(BenchError):
    """A peer ended, or was too slow."""

    def __init__(self, peer: str, problem: str, last_words: str) -> None:
        self.peer, self.problem = peer, problem
        super().__init__(f"{peer} {problem}; it said last: {last_words or 'nothing'}")


class RowsWrong(BenchError):
    """The rows that were measured are not those of the events: nothing that was measured counts."""

    def __init__(self, load: str, mistakes: Sequence[object]) -> None:
        self.load, self.mistakes = load, mistakes
        shown = "".join(f"\n  {mistake}"[:_LINE] for mistake in mistakes[:_SHOWN])
        super().__init__(
            f"after {load}, rows are not those of its events, {len(mistakes)} of them; please report this:{shown}"
        )
