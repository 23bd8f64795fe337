"""`POST /events`: events and claim sheets into the log, checked as a whole before the first is appended."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from incidentlog.client import Receipt
from incidentlog.gateway.access import may_publish
from incidentlog.gateway.bodies import read_body
from incidentlog.gateway.incoming import (
    ACCEPTED,
    BATCH,
    JSON,
    LONGEST_SHEET,
    STRUCTURED,
    Incoming,
    read,
)
from incidentlog.gateway.openapi import problems
from incidentlog.gateway.problems import Problem, problem, problem_of, respond
from incidentlog.gateway.views import Shown
from incidentlog.gateway.writer import Writer
from incidentlog.schemas.envelope import schema_uri, type_uri
from incidentlog.schemas.errors import IncidentlogError

router = APIRouter(tags=["publish"])


class EventAnswer(Shown):
    """What became of one event of a request, in the request's order."""

    index: int = Field(description="Which one, counted from 0")
    id: str | None
    ref: str | None = Field(description="The label of its statement")
    outcome: Literal["appended", "known", "refused", "left_out"] = Field(
        description="known: the log has it already. left_out: it was right, but another was not"
    )
    position: str | None = Field(description="Where it was appended, TOPIC:PARTITION:OFFSET; good for min_position")
    problem: Problem | None = None


class PublishAnswer(Shown):
    """What became of all events of a request."""

    appended: int
    known: int
    refused: int
    events: list[EventAnswer]


_TEXT = {"type": "string", "minLength": 1}
_EVENT = {
    "type": "object",
    "description": "A CloudEvent 1.0; `incidentlog sheet` and the Python client make them",
    "required": ["specversion", "id", "source", "type", "partitionkey", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "source": _TEXT,
        "type": {"type": "string", "examples": [type_uri("RescueReported")]},
        "partitionkey": {"type": "string", "examples": ["rescued/VNM/KHM"]},
        "data": {
            "type": "object",
            "description": f"As the JSON Schema of the type says, {schema_uri('RescueReported')} …",
        },
    },
}
_SHEET = {"type": "string", "description": "A claim sheet in YAML", "maxLength": LONGEST_SHEET}
_BODIES = {STRUCTURED: _EVENT, BATCH: {"type": "array", "items": _EVENT}, JSON: {"type": "object"}}
_BODY = {"required": True, "content": {kind: {"schema": _BODIES.get(kind, _SHEET)} for kind in ACCEPTED}}


@router.post(
    "/events",
    dependencies=[Depends(may_publish)],
    responses=problems(400, 401, 403, 408, 409, 413, 415, 422, 503)
    | {207: {"model": PublishAnswer, "description": "Some were appended, some refused (only with keep_going)"}},
    openapi_extra={"requestBody": _BODY},
)
async def publish(
    request: Request,
    keep_going: Annotated[bool, Query(description="Append what is right even if something is wrong")] = False,  # noqa: FBT002 - a query
) -> PublishAnswer:
    """Append events: CloudEvents (structured, binary or a batch), or a claim sheet in YAML.

    Each is checked as `incidentlog publish` does; unless `keep_going` is set, one that is wrong keeps all of them out.
    Saying the same again changes nothing: events are known by their ids.
    """
    writer: Writer = request.app.state.writer
    body = await read_body(request, request.app.state.gateway.settings.body_bytes)
    # Away from the loop: a long sheet takes a moment to read, and streams must not wait for it.
    incoming = await asyncio.to_thread(read, request.headers.items(), body, writer.registers)
    return await _publish(writer, incoming, keep_going=keep_going)  # type: ignore[return-value]  # or a response


async def _publish(writer: Writer, incoming: Incoming, *, keep_going: bool) -> PublishAnswer | Response:
    objections: list[IncidentlogError | None] = [each.problem for each in incoming.reads]
    places = [place for place, each in enumerate(incoming.reads) if each.event is not None]
    events = [each.event for each in incoming.reads if each.event is not None]
    for place, refusal in zip(places, await writer.weigh(events, incoming.notes), strict=True):
        objections[place] = refusal
    wrong = [each for each in objections if each is not None]
    right = [
        each.event for each, objection in zip(incoming.reads, objections, strict=True) if each.event and not objection
    ]
    if wrong and (not keep_going or not right):
        return _refused(incoming, objections, wrong)
    receipts, late = await writer.publish(right, incoming.notes)
    answers = []
    for place, (each, objection) in enumerate(zip(incoming.reads, objections, strict=True)):
        found = receipts.get(each.event.id) if each.event else None
        against = objection or (late.get(each.event.id) if each.event and not found else None)
        answers.append(_answer(place, incoming, against, found.pop(0) if found and against is None else None))
    counts = {name: sum(each.outcome == name for each in answers) for name in ("appended", "known", "refused")}
    answer = PublishAnswer(**counts, events=answers)
    return JSONResponse(answer.model_dump(mode="json"), 207) if counts["refused"] else answer


def _answer(place: int, incoming: Incoming, objection: IncidentlogError | None, receipt: Receipt | None) -> EventAnswer:
    event = incoming.reads[place].event
    position = None
    if receipt is not None and receipt.offset is not None:
        position = f"{receipt.topic}:{receipt.partition}:{receipt.offset}"
    return EventAnswer(
        index=place,
        id=event.id if event else None,
        ref=getattr(event.data, "ref", None) if event else None,
        outcome="refused" if objection else receipt.outcome if receipt else "left_out",
        position=position,
        problem=Problem(**problem_of(objection)) if objection else None,
    )


def _refused(incoming: Incoming, objections: list[IncidentlogError | None], wrong: list[IncidentlogError]) -> Response:
    """Nothing was appended. A single event's problem is the answer's; several are told one by one."""
    answers = [_answer(place, incoming, objection, None) for place, objection in enumerate(objections)]
    told = [each.model_dump(mode="json") for each in answers if each.problem is not None]
    if len(answers) == 1:
        return respond({**problem_of(wrong[0]), "events": told})
    several = (
        f"{len(wrong)} of {len(answers)} events were refused and nothing was appended; mend them, or keep_going=true"
    )
    return respond(problem(422, "events-refused", several, events=told))
