"""`export` as tables for spreadsheets and data frames, and what is wrong with a call."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from incidentlog.schemas.codec import encode
from incidentlog.schemas.topics import PROJECTIONS, Topics
from support import articles
from support.commands import CommandLine
from support.exports import HERE, THERE, put
from support.publishing import article, on, rescue


@pytest.fixture
def call(empty: CommandLine) -> CommandLine:
    """The command line in front of a broker with the topics of two installations; `told` is about the first."""
    empty.memory.create([*HERE.all(), *THERE.all()])
    return empty


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file as any program reads it."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_events_as_a_table(tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / "history.csv"
    assert told("export", "events", str(file)).objects()[0]["events"] == 93
    rows = {row["id"]: row for row in table(file)}
    assert len(rows) == 93
    for event in articles.events():
        row, data = rows[event.id], event.data
        quantity = getattr(data, "quantity", None)
        bounds = (quantity.low, quantity.best, quantity.high) if quantity else (None, None, None)
        assert (row["low"], row["best"], row["high"]) == tuple("" if n is None else str(n) for n in bounds)
        assert (row["type"], row["end"], row["source"]) == (event.type, str(data.window.end), event.source)  # type: ignore[union-attr]
    row = next(row for row in rows.values() if row["ref"] == "S2-03")
    assert (row["nationality"], row["country"], row["measure"], row["kind"]) == ("VNM", "KHM", "rescued", "cumulative")
    assert (row["low"], row["best"], row["high"], row["stated"]) == ("1000", "1000", "", "more than 1000")
    assert row["recorded"].endswith("Z")
    assert (row["grade"], row["prior_unknown"]) == ("firm", "false")
    sums = (tmp_path / "history.csv.sha256").read_text()
    assert sums == f"{hashlib.sha256(file.read_bytes()).hexdigest()}  history.csv\n"
    refused = told("import", str(file))
    assert refused.status == 1
    assert f"{file}:1: byte 0: " in refused.err


def test_what_is_about_claims_names_its_target(tmp_path: Path, call: CommandLine) -> None:
    claim = rescue(article())
    for event in (claim, on(claim, "ClaimGraded"), on(claim, "ClaimRetracted", by_key=True)):
        put(call.memory, encode(event))
    for suffix in (".csv", ".parquet"):
        assert call("export", "events", str(tmp_path / f"history{suffix}")).status == 0
    by_type = {row["type"]: row for row in table(tmp_path / "history.csv")}
    assert by_type["ClaimGraded"]["target"] == claim.id
    assert by_type["ClaimRetracted"]["target"] == claim.data.statement_key  # type: ignore[union-attr]
    assert {row["nationality"] for row in by_type.values()} == {"VNM"}
    columns = pq.read_table(tmp_path / "history.parquet")
    assert columns.column("target").to_pylist()[1] == claim.id
    assert columns.column("decided").to_pylist()[0] is None


def test_a_text_that_looks_like_a_formula_stays_text(tmp_path: Path, call: CommandLine) -> None:
    quantity = {"low": 5, "best": 5, "high": 5, "qualifier": "exact", "stated": "=1+4"}
    put(call.memory, encode(rescue(article(), quantity=quantity)))
    call("export", "events", str(tmp_path / "history.csv"))
    assert table(tmp_path / "history.csv")[0]["stated"] == "'=1+4"


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_rows_in_every_format_are_those_that_watch_shows(projection: str, tmp_path: Path, told: CommandLine) -> None:
    rows = sorted(told("watch", projection, "--once", "--json").objects(), key=lambda row: row["key"])
    for suffix in (".jsonl", ".csv", ".parquet"):
        (line,) = told("export", projection, str(tmp_path / f"rows{suffix}")).objects()
        assert line["rows"] == len(rows)
        sums = (tmp_path / f"rows{suffix}.sha256").read_text()
        assert sums == f"{line['sha256']}  rows{suffix}\n"
        assert hashlib.sha256((tmp_path / f"rows{suffix}").read_bytes()).hexdigest() == line["sha256"]
    assert [orjson.loads(line) for line in (tmp_path / "rows.jsonl").read_bytes().splitlines()] == rows
    flat, typed = table(tmp_path / "rows.csv"), pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert [row["key"] for row in flat] == [row["key"] for row in typed] == [row["key"] for row in rows]
    for row, text, value in zip(rows, flat, typed, strict=True):
        if "low" in row:
            assert [text[name] for name in ("low", "best", "high")] == [
                "" if row[name] is None else str(row[name]) for name in ("low", "best", "high")
            ]
            assert [value[name] for name in ("low", "best", "high", "flags")] == [
                row[name] for name in ("low", "best", "high", "flags")
            ]
            assert text["as_of"] == (row["as_of"] or "")
            assert text["flags"] == ";".join(row["flags"])


def test_the_numbers_of_the_articles_in_a_spreadsheet(tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / "rescued.csv"
    assert told("export", "rescued-by-nationality", str(file), "--table").out == (
        f"{file}: 8 rows, its checksum in rescued.csv.sha256\n"
    )
    found = {row["key"]: (row["low"], row["best"], row["high"]) for row in table(file)}
    assert found == {
        "VNM": ("1000", "1000", ""), "MYS": ("24", "24", ""), "CHN": ("0", "", ""), "IND": ("0", "", "6"),
        "BGD": ("0", "", "1"), "TWN": ("0", "", "2"), "QMF": ("12", "12", "99"), "*": ("1024", "1024", ""),
    }  # fmt: skip
    parts = {row["key"]: row["contributions"] for row in table(file)}
    assert parts["VNM"] == "rescued/VNM/KHM"


def test_rows_of_a_version(tmp_path: Path, told: CommandLine) -> None:
    second = Topics(version="v2")
    told.memory.create([topic for topic in second.all() if topic.name.endswith(".v2")])
    told.memory.put(
        second.rows("estimates"), "rescued/VNM/KHM", b'{"projection":"estimates","key":"rescued/VNM/KHM","low":7}'
    )
    file = tmp_path / "rows.csv"
    assert told("export", "estimates", str(file), "--version", "v2").objects()[0]["rows"] == 1
    (row,) = table(file)
    assert (row["low"], row["best"], row["measure"], row["nationality"]) == ("7", "", "rescued", "VNM")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rescued", "rows.csv"], "no projection is called 'rescued'; did you mean rescued-by-nationality? "),
        (["events", "rows.txt"], "FILE: rows.txt: its name says the format: let it end in .jsonl, .csv, .parquet"),
        (["events", "nowhere/rows.csv"], "FILE: nowhere/rows.csv: there is no folder nowhere; make it first"),
        (["estimates", "rows.csv", "--notes"], "--notes: rows have no paraphrases; it goes with events"),
        (["events", "rows.csv", "--version", "v2"], "--version: all versions have the same events; "),
    ],
)
def test_wrong_calls(
    arguments: list[str], message: str, tmp_path: Path, told: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    called = told("export", *arguments)
    assert (called.status, called.out) == (2, "")
    assert called.err.startswith(f"incidentlog: {message}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there(tmp_path: Path, told: CommandLine) -> None:
    for name in (tmp_path / "none.jsonl", tmp_path):
        called = told("import", str(name))
        assert called.status == 2
        assert called.err.startswith(f"incidentlog: {name}: cannot be read (")


def test_no_broker_no_file(tmp_path: Path, told: CommandLine) -> None:
    told.memory.available = False
    called = told("export", "events", str(tmp_path / "history.jsonl"))
    assert called.status == 1
    assert "incidentlog up" in called.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_there_is_replaced_only_by_a_whole_one(tmp_path: Path, told: CommandLine) -> None:
    file = tmp_path / "history.jsonl"
    file.write_text("old")
    told.memory.available = False
    assert told("export", "events", str(file)).status == 1
    assert file.read_text() == "old"
    told.memory.available = True
    assert told("export", "events", str(file)).status == 0
    assert file.read_bytes().startswith(b'{"specversion":"1.0"')
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~_umask()
    assert [path.name for path in tmp_path.iterdir()] == ["history.jsonl"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("write", [lambda stream: stream.write(b"half"), lambda _: None], ids=["begun", "empty"])
def test_nothing_is_left_of_a_file_that_was_given_up(
    write: Callable[[io.BufferedRandom], object], tmp_path: Path
) -> None:
    from incidentlog.exchange.files import appearing

    def give_up() -> None:
        with appearing(tmp_path / "history.jsonl") as stream:
            write(stream)
            assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert list(tmp_path.iterdir()) == []
