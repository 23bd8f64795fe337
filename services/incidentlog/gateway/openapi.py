"""The OpenAPI document: errors are told as what they are, problem details."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from incidentlog.gateway.problems import MEDIA_TYPE, Problem

#: What each status means wherever it is answered.
MEANINGS = {
    400: "The request cannot be read", 401: "No token, or none that is known", 403: "The token lacks the scope",
    404: "There is no such thing here", 406: "None of the formats asked for", 408: "The body did not arrive in time", 409: "The log holds something else",
    413: "Too large", 415: "Not a format that is read here", 422: "Something in it is wrong",
    503: "Not at the moment; Retry-After says when",
}  # fmt: skip


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the `responses` of a route: the statuses with which it may answer a problem."""
    return {status: {"description": MEANINGS[status]} for status in statuses}


def install(app: FastAPI) -> None:
    """Let the document of `app` say of every error that it is a problem."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, description=app.description,
                       routes=app.routes, tags=app.openapi_tags)  # fmt: skip
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in made.get("paths", {}).values():
        for method, operation in path.items():
            if method == "get" and "security" in operation:
                operation["security"] = [
                    {},
                    *operation["security"],
                ]  # a token shows more; without one there is an answer too
            for status, response in operation.get("responses", {}).items():
                if status[0] in "45":
                    response["description"] = MEANINGS.get(int(status), response["description"])
                    response["content"] = content
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for framework in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework, None)
    schemas["Problem"] = Problem.model_json_schema()
    return made
