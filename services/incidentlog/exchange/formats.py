"""Which format a file has: by its name when it is written, by what is in it when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from incidentlog.exchange.about import About, Export, Writer
from incidentlog.exchange.columns import columns_of, row_values
from incidentlog.exchange.csv_table import CsvEvents, CsvTable
from incidentlog.exchange.lines import LinesExport, LinesWriter

LINES, CSV, PARQUET = ".jsonl", ".csv", ".parquet"
FORMATS = (LINES, CSV, PARQUET)
#: What can be imported: these carry their checksums themselves.
SEALED = (LINES, PARQUET)
_PARQUET_BEGINS = b"PAR1"


@contextmanager
def opened(path: Path) -> Iterator[Export]:
    """An export for reading; its checksums are looked at by what is done with it."""
    with path.open("rb") as stream:
        if stream.read(4) == _PARQUET_BEGINS or path.suffix.lower() == PARQUET:
            from incidentlog.exchange.parquet import ParquetExport  # noqa: PLC0415 - an extra

            yield ParquetExport(stream, str(path))
        else:
            yield LinesExport(stream, str(path))


def writer(suffix: str, stream: BinaryIO, about: About) -> Writer:
    """What writes events in the format of files whose names end in `suffix`."""
    if suffix == PARQUET:
        from incidentlog.exchange.parquet import ParquetEvents  # noqa: PLC0415 - an extra

        return ParquetEvents(stream, about)
    return CsvEvents(stream) if suffix == CSV else LinesWriter(stream, about)


def write_rows(suffix: str, stream: BinaryIO, projection: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a projection's rows: as lines of JSON as they are, else as a table with a column for each field."""
    columns = columns_of(projection)
    if suffix == LINES:
        stream.writelines(orjson.dumps(row) + b"\n" for row in rows)
    elif suffix == CSV:
        table = CsvTable(stream, columns)
        table.rows(row_values(columns, row) for row in rows)
        table.close()
    else:
        from incidentlog.exchange.parquet import ParquetTable  # noqa: PLC0415 - an extra

        parquet = ParquetTable(stream, columns)
        for row in rows:
            parquet.row(row_values(columns, row))
        parquet.close({"projection": projection})
