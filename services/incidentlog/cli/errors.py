"""What a call can get wrong, each as a type that names the next step, and how errors become exit statuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.nearest import nearest

DONE, FOUND_WRONG, CALLED_WRONG = 0, 1, 2


class CallError(IncidentlogError):
    """The call was wrong, not the work: exit status 2."""


class UnreadableFile(CallError):
    """A file that was named cannot be read."""

    def __init__(self, file: str, cause: str) -> None:
        self.file, self.cause = file, cause
        super().__init__(f"{file}: cannot be read ({cause}); check the path")


class UnknownProjection(CallError):
    """There is no projection of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"no projection is called {name!r}{nearest(name, self.known)}")


class UnknownKey(CallError):
    """A projection has no row under that key (yet)."""

    def __init__(self, projection: str, key: str, known: Iterable[str]) -> None:
        self.projection, self.key, self.known = projection, key, tuple(known)
        none = "; it has no rows yet: publish events first, such as `incidentlog publish --articles`"
        super().__init__(f"{projection} has no key {key!r}" + (nearest(key, self.known) if self.known else none))


class BadRegister(CallError):
    """A file of registers that cannot be used."""

    def __init__(self, file: str, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(f"{file}: {problem}; a register file is a JSON object of authorities, measures and demonyms")


class PhraseMissing(IncidentlogError):
    """An article does not contain a phrase."""

    def __init__(self, file: str, phrase: str) -> None:
        self.file, self.phrase = file, phrase
        super().__init__(
            f"{file}: does not contain {phrase!r}; copy the words from the text, blanks may differ, letters may not"
        )


class NeverCaughtUp(IncidentlogError):
    """The worker's numbers are not what the published events come to, though it had time enough."""

    def __init__(self, seconds: float, keys: list[str]) -> None:
        self.seconds, self.keys = seconds, keys
        shown = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
        super().__init__(
            f"after {seconds:g} s the worker had not folded everything: {shown}; the machine may be too busy, try again"
        )


class NoNumbers(CallError):
    """A projection without numbers was asked for the claims behind one."""

    def __init__(self, projection: str) -> None:
        self.projection = projection
        super().__init__(
            f"{projection} holds no numbers to explain; see it with `incidentlog watch {projection} --once`"
        )


class NothingNamed(CallError):
    """Nothing was named to be published."""

    def __init__(self) -> None:
        super().__init__(
            "name sheets (.yaml) or event files (.jsonl), - for standard input, or --articles for those that ship"
        )


class WorkerDied(IncidentlogError):
    """A worker of a stack of ours ended although nobody asked it to; `status` is negative for a signal."""

    def __init__(self, status: int, messages: str) -> None:
        self.status = status
        how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        last = messages.strip().splitlines()[-1:] if status > 0 else []
        super().__init__(
            "\n  ".join([f"the worker ended by itself ({how}): start again, nothing that was published is lost", *last])
        )


class WorkerLate(IncidentlogError):
    """A worker of a stack of ours neither became ready nor ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the worker was not ready after {seconds:g} s; see that the machine is not too busy and try again"
        )


class GatewayLate(IncidentlogError):
    """A gateway of a stack of ours neither answered nor ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the gateway did not answer after {seconds:g} s; see that the machine is not too busy and try again"
        )


class WorkerExtraMissing(IncidentlogError):
    """A worker was asked for, but what it runs on is not installed."""

    def __init__(self) -> None:
        super().__init__("a worker needs the Python module faust: install the extra `incidentlog[worker]`")


class PictureExtraMissing(IncidentlogError):
    """A picture was asked for, but what draws it is not installed."""

    def __init__(self) -> None:
        super().__init__("a picture needs the Python module matplotlib: install the extra `incidentlog[bench]`")


class BadMoment(CallError):
    """A day or a moment that cannot be read."""

    def __init__(self, option: str, problem: str) -> None:
        self.option = option
        super().__init__(f"{option}: {problem}")


class BadOption(CallError):
    """Options that cannot be had, or not together."""

    def __init__(self, option: str, problem: str) -> None:
        self.option = option
        super().__init__(f"{option}: {problem}")


class NoSuchLetter(CallError):
    """No dead letter, or more than one, is called so."""

    def __init__(self, name: str, meant: Sequence[str]) -> None:
        self.name, self.meant = name, tuple(meant)
        problem = f"may be {', '.join(meant[:3])} and others" if meant else "is no dead letter"
        super().__init__(f"{name!r} {problem}; `dlq list --all` has their ids")


class BadEdit(CallError):
    """A line of a file of mended letters that cannot be used."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        self.file, self.line = file, line
        super().__init__(f"{file}:{line}: {problem}")


class BadReview(CallError):
    """A verdict that cannot be given as it was asked for."""

    def __init__(self, problem: object) -> None:
        self.problem = problem
        super().__init__(str(problem))


class ReadingDenied(IncidentlogError):
    """What is known already cannot be looked up with these credentials."""

    def __init__(self, cause: object) -> None:
        self.cause = cause
        super().__init__(f"{cause}; or append without looking at what is known: publish --write-only")


class OpenedAgain(CallError):
    """A log that was kept by a secured broker would be open to everyone on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder}: its broker was secured: start it with --secure, or remove {folder}/credentials to open it"
        )


class NotConfirmed(CallError):
    """Something is to be confirmed, and there is nobody to ask."""

    def __init__(self) -> None:
        super().__init__(
            "nobody can be asked to confirm this: see what it would do with --dry-run, then append it with --yes"
        )


def known_projection(name: str, known: Iterable[str]) -> str:
    """`name`, if it is one of `known`; UnknownProjection otherwise."""
    if name not in known:
        raise UnknownProjection(name, known)
    return name


def status_of(error: IncidentlogError) -> int:
    """Exit status of an error that reached the top."""
    return CALLED_WRONG if isinstance(error, CallError) else FOUND_WRONG
