"""What a replay or a promotion can run into."""

from __future__ import annotations

from collections.abc import Iterable

from incidentlog.schemas.errors import IncidentlogError


class ReplayError(IncidentlogError):
    """Root of what replaying and promoting raise."""


class VersionIsLive(ReplayError):
    """Something was to be done to the live version that would break it for its subscribers."""

    def __init__(self, version: str, what: str) -> None:
        self.version = version
        super().__init__(f"{version} is live: it can't be {what}; name another one, or promote another one first")


class NoSuchVersion(ReplayError):
    """There are no topics of that version."""

    def __init__(self, version: str, known: Iterable[str]) -> None:
        self.version, self.known = version, tuple(known)
        there = f"there is {', '.join(self.known)}" if self.known else "there is none"
        super().__init__(f"no version is called {version}: {there}; make it with `incidentlog replay --into {version}`")


class VersionBehind(ReplayError):
    """A version has not folded all events (`left`), or not rolled them up."""

    def __init__(self, version: str, left: int) -> None:
        self.version, self.left = version, left
        told = f"{left:,} events are not folded" if left else "not everything is rolled up"
        super().__init__(
            f"{version} is behind: {told}; run `incidentlog replay --into {version}` until it says it is complete"
        )


class KeptOtherwise(ReplayError):
    """A version exists with other limits than those that were asked for."""

    def __init__(self, version: str, found: str, wanted: str) -> None:
        self.version, self.found, self.wanted = version, found, wanted
        super().__init__(
            f"{version} is kept {found}, not {wanted}; go on with the same limits, or choose another name for it"
        )


class SavedElsewhere(ReplayError):
    """A saved point lies behind the end of this log, which so is another one than it was saved from."""

    def __init__(self, topic: str, partition: int, offset: int, end: int) -> None:
        self.topic, self.partition, self.offset, self.end = topic, partition, offset, end
        super().__init__(
            f"{topic} partition {partition}: the export goes to offset {offset}, but the log ends at {end}: it is of another "
            "log, or this one lost its end; replay without --from, or import the export"
        )
