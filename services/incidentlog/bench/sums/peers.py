"""Who takes part: this program, a bare loop, and whoever a `peers.toml` describes, if they can run on this machine."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from incidentlog.bench.errors import BadPeers, UnknownPeer

#: How far a peer is: by its group's commits, by its rows (one for each event), or as it tells itself.
Progress = Literal["commits", "rows", "told"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that does the job. `share`: the part of the events it is given, for those that would take all day.

    `program` is a file of `folder`, or a module of this program. `python` are packages it needs in an environment of its
    own; `java` the file of digests of its jars; neither: it runs with what is installed here. `note` says what one should know about its settings.
    """

    name: str
    program: str
    title: str
    note: str = ""
    progress: Progress = "commits"
    share: float = 1.0
    python: Sequence[str] = ()
    java: str = ""
    environment: Mapping[str, str] | None = None
    folder: Path = Path()

    @property
    def bare(self) -> bool:
        """Whether it is no engine, but a loop that shows what its client could do at best: it stores nothing."""
        return self.progress == "told"


OURS = Peer("incidentlog", "incidentlog.bench.sums.worker", "incidentlog", "exactly once: fenced transactions")
BARE = Peer("aiokafka", "incidentlog.bench.sums.bare", "aiokafka getmany + orjson", "the limit: no output, no commits",
            progress="told")  # fmt: skip


def described(folder: Path) -> list[Peer]:
    """The peers in a folder's `peers.toml`; BadPeers if there is none or it is not as it should be."""
    file = folder / "peers.toml"
    try:
        tables: dict[str, dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))
        return [Peer(name, folder=folder.resolve(), **table) for name, table in tables.items()]
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise BadPeers(str(file), str(error)) from error


def take_part(folder: Path | None, only: Sequence[str]) -> list[Peer]:
    """This program, the bare loop and those of a folder; or of all these only the named ones."""
    known = {peer.name: peer for peer in (OURS, BARE, *(described(folder) if folder else ()))}
    for name in only:
        if name not in known:
            raise UnknownPeer(name, list(known))
    return [peer for peer in known.values() if not only or peer.name in only]
