"""`POST /review/proposals` and `POST /review/verdicts`: a verdict on a claim, shown with its effect, then confirmed."""

from __future__ import annotations

import logging
from email.message import Message
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from incidentlog.gateway.access import Reviewer, may_review
from incidentlog.gateway.bodies import read_body
from incidentlog.gateway.incoming import BadBody
from incidentlog.gateway.openapi import problems
from incidentlog.gateway.problems import problem_of, respond
from incidentlog.gateway.refused import EffectChanged, NotJson
from incidentlog.gateway.reviewing import Reviewing
from incidentlog.gateway.verdicts import (
    ASKED,
    AnyAsked,
    Confirmation,
    CorrectAsked,
    GradeAsked,
    ProposalAnswer,
    RedactAsked,
    RetractAsked,
    UndoAsked,
    VerdictAnswer,
    schema,
)
from incidentlog.schemas import codec

#: Bytes of a body at most: an event has no more.
LARGEST = 64 << 10
T = TypeVar("T")
router = APIRouter(tags=["review"], dependencies=[Depends(may_review)])
_log = logging.getLogger("incidentlog.access")
_ERRORS = problems(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)
_VERBS = (GradeAsked, CorrectAsked, RetractAsked, RedactAsked, UndoAsked)


def _body(described: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": described}}}}


@router.post("/review/proposals", responses=_ERRORS, openapi_extra=_body({"oneOf": [schema(each) for each in _VERBS]}))
async def propose(request: Request) -> ProposalAnswer:
    """What a verdict on a claim would do to every number that counts it. Appends nothing.

    Whoever may review sees here what the public may not. Two that are proposed side by side see nothing of each other.
    """
    asked: AnyAsked = await _read(request, ASKED)
    return ProposalAnswer.of(await _reviewing(request).propose(asked.request(), asked.claim, asked.number))


@router.post(
    "/review/verdicts", responses=_ERRORS, openapi_extra=_body(schema(Confirmation)), response_model=VerdictAnswer
)
async def confirm(request: Request, reviewer: Reviewer) -> VerdictAnswer | Response:
    """Append a verdict as it was proposed, and do what it says to paraphrases.

    409 (`effect-changed`) if it would now do something else to any number: then the answer's `proposal` says what, and can be
    confirmed instead. One that was confirmed before is known, and not appended again.
    """
    sent = await _read(request, TypeAdapter(Confirmation))
    event = codec.decode(
        orjson.dumps({name: value for name, value in sent.event.items() if name != "recordedtime"}),
        request.app.state.writer.registers,
    )
    try:
        found = await _reviewing(request).confirm(event, sent.note, sent.confirmation)
    except EffectChanged as error:
        return respond(problem_of(error) | {"proposal": ProposalAnswer.of(error.proposal).model_dump(mode="json")})
    _log.info("%s: %s %s in %s, %s", reviewer.holder, event.type, found.event, event.cell, found.outcome)
    return VerdictAnswer(**found._asdict())


def _reviewing(request: Request) -> Reviewing:
    reviewing: Reviewing = request.app.state.reviewing
    return reviewing


async def _read(request: Request, adapter: TypeAdapter[T]) -> T:
    """The body, as what it is to be."""
    told = Message()
    told["content-type"] = request.headers.get("content-type", "application/json")
    if told.get_content_type() != "application/json":
        raise NotJson(told.get_content_type())
    body = await read_body(request, LARGEST)
    try:
        return adapter.validate_python(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise BadBody(f"the body is not JSON: {error}") from None
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
