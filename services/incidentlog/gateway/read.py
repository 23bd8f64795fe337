"""The routes that read: projections, rows, the claims behind them, timelines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from incidentlog.gateway import caching, formats
from incidentlog.gateway.answers import Answers, Filter, Page
from incidentlog.gateway.depends import AnswersOf, GatewayOf, Waited
from incidentlog.gateway.formats import Format
from incidentlog.gateway.handing import hand_out
from incidentlog.gateway.openapi import problems
from incidentlog.gateway.views import (
    ClaimAnswer,
    Health,
    ProjectionsAnswer,
    RowAnswer,
    RowsAnswer,
    TimelineAnswer,
    WhyAnswer,
)
from incidentlog.schemas.rows import ESTIMATES

router = APIRouter(tags=["read"])
MOST_ROWS = 1000
Name = Annotated[str, Path(description="Name of a projection", examples=["rescued-by-nationality"])]
Key = Annotated[str, Path(description="Key of a row", examples=["VNM", "*", "rescued/VNM/KHM"])]
Code = Annotated[str, Query(max_length=64)]
SAME: dict[int | str, dict[str, Any]] = {304: {"description": "What the reader has is still so", "content": None}}
ANSWERS = SAME | problems(400, 401, 404, 422, 503)


def _ok(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return ANSWERS | {200: {"model": model}}


def _in_formats(responses: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    return responses | {200: {**responses[200], "content": {each: {} for each in formats.MEDIA_TYPES.values()}}}


async def _answer(
    request: Request, answers: Answers, projection: str, make: Callable[[], Awaitable[BaseModel]]
) -> Response:
    tag = caching.etag(request, answers, projection)
    if caching.known(request, tag):
        return caching.unchanged(answers, tag)
    return caching.respond(await make(), answers, tag)


@router.get("/projections", responses=_ok(ProjectionsAnswer))
async def projections(answers: AnswersOf) -> Response:
    """All projections, each with how far and how old it is."""
    return Response(
        answers.projections().model_dump_json(), media_type="application/json", headers={"cache-control": "no-cache"}
    )


@router.get("/projections/{name}", responses=_in_formats(_ok(RowsAnswer)) | problems(406), dependencies=[Waited])
async def rows(
    request: Request,
    answers: AnswersOf,
    name: Name,
    measure: Code = "",
    nationality: Code = "",
    place: Code = "",
    flag: Code = "",
    after: Annotated[str, Query(max_length=400, description="Rows whose keys come after this one")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of a page; files have all")] = 200,
    asked: Annotated[Format | None, Query(alias="format", description="Instead of the Accept header")] = None,
) -> Response:
    """The rows of a projection, by key; as JSON in pages, or all of them as CSV, JSON Lines, JSON-LD or an Atom feed."""
    wanted, page = Filter(measure, nationality, place, flag), Page(after, limit)
    chosen = formats.wanted(asked, request.headers.get("accept"))
    if chosen != "json":
        return hand_out(request, answers, name, wanted, chosen)

    async def make() -> BaseModel:
        return answers.numbers(name, wanted, page)

    return await _answer(request, answers, name, make)


@router.get("/projections/{name}/{key:path}/why", responses=_ok(WhyAnswer), dependencies=[Waited])
async def why(request: Request, answers: AnswersOf, name: Name, key: Key) -> Response:
    """Why a number is what it is, claim by claim."""
    return await _answer(request, answers, name, lambda: answers.why(name, key))


@router.get("/projections/{name}/{key:path}/timeline", responses=_ok(TimelineAnswer), dependencies=[Waited])
async def timeline(request: Request, answers: AnswersOf, name: Name, key: Key) -> Response:
    """How a number grew, and when that was learned."""
    return await _answer(request, answers, name, lambda: answers.timeline(name, key))


@router.get("/projections/{name}/{key:path}", responses=_ok(RowAnswer), dependencies=[Waited])
async def row(request: Request, answers: AnswersOf, name: Name, key: Key) -> Response:
    """One row of a projection."""

    async def make() -> BaseModel:
        return answers.number(name, key)

    return await _answer(request, answers, name, make)


@router.get("/claims/{name}", responses=_ok(ClaimAnswer))
async def claim(
    request: Request, answers: AnswersOf, name: Annotated[str, Path(description="Id of a claim", max_length=200)]
) -> Response:
    """A claim, where it was read, and what was said about it since."""
    return await _answer(request, answers, ESTIMATES, lambda: answers.claim(name))


@router.get("/healthz", tags=["operate"], responses={200: {"model": Health}, 503: {"description": "Not yet"}})
async def healthz(gateway: GatewayOf) -> Response:
    """Whether it answers: 200 once the log was read, also while the log is away."""
    health = Health(complete=gateway.complete, states={each.topic: each.state for each in gateway.followers})
    return Response(health.model_dump_json(), 200 if health.complete else 503, media_type="application/json")
