"""What comes in over HTTP as events: CloudEvents in each of their three modes, and claim sheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.message import Message
from typing import ClassVar, NamedTuple, TypeVar
from urllib.parse import unquote_to_bytes

import orjson

from incidentlog.gateway.errors import RequestError
from incidentlog.schemas import codec
from incidentlog.schemas.errors import DecodeError, IncidentlogError
from incidentlog.schemas.events import Event
from incidentlog.schemas.quoting import brief, shown
from incidentlog.schemas.registers import Registers
from incidentlog.sheets import compile_sheet

STRUCTURED, BATCH, JSON = "application/cloudevents+json", "application/cloudevents-batch+json", "application/json"
SHEETS = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
ACCEPTED = (STRUCTURED, BATCH, JSON, *SHEETS)
#: A sheet is one article's; longer ones would take long to read.
LONGEST_SHEET = 256 << 10
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")
Headers = Iterable[tuple[str, str]]
_T = TypeVar("_T")


class UnknownFormat(RequestError):
    """A body in a format, or packed in a way, that is not read here."""

    status: ClassVar[int] = 415
    slug: ClassVar[str] = "unknown-format"
    accepted = ACCEPTED

    def __init__(self, found: str, problem: str) -> None:
        self.found = found
        super().__init__(f"{problem}; send one of {', '.join(ACCEPTED)}, the last of them for sheets, not compressed")

    @property
    def headers(self) -> dict[str, str]:
        """What may be posted."""
        return {"accept-post": ", ".join(ACCEPTED), "accept-encoding": "identity"}


class BadBody(RequestError):
    """A body, or the headers that go with it, that cannot be read as what they say they are."""

    slug: ClassVar[str] = "bad-body"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class BodyTooLarge(RequestError):
    """A body of more bytes than are taken."""

    status: ClassVar[int] = 413
    slug: ClassVar[str] = "too-large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"the body has more than {limit:,} bytes; send less at a time, publishing again repeats nothing"
        )


class Read(NamedTuple):
    """One thing that was sent: the event it is, or why it is none."""

    event: Event | None
    problem: IncidentlogError | None


@dataclass(slots=True)
class Incoming:
    """What a body holds, in its order; paraphrases by claim id."""

    reads: list[Read]
    notes: dict[str, str] = field(default_factory=dict)


def read(headers: Headers, body: bytes, registers: Registers) -> Incoming:
    """The events of a request. RequestError for what cannot be read at all, SheetError for a sheet that is wrong."""
    listed = list(headers)
    kind = _kind(listed)
    if kind in SHEETS:
        return _sheet(body, registers)
    if kind == BATCH:
        return Incoming([_event(each, registers) for each in _batch(body)])
    if kind == STRUCTURED:
        return Incoming([_read(codec.decode, body, registers)])
    return Incoming([_event(_envelope(listed, body), registers)])


def _kind(headers: list[tuple[str, str]]) -> str:
    """The media type; of JSON only that of an event in binary mode."""
    told = Message()
    told["content-type"] = _one(headers, "content-type", "application/octet-stream")
    kind = told.get_content_type()
    packed = _one(headers, "content-encoding", "identity").strip().lower()
    if packed not in ("identity", ""):
        raise UnknownFormat(packed, f"content-encoding {shown(packed)} is not unpacked here")
    if kind not in ACCEPTED:
        raise UnknownFormat(kind, f"content-type {shown(kind)} is not read here")
    charset = told.get_content_charset("utf-8")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnknownFormat(charset, f"charset {shown(charset)} is not read here, only UTF-8")
    if kind == JSON and all(name != "ce-specversion" for name, _ in headers):
        raise UnknownFormat(kind, f"{JSON} is read only with the attributes of an event in ce- headers")
    return kind


def _event(found: object, registers: Registers) -> Read:
    # Not written as JSON once more: what orjson reads may lie deeper than what it writes.
    return _read(codec.decode_object, found, registers)


def _read(decode: Callable[[_T, Registers], Event], found: _T, registers: Registers) -> Read:
    try:
        return Read(decode(found, registers), None)
    except DecodeError as error:
        return Read(None, error)


def _batch(body: bytes) -> list[object]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadBody(f"the body is not JSON: {error}") from None
    if not isinstance(found, list):
        raise BadBody("a batch is an array of events in JSON; a single event goes as application/cloudevents+json")
    return found


def _envelope(headers: list[tuple[str, str]], body: bytes) -> dict[str, object]:
    """An event in binary mode as one in structured mode: attributes from the headers, the body as its data."""
    envelope: dict[str, object] = {"datacontenttype": JSON}
    for header, value in headers:
        if header.startswith("ce-"):
            name = header.removeprefix("ce-")
            if not _ATTRIBUTE.fullmatch(name) or name in envelope or name == "data":
                raise BadBody(f"{brief(header)}: not the name of an attribute, or there twice")
            envelope[name] = _text(header, value)
    try:
        envelope["data"] = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadBody(f"the body is not JSON: {error}") from None
    return envelope


def _text(header: str, value: str) -> str:
    """The value of an attribute, percent-decoded."""
    try:
        return unquote_to_bytes(value.strip().removeprefix('"').removesuffix('"')).decode()
    except UnicodeError:
        raise BadBody(f"{brief(header)}: is not percent-encoded UTF-8") from None


def _sheet(body: bytes, registers: Registers) -> Incoming:
    if len(body) > LONGEST_SHEET:
        raise BodyTooLarge(LONGEST_SHEET)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadBody(f"the sheet is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    # With a line's end a text is a sheet, whatever its last letters are; without, it may name a file.
    sheet = compile_sheet(text + "\n", registers=registers, name="sheet")
    return Incoming([Read(event, None) for event in sheet.events], dict(sheet.notes))


def _one(headers: list[tuple[str, str]], name: str, default: str) -> str:
    found = [value for header, value in headers if header == name]
    if len(found) > 1:
        raise BadBody(f"{name}: is there twice")
    return found[0] if found else default
