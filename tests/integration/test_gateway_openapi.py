"""The application against its own OpenAPI document: no answer that the document does not name, no server error."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import orjson
import pytest

from incidentlog.gateway.tokens import new_token
from support.gateway import filled, listening

#: May publish and review, so that requests come as far as what they ask for.
DESK, DESK_LINE = new_token(["publish", "review"])

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method"
)
#: 503 tells to ask again: a position that nothing has reached.
EXPECTED = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", "503"]\n'
SECONDS = 120


@pytest.mark.slow
@pytest.mark.parametrize(
    ("token", "phases"),
    [(DESK, "coverage,fuzzing"), (None, "examples")],
    ids=["a desk", "anybody"],
)
async def test_generated_requests_get_the_answers_that_the_document_names(
    token: str | None, phases: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    examples = "40" if pytestconfig.getoption("--whole") else "4"
    (tmp_path / "schemathesis.toml").write_text(EXPECTED)
    async with listening(await filled(), tokens=DESK_LINE, position_seconds=0.05) as (_, url):
        # Streams have no end; their own tests read them.
        run = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("st"), "--no-color", "run", f"{url}/openapi.json", "--checks", CHECKS, "--seed", "1",
            "--max-examples", examples, "--phases", phases, "--exclude-path", "/projections/{name}/events", "--request-timeout", "10",
            "--suppress-health-check", "all", "--generation-database", "none",
            *(["--header", f"Authorization: Bearer {token}"] if token else []),
            cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(SECONDS):
                output, _ = await run.communicate()
        finally:
            if run.returncode is None:
                run.kill()
                await run.wait()
    assert run.returncode == 0, output.decode()[-6000:]
    assert b"10 selected / 11 total" in output


async def test_the_document_is_of_openapi_31_and_names_problems_for_every_error() -> None:
    async with listening(await filled(())) as (here, _):
        document = (await here.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            errors = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
            assert all("application/problem+json" in answer["content"] for answer in errors.values()), (method, path)
            needs_token = operation.get("security", [{}])
            assert ({} in needs_token) is (method != "post"), (method, path)
    assert orjson.dumps(document).count(b"HTTPValidationError") == 0
