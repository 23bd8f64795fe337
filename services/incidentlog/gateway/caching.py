"""Answers that a reader has already: entity tags made of what an answer depends on."""

from __future__ import annotations

from hashlib import blake2b

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from incidentlog.gateway.answers import Answers
from incidentlog.gateway.discretion import today


def etag(request: Request, answers: Answers, projection: str) -> str:
    """Weak: how many seconds old a number is differs from answer to answer, what it says does not."""
    gateway = answers.gateway
    showing = answers.showing(projection)
    parts = (
        str(showing.mark), showing.mirror.state, answers.view, gateway.claims.position, gateway.quarantine.position, today(),
        request.url.path, request.url.query, request.headers.get("accept"),
    )  # fmt: skip
    return f'W/"{blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


def headers(answers: Answers, tag: str) -> dict[str, str]:
    """The headers of an answer that may be asked for again."""
    who = "public" if answers.view == "public" else "private"
    return {"etag": tag, "cache-control": f"{who}, no-cache", "vary": "Authorization, Accept"}


def known(request: Request, tag: str) -> bool:
    """Whether the reader has this answer."""
    told = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in {each.strip().removeprefix("W/") for each in told.split(",")}


def respond(answer: BaseModel, answers: Answers, tag: str) -> Response:
    """An answer as JSON."""
    return Response(answer.model_dump_json(exclude_unset=True), 200, headers(answers, tag), "application/json")


def unchanged(answers: Answers, tag: str) -> Response:
    """The answer to a reader who has it."""
    return Response(status_code=304, headers=headers(answers, tag))
