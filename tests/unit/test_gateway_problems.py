from __future__ import annotations

import json
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Query

from incidentlog.client import BrokerUnreachable, CellChanged, EventTooLarge, IdConflict, NotAcknowledged
from incidentlog.gateway import openapi, problems
from incidentlog.gateway.errors import TooBusy, UnknownKey
from incidentlog.gateway.refused import NotAVerdict, NotJson, TookTooLong
from incidentlog.gateway.tokens import NotAllowed, NotAuthenticated
from incidentlog.review.errors import AlreadySo, ErasedForGood, NoSuchClaim, NotAnOffice, NothingToUndo, Outranked
from incidentlog.schemas.errors import DecodeError, IncidentlogError, InvalidValue


def app_raising(error: Exception) -> FastAPI:
    app = FastAPI(title="test")
    problems.install(app)
    openapi.install(app)

    @app.get("/it", responses=openapi.problems(404))
    def it(number: Annotated[int, Query(le=9)] = 1) -> int:
        if number:
            raise error
        return number

    return app


async def ask(app: FastAPI, path: str = "/it", method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (UnknownKey("rescued-by-nationality", "VNN", ["VNM"]), 404, "unknown-key"),
        (IdConflict("t", "a"), 409, "id-conflict"),
        (CellChanged("t", "a", "b", "c"), 409, "cell-changed"),
        (EventTooLarge("t", "a", 9, 8), 413, "too-large"),
        (NotAcknowledged("t", "a", "kafka:9092", "gone"), 503, "log-unavailable"),
        (BrokerUnreachable("kafka:9092"), 503, "log-unavailable"),
        (DecodeError("invalid_json", "at 3"), 400, "invalid-json"),
        (DecodeError("invalid_event", "at 3"), 422, "invalid-event"),
        (InvalidValue("day", "is none"), 422, "invalid-value"),
        (NotAuthenticated(sent=False), 401, "not-authenticated"),
        (NotAllowed("publish"), 403, "not-allowed"),
        (TooBusy("streams", 5), 503, "too-busy"),
        (TookTooLong(30), 503, "took-too-long"),
        (NotJson("text/plain"), 415, "not-json"),
        (NotAVerdict("RescueReported"), 422, "not-a-verdict"),
        (NoSuchClaim("S2-03", "rescued/VNM/KHM", ()), 404, "unknown-claim"),
        (AlreadySo("S2-03", "is graded firm"), 409, "already-so"),
        (NothingToUndo("S2-03"), 409, "nothing-to-undo"),
        (ErasedForGood("0" * 32), 409, "erased-for-good"),
        (Outranked("S2-03", "0" * 32, "2022-10-05"), 409, "outranked"),
        (NotAnOffice("ANNA", "may be a person's name"), 422, "verdict-refused"),
        (IncidentlogError("/etc/passwd"), 500, "internal-error"),
    ],
)
async def test_every_error_is_a_problem(error: IncidentlogError, status: int, slug: str) -> None:
    answer = await ask(app_raising(error))
    told = answer.json()
    assert (answer.status_code, told["status"], told["type"]) == (status, status, f"urn:incidentlog:problem:{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert told["title"]
    assert ("retry-after" in answer.headers) is (status == 503)
    assert ("www-authenticate" in answer.headers) is (status in (401, 403))
    assert "kafka" not in answer.text
    assert "passwd" not in answer.text
    problems.Problem.model_validate(told)


async def test_an_errors_own_fields_are_told() -> None:
    told = (await ask(app_raising(UnknownKey("rescued-by-nationality", "VNN", ["VNM"])))).json()
    assert (told["projection"], told["key"], told["known"]) == ("rescued-by-nationality", "VNN", ["VNM"])
    assert "did you mean VNM?" in told["detail"]


async def test_what_nobody_expected_tells_nothing() -> None:
    answer = await ask(app_raising(ZeroDivisionError("secret")))
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_what_the_framework_finds_is_a_problem_too() -> None:
    app = app_raising(HTTPException(418, "short and stout"))
    wrong = await ask(app, "/it?number=99")
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "number")
    missing, method, other = await ask(app, "/nothing"), await ask(app, "/it", "DELETE"), await ask(app)
    assert [each.status_code for each in (missing, method, other)] == [404, 405, 418]
    assert {each.headers["content-type"] for each in (wrong, missing, method, other)} == {"application/problem+json"}
    assert method.headers["allow"] == "GET"


async def test_a_problem_may_quote_half_a_character() -> None:
    answer = problems.answer(DecodeError("invalid_event", "\ud800 is no name"))
    assert json.loads(bytes(answer.body))["detail"].startswith("invalid_event")


async def test_the_document_says_that_errors_are_problems() -> None:
    told = app_raising(ValueError()).openapi()
    responses = told["paths"]["/it"]["get"]["responses"]
    for status in ("404", "422"):
        assert responses[status]["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    assert "HTTPValidationError" not in told["components"]["schemas"]
