"""How dead letters look, for people and as JSON, and how mended ones are read back."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from rich import box
from rich.table import Table
from rich.text import Text

from incidentlog.cli.errors import BadEdit, UnreadableFile
from incidentlog.quarantine import Letter, Outcome
from incidentlog.schemas.topics import Topics

STANDARD_INPUT = "-"


def moment(milliseconds: int) -> str:
    """When something was appended, RFC 3339."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_line(letter: Letter) -> dict[str, Any]:
    """What `list --json` prints of a letter."""
    redriven = letter.redriven
    return {
        "id": letter.id, "state": "open" if redriven is None else "done", "at": moment(letter.at), "reason": letter.reason,
        "detail": letter.detail, "event_type": letter.event_type or None, **letter.origin._asdict(),
        "key": None if letter.key is None else letter.key.decode(errors="replace"), "bytes": len(letter.value or b""),
        "redriven": None if redriven is None else asdict(redriven),
    }  # fmt: skip


def as_whole(letter: Letter) -> dict[str, Any]:
    """What `show --json` prints: also the event, if the record holds JSON, else its text, else its bytes in base 64."""
    line = as_line(letter) | {"processor": letter.processor, "cut": letter.cut or None}
    if letter.value is None:
        return line | {"event": None}
    try:
        return line | {"event": orjson.loads(letter.value)}
    except orjson.JSONDecodeError:
        pass
    try:
        return line | {"event": None, "text": letter.value.decode()}
    except UnicodeDecodeError:
        return line | {"event": None, "base64": b64encode(letter.value).decode()}


def page(letter: Letter, program: str) -> Iterator[str]:
    """What `show` says to people."""
    where, redriven = letter.origin, letter.redriven
    yield f"letter   {letter.id}"
    yield f"found    {moment(letter.at)} on {where.topic}, partition {where.partition}, offset {where.offset}"
    yield f"refused  {letter.reason}: {_harmless(letter.detail)}"
    yield f"key      {_text(letter.key)}"
    if letter.cut:
        yield f"cut      {letter.cut}"
    if redriven is None:
        yield f"open     publish it again with `{program} dlq redrive {letter.id}`, mended with --edit FILE"
    else:
        at = f"{redriven.topic}, partition {redriven.partition}"
        at += f", offset {redriven.offset}" if redriven.offset is not None else ", where it was known"
        yield f"done     {'mended and ' if redriven.edited else ''}published as event {redriven.event} on {at}"
    yield "holds"
    yield from _content(letter)
    yield ""


def table(letters: Sequence[Letter], topics: Topics) -> Table:
    """What `list` shows to people."""
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    grid.add_column("letter", no_wrap=True)
    for heading in ("found", "refused", "topic", "key"):
        grid.add_column(heading, overflow="fold")
    grid.add_column("", no_wrap=True)
    for each in letters:
        topic = each.origin.topic.removeprefix(topics.prefix + ".")
        place = f"{topic} {each.origin.partition}:{each.origin.offset}"
        grid.add_row(
            each.id,
            moment(each.at)[:16].replace("T", " "),
            each.reason,
            place,
            Text(_text(each.key)),
            "" if each.open else "done",
        )
    return grid  # fmt: skip


def outcome_line(outcome: Outcome) -> dict[str, Any]:
    """What `redrive --json` prints of a letter."""
    return {
        "id": outcome.letter,
        "outcome": outcome.outcome,
        "event": outcome.event or None,
        "problem": outcome.problem or None,
    }


def outcomes_table(outcomes: Iterable[Outcome]) -> Table:
    """What `redrive` shows to people."""
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    grid.add_column("letter", no_wrap=True)
    grid.add_column("", no_wrap=True)
    grid.add_column("event, or what is wrong still", overflow="fold")
    for each in outcomes:
        grid.add_row(each.letter, each.outcome, Text(each.event or _harmless(each.problem)))
    return grid


def edits(name: str, ids: Sequence[str]) -> dict[str, bytes]:
    """Mended payloads by letter, from lines as `show --json` prints them; an event alone is for the only one of `ids`."""
    found: dict[str, bytes] = {}
    for number, line in enumerate(_read(name).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            told = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadEdit(name, number, str(error)) from error
        if isinstance(told, dict) and "specversion" in told and len(ids) == 1:
            told = {"id": ids[0], "event": told}
        if not isinstance(told, dict) or not isinstance(told.get("id"), str) or not isinstance(told.get("event"), dict):
            raise BadEdit(
                name, number, "neither a line of `dlq show --json` with its `event` mended, nor the event of one ID"
            )
        found[told["id"]] = orjson.dumps(told["event"])
    if not found:
        raise BadEdit(name, 1, "holds no mended letter")
    return found


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error


def _content(letter: Letter) -> Iterator[str]:
    whole = as_whole(letter)
    if whole["event"] is not None:
        yield from orjson.dumps(whole["event"], option=orjson.OPT_INDENT_2).decode().splitlines()
    else:
        yield _harmless(whole.get("text") or whole.get("base64") or "nothing")


def _text(value: bytes | None) -> str:
    return "" if value is None else _harmless(value.decode(errors="replace"))


def _harmless(text: str) -> str:
    """Text of strangers for a terminal: what would steer it is written out."""
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text
    )
