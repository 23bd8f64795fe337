"""One trace from a publisher over a worker to a gateway's stream, each a process of its own, on a real broker."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from incidentlog.gateway.process import GatewayProcess
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.schemas.events import digest
from incidentlog.sheets import compile_sheet
from incidentlog.worker import WorkerProcess
from support.metrics import Numbers, health, named, scraped
from support.programs import run
from support.stack import new_stack

pytestmark = pytest.mark.integration
SHEET = """
article: {address: https://example.org/2022/10/briefing, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
published: 2022-10-05
authority: VN-MOFA
in: KHM
statements: [{ref: B-01, reports: rescued, of: Vietnamese, quantity: more than 1100, until: 2022-10-04}]
"""


async def test_one_trace_spans_publish_fold_row_and_stream(
    bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans, sheet = tmp_path / "spans.jsonl", tmp_path / "briefing.yaml"
    sheet.write_text(SHEET)
    monkeypatch.setenv("INCIDENTLOG_TRACES", str(spans))
    stack = await new_stack(bootstrap)
    told = GatewaySettings(bootstrap=bootstrap, prefix=stack.topics.prefix, port=0, metrics_port=0)
    async with WorkerProcess(stack.settings()) as worker, GatewayProcess(told) as gateway:
        await worker.ready()
        await gateway.ready()
        async with httpx.AsyncClient(timeout=30) as client:
            url = f"{gateway.url}/projections/rescued-by-nationality/events"
            async with client.stream("GET", url) as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "retry: 1000"
                published = run("publish", str(sheet), "--prefix", stack.topics.prefix, bootstrap=bootstrap)
                assert published.returncode == 0, published.stderr
                async for line in lines:
                    if '"key":"VNM"' in line:
                        break
                await stack.settled()
                await _watched(gateway)
                assert await worker.stop() == await gateway.stop() == 0
                assert [line async for line in lines][-1] == "", "a stream ends as it should, it is not broken off"
    [record] = await stack.read(stack.topics.events("RescueReported"))
    [trace] = {dict(record.headers)["traceparent"].decode().split("-")[1]}
    told_there = orjson.loads(record.value)
    [event] = compile_sheet(sheet).events
    assert (told_there["id"], "traceparent" in told_there) == (event.id, False)
    assert digest(told_there["data"]) == digest(orjson.loads(orjson.dumps(told_there["data"])))
    found = _spans(spans, trace)
    stream_span = next(
        each for each in found.values() if _about(each) == ("stream", _rows(stack, "rescued-by-nationality"))
    )
    assert [_about(each) for each in _lineage(stream_span, found)] == [
        ("stream", _rows(stack, "rescued-by-nationality")),
        ("row", _rows(stack, "rescued-by-nationality")),
        ("roll-up", stack.topics.contributions),
        ("row", stack.topics.contributions),
        ("fold", record.topic),
        ("publish", record.topic),
    ]
    services = {_service(each) for each in found.values()}
    assert services == {"incidentlog-publish", "incidentlog-worker", "incidentlog-gateway"}
    [estimate] = [each for each in found.values() if _about(each) == ("row", _rows(stack, "estimates"))]
    assert [_about(each)[0] for each in _lineage(estimate, found)] == ["row", "fold", "publish"]
    assert "Vietnam" not in spans.read_text()
    assert "1100" not in json.dumps([each["attributes"] for each in found.values()])


async def _watched(gateway: GatewayProcess) -> None:
    """It tells of its reader, and of workers that have everything, once it has looked again."""
    g = "incidentlog_gateway_"
    async with asyncio.timeout(15):
        found = await scraped(gateway.metrics_url)
        while not _has(found, g + "lag_records") or any(
            named(found, g + name) for name in ("unowned_partitions", "unfolded_records")
        ):
            await asyncio.sleep(0.2)
            found = await scraped(gateway.metrics_url)
    assert (named(found, g + "streams"), named(found, g + "ready"), named(found, g + "lag_records")) == (1, 1, 0)
    assert named(found, g + "requests_total", route="/projections/{name}/events", code="200") == 1
    assert named(found, g + "stream_rows_total") == 2, "VNM and all together"
    assert (await health(gateway.metrics_url, "readyz"))[0] == (await health(gateway.url, "readyz"))[0] == 200


def _has(found: Numbers, name: str) -> bool:
    """Whether it is told at all: what is behind is only known after the first look."""
    return any(each == name for each, _ in found)


def _spans(file: Path, trace: str) -> dict[str, dict[str, Any]]:
    by_trace: dict[str, dict[str, Any]] = defaultdict(dict)
    for line in file.read_text().splitlines():
        span = json.loads(line)
        by_trace[span["context"]["trace_id"]][span["context"]["span_id"]] = span
    return by_trace[f"0x{trace}"]


def _lineage(span: dict[str, Any], spans: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found = [span]
    while found[-1]["parent_id"] is not None:
        found.append(spans[found[-1]["parent_id"]])
    return found


def _about(span: dict[str, Any]) -> tuple[str, str]:
    return span["name"], span["attributes"].get("messaging.destination.name", "")


def _rows(stack: Any, projection: str) -> str:
    name: str = stack.topics.rows(projection)
    return name


def _service(span: dict[str, Any]) -> str:
    name: str = span["resource"]["attributes"]["service.name"]
    return name
