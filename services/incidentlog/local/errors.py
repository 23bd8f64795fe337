"""What can go wrong with the embedded broker, each as a type that names the next step."""

from __future__ import annotations

from pathlib import Path

from incidentlog.schemas.errors import IncidentlogError

TAIL_LINES = 12
_FIRST_LINES = 4
#: Of a disk, a quota, a file that may not grow.
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


class LocalError(IncidentlogError):
    """Root of the embedded broker's errors."""


class ExtraMissing(LocalError, ImportError):
    """The embedded broker was asked for, but its optional dependencies are not installed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(
            f"the embedded broker needs the Python module {module}: install the extra `incidentlog[local]`, "
            "or give the address of a broker that runs"
        )


class JarsUnavailable(LocalError):
    """Kafka's jars are not in the cache and could not be fetched."""

    def __init__(self, missing: int, folder: Path, cause: str) -> None:
        self.missing, self.folder, self.cause = missing, folder, cause
        super().__init__(
            f"{missing} of Kafka's jars are not in {folder} and could not be fetched ({cause}): connect to the network "
            "once, or let INCIDENTLOG_CACHE name a folder that can be written, or copy that folder from a machine that has "
            "it, or give the address of a broker that runs"
        )


class JarRefused(LocalError):
    """A jar whose content is not the one this release was made with; it is never put on a class path."""

    def __init__(self, path: Path, expected: str, found: str, *, fetched: bool) -> None:
        self.path, self.expected, self.found = path, expected, found
        step = (
            "the repository it came from serves something else; fetch from another one or tell us"
            if fetched
            else "delete that file and run again, it will be fetched anew"
        )
        super().__init__(f"refused {path}: its sha256 is {found}, not {expected}; {step}")


class PortTaken(LocalError):
    """The port asked for is in use."""

    def __init__(self, host: str, port: int, *, kafka: bool) -> None:
        self.host, self.port, self.kafka = host, port, kafka
        who = "a Kafka broker" if kafka else "another program"
        step = f"use it with `--bootstrap {host}:{port}`, stop it," if kafka else "stop it"
        super().__init__(f"port {port} on {host} is taken: {who} answers there; {step} or choose another port")


class FolderInUse(LocalError):
    """The data folder belongs to a broker that runs."""

    def __init__(self, folder: Path, pid: int | None, bootstrap: str | None) -> None:
        self.folder, self.pid, self.bootstrap = folder, pid, bootstrap
        who = f" (process {pid})" if pid else ""
        step = f"use it with `--bootstrap {bootstrap}`" if bootstrap else "wait until it is ready"
        super().__init__(f"a broker already runs on {folder}{who}: {step}, stop it, or choose another folder")


class FolderRefused(LocalError):
    """The data folder cannot become, or is not, a broker's data folder."""

    def __init__(self, folder: Path, problem: str) -> None:
        self.folder, self.problem = folder, problem
        super().__init__(f"{folder} cannot hold a broker's data: {problem}; choose a new or empty folder")


class BrokerFailed(LocalError):
    """The broker's process ended, or did not become ready: `status` is its exit status (negative: killed by a signal)."""

    def __init__(self, what: str, status: int | None, log: Path, lines: list[str], step: str) -> None:
        self.status, self.log, self.lines = status, log, lines
        ending = (
            "" if status is None else f" (killed by signal {-status})" if status < 0 else f" (exit status {status})"
        )
        said = "".join(f"\n  {line}" for line in lines)
        super().__init__(f"{what}{ending}; {step}; its log is {log}{', which ends:' if said else ''}{said}")


class BrokerNotReady(BrokerFailed):
    """The broker ended before it answered, or did not answer in time."""


class BrokerExited(BrokerFailed):
    """The broker ended under its user, who had not stopped it."""


def tail(log: Path, lines: int = TAIL_LINES) -> list[str]:
    """The lines of a broker's log that say why it ended: what is no stack frame, its first error and its last lines."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")[-200_000:]
    except OSError:
        return []
    said = [
        line.strip()[:400] for line in text.splitlines() if line.strip() and not line.startswith(("\tat ", "\t..."))
    ]
    errors = [line for line in said if "ERROR" in line or "Exception" in line or "Error:" in line]
    return list(dict.fromkeys(errors[:_FIRST_LINES] + said[-(lines - _FIRST_LINES) :]))


def disk_full(lines: list[str]) -> bool:
    """Whether a broker's log says that it could write no more."""
    return any(each in line for line in lines for each in _FULL)


def room_on(folder: Path) -> str:
    """What to do then."""
    return f"make room on the disk of {folder}, then start it again: what was acknowledged is kept"
