"""Problem details (RFC 9457): every error of the gateway as one JSON object, with the fields of the error behind it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from incidentlog.client.errors import ClientError
from incidentlog.client.refusals import (
    BufferFull,
    CellChanged,
    EventTooLarge,
    IdConflict,
    NotAcknowledged,
    PublishError,
)
from incidentlog.gateway.errors import RequestError
from incidentlog.review.errors import AlreadySo, ErasedForGood, NoSuchClaim, NothingToUndo, Outranked, ReviewError
from incidentlog.schemas.errors import DecodeError, IncidentlogError, InvalidValue
from incidentlog.sheets.errors import SheetError

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:incidentlog:problem:"
#: What a field of an error may hold to be told: no bytes, no objects of ours.
_PLAIN = (str, int, float, bool, type(None))
_OWN = frozenset({"type", "title", "status", "detail", "instance"})
#: The first that fits says the status and the slug; what is not named here is a fault of ours.
_STATUS: tuple[tuple[type[IncidentlogError], int, str], ...] = (
    (IdConflict, 409, "id-conflict"),
    (CellChanged, 409, "cell-changed"),
    (EventTooLarge, 413, "too-large"),
    (BufferFull, 503, "log-unavailable"),
    (NotAcknowledged, 503, "log-unavailable"),
    (PublishError, 422, "event-refused"),
    (NoSuchClaim, 404, "unknown-claim"),
    (AlreadySo, 409, "already-so"),
    (NothingToUndo, 409, "nothing-to-undo"),
    (ErasedForGood, 409, "erased-for-good"),
    (Outranked, 409, "outranked"),
    (ReviewError, 422, "verdict-refused"),
    (ClientError, 503, "log-unavailable"),
    (DecodeError, 422, "invalid-event"),
    (SheetError, 422, "invalid-sheet"),
    (InvalidValue, 422, "invalid-value"),
)
_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A problem. Fields of the error behind it stand beside these, such as the nearest names to one that is not known."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=[f"{TYPE}unknown-key"], description="Names the kind of problem, for programs")
    title: str = Field(description="The kind of problem, for people")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong here, and the next step")


def problem_of(error: IncidentlogError) -> dict[str, Any]:
    """What is told of an error of ours, as JSON-ready object."""
    status, slug = kind_of(error)
    if slug == "log-unavailable":
        # Where the log is, and why it does not answer, is for the operator.
        return problem(status, slug, "the log does not answer at the moment; nothing was lost, try again")
    if status >= 500 and not isinstance(error, RequestError):
        return problem(status, slug, "this is a fault of the gateway; its log has more")
    fields = {name: _plain(value) for name, value in vars(error).items() if name[0] != "_" and name not in _OWN}
    return problem(status, slug, str(error), **{name: value for name, value in fields.items() if value is not ...})


def problem(status: int, slug: str, detail: str, **fields: Any) -> dict[str, Any]:
    """A problem's object. `fields` are the error's own."""
    title = slug.replace("-", " ").capitalize()
    return {"type": TYPE + slug, "title": title, "status": status, "detail": detail, **fields}


def kind_of(error: IncidentlogError) -> tuple[int, str]:
    """(status, slug) of an error of ours."""
    if isinstance(error, RequestError):
        return error.status, error.slug
    if isinstance(error, DecodeError) and error.reason in ("invalid_json", "not_an_event"):
        return 400, error.reason.replace("_", "-")
    return next(((status, slug) for kind, status, slug in _STATUS if isinstance(error, kind)), (500, "internal-error"))


def answer(error: IncidentlogError) -> Response:
    """The response to an error of ours; also for what stands in front of the routes."""
    told = problem_of(error)
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    retry_after = getattr(error, "retry_after", None) or (1 if told["status"] == 503 else None)
    return respond(told, headers | ({"retry-after": str(retry_after)} if retry_after else {}))


def respond(told: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A problem as response. No cache keeps it."""
    # Not orjson: a sheet may quote half a character, which it does not write.
    return Response(json.dumps(told), told["status"], {"cache-control": "no-store", **(headers or {})}, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of `app` answered with a problem: ours, the framework's, and those nobody expected."""
    app.add_exception_handler(IncidentlogError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, IncidentlogError)
    if kind_of(error)[0] >= 500 and not isinstance(error, RequestError):
        _log.error("%s %s: %s", request.method, request.url.path, error)
    return answer(error)


async def _invalid(_request: Request, error: Exception) -> Response:
    """What the framework found in parameters: where, and what; never the input itself, which may be a secret."""
    assert isinstance(error, RequestValidationError)
    found = [{"in": str(each["loc"][0]), "field": ".".join(map(str, each["loc"][1:])), "problem": each["msg"]}
             for each in error.errors()]  # fmt: skip
    detail = "; ".join(f"{each['field'] or each['in']}: {each['problem']}" for each in found)
    return respond(problem(422, "invalid-parameter", detail, problems=found))


async def _framework(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    slug = title.lower().replace(" ", "-")
    detail = {404: "nothing is at this address; / lists what there is", 405: "this address does not take that method"}
    return respond(problem(error.status_code, slug, detail.get(error.status_code, str(error.detail))), error.headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return respond(problem(500, "internal-error", "this is a fault of the gateway; its log has more"))


def _plain(value: Any) -> Any:
    """A field as JSON takes it; Ellipsis for what is not to be told."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, tuple | list):
        told = [asdict(each) if is_dataclass(each) and not isinstance(each, type) else each for each in value]
        return told if all(isinstance(each, (*_PLAIN, dict)) for each in told) else ...
    return ...
