"""A projection as a file: CSV, JSON Lines, JSON-LD; each says whose it is, under which licence, and how to cite it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import orjson

from incidentlog.exchange.columns import Column, columns_of, row_values
from incidentlog.exchange.csv_table import CsvTable
from incidentlog.gateway import citing
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import ActionView, NumberView, RowsAnswer
from incidentlog.schemas.numbers import in_words, plural

_MORE = [Column("label"), Column("recorded"), Column("coarsened", "list")]
_CITED = [Column(name) for name in ("licence", "codebook", "citation")]


def csv(settings: GatewaySettings, answer: RowsAnswer) -> bytes:
    """The rows as a table. Every line says how to cite it: a table is soon without whatever stood around it."""
    # A day may be coarsened to its month, which is no day: it is told as it is.
    told = [
        column._replace(kind="text") if column.kind == "day" else column for column in columns_of(answer.projection)
    ]
    columns = [*told, *_MORE, *_CITED]
    cited = {column.name: citing.about(settings, answer)[column.name] for column in _CITED}
    stream = BytesIO()
    table = CsvTable(stream, columns)
    table.rows(row_values(columns, row.model_dump(mode="json") | cited) for row in answer.rows)
    table.close()
    return stream.getvalue()


def json_lines(settings: GatewaySettings, answer: RowsAnswer) -> bytes:
    """A line that says what this is, `{"about": …}`, then the rows, a line each."""
    head = {"about": citing.about(settings, answer)}
    return b"".join(orjson.dumps(each) + b"\n" for each in (head, *map(_row, answer.rows)))


def json_ld(settings: GatewaySettings, answer: RowsAnswer) -> bytes:
    """The projection as a schema.org Dataset, its rows as Claims of its publisher."""
    standing, where = answer.standing, citing.address(settings, answer.projection)
    publisher = {"@type": "Organization", "name": settings.publisher}
    dataset: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": where,
        "url": where,
        "name": answer.title,
        "description": f"Numbers as low / best / high from what was published, by the {citing.codebook(settings)}.",
        "license": settings.licence,
        "publisher": publisher,
        "creditText": citing.citation(settings, answer),
        "measurementTechnique": citing.codebook(settings),
        "version": standing.version,
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": f"{where}?format={name}"}
            for name, kind in (("csv", "text/csv"), ("jsonl", "application/jsonl"), ("atom", "application/atom+xml"))
        ],
        "hasPart": [_claim(settings, publisher, row) for row in answer.rows],
    }
    if standing.recorded:
        dataset["dateModified"] = standing.recorded
    if standing.as_of:
        dataset["temporalCoverage"] = f"../{standing.as_of}"
    return orjson.dumps(dataset)


def summary(row: NumberView | ActionView) -> str:
    """A row as one line of text."""
    if isinstance(row, NumberView):
        until = f", as of {row.as_of}" if row.as_of else ""
        doubt = f", {plural(row.dead_letters, 'event')} set aside may touch it" if row.dead_letters else ""
        return f"{in_words(row)}{until}{doubt}"
    where = f" in {', '.join(row.places)}" if row.places else ""
    return f"{row.type} by {row.authority}{where}, {row.edtf}"


def name_of(row: NumberView | ActionView) -> str:
    """What a row is about, for people."""
    return row.label or row.key if isinstance(row, NumberView) else f"{row.ref}: {row.type}"


def _row(row: NumberView | ActionView) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude_unset=True)


def _claim(settings: GatewaySettings, publisher: dict[str, str], row: NumberView | ActionView) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "Claim",
        "@id": citing.address(settings, row.projection, row.key),
        "name": name_of(row),
        "text": summary(row),
        "claimInterpreter": publisher,
        "dateModified": row.recorded,
    }
    if isinstance(row, NumberView):
        bounds = {"minValue": row.low, "value": row.best, "maxValue": row.high}
        told["about"] = {"@type": "PropertyValue", "propertyID": row.key,
                         **{name: value for name, value in bounds.items() if value is not None}}  # fmt: skip
        if row.as_of:
            told["temporal"] = f"../{row.as_of}"
    return told
