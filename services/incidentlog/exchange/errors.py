"""What exporting and importing can run into. Each error says where in the file, and the next step."""

from __future__ import annotations

from collections.abc import Sequence

from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.quoting import shown

_SHOWN = 10


class ExchangeError(IncidentlogError):
    """Root of what exporting and importing raise."""


class NotAnExport(ExchangeError):
    """A file that is no export of events: nothing in it can be checked."""

    def __init__(self, file: str) -> None:
        self.file, self.line, self.byte = file, 1, 0
        super().__init__(f"{file}:1: byte 0: this is not how an export of events (.jsonl, .parquet) begins, so nothing in it can be "
                         "checked; sheets and other files of events go through `incidentlog publish`")  # fmt: skip


class Damaged(ExchangeError):
    """An export is not as it was written: the first bad record is in `line` (of Parquet the number of a record), which begins
    at `byte`."""

    def __init__(self, file: str, line: int, byte: int, problem: str) -> None:
        self.file, self.line, self.byte, self.problem = file, line, byte, problem
        super().__init__(f"{file}:{line}: byte {byte}: {problem}; copy the file once more, or export again")


class NewerExport(ExchangeError):
    """An export of a format that this program does not know."""

    def __init__(self, file: str, found: object) -> None:
        self.file, self.found, self.line, self.byte = file, found, 1, 0
        super().__init__(
            f"{file}:1: byte 0: an export of format {shown(found)}, which is newer than this program; upgrade it"
        )


class ImportRefused(ExchangeError):
    """An export is whole, but holds events that may not be appended here; `problems` are `file:line: byte: problem`."""

    def __init__(self, problems: Sequence[str], total: int) -> None:
        self.problems, self.total = tuple(problems), total
        more = [f"and {total - _SHOWN} more"] if total > _SHOWN else []
        step = "pass the offices and measures that they name with --registers"
        told = f"{total} of the events may not be appended here: {step}"
        super().__init__("\n".join([told, *problems[:_SHOWN], *more]))


class ChangedMeanwhile(ExchangeError):
    """An export was altered while its events were being appended; `damage` says where."""

    def __init__(self, damage: Damaged) -> None:
        self.damage = damage
        super().__init__(f"{damage}. The file was whole before: what lies before that place was appended; import it again, which "
                         "changes nothing of that")  # fmt: skip


class ExportExtraMissing(ExchangeError):
    """Parquet was asked for, but what writes and reads it is not installed."""

    def __init__(self) -> None:
        super().__init__("Parquet needs the Python module pyarrow: install the extra `incidentlog[export]`")
