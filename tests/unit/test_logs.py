"""Logs as JSON lines: where something happened is told, what an event says is not."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from incidentlog.observing.logs import JsonLines, error_line, wants_json
from incidentlog.schemas.topics import Topics
from incidentlog.worker.dead_letters import Refused, dead_letter
from incidentlog.worker.errors import FoldFailed, StoreFailed
from incidentlog.worker.tally import Tally
from support.articles import event

SECRET = "Nguyen Van A"


def line(record: logging.LogRecord) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(JsonLines("worker").format(record))
    assert SECRET not in json.dumps(told)
    return told


def test_a_dead_letter_is_told_with_its_place_and_trace_and_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    topics, trace = Topics(), "0af7651916cd43dd8448eb211c80319c"
    refused = Refused("invalid_event", f"data.quantity: {SECRET!r} is no number", "RescueReported")

    class Record:
        key, value = b"rescued/VNM/KHM", SECRET.encode()
        headers = (("traceparent", f"00-{trace}-b7ad6b7169203331-01".encode()),)

    from incidentlog.schemas.dead_letters import Origin

    letter = dead_letter(Record, Origin("incidentlog.rescue-reported", 2, 17), refused, "estimates")
    tally = Tally(topics)
    with caplog.at_level(logging.INFO, "incidentlog.worker"):
        tally.stored("estimates", {(topics.dead_letters, 0): [letter]}, 0.01)
    [record] = caplog.records
    told = line(record)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info",
        "service": "worker",
        "logger": "incidentlog.worker",
        "message": "a record became a dead letter: invalid_event",
        "topic": "incidentlog.rescue-reported",
        "partition": 2,
        "offset": 17,
        "event_type": "RescueReported",
        "reason": "invalid_event",
        "trace_id": trace,
    }
    assert tally.dead == {"invalid_event": 1}
    assert tally.records == {topics.dead_letters: 1}


def test_what_ends_a_worker_is_told_with_its_fields() -> None:
    error = FoldFailed("incidentlog.rescue-reported", 2, 17, "RescueReported", ZeroDivisionError("half way"))
    told = json.loads(error_line(error, "worker"))
    assert (told["error"], told["level"], told["logger"]) == ("FoldFailed", "error", "incidentlog.worker")
    assert (told["topic"], told["partition"], told["offset"]) == ("incidentlog.rescue-reported", 2, 17)
    assert (told["event_type"], told["message"]) == ("RescueReported", str(error))
    assert (
        json.loads(error_line(StoreFailed("incidentlog-v1-2", OSError("x")), "worker"))["writer"] == "incidentlog-v1-2"
    )


def test_an_exception_is_told_by_kind_and_place_and_not_by_its_words() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        record = logging.LogRecord(
            "incidentlog.gateway", logging.ERROR, "", 0, "GET %s", ("/x\n/y",), (ValueError, error, None)
        )
    told = line(record)
    assert (told["message"], told["error"]) == ("GET /x /y", "ValueError")
    assert told["where"][0].startswith("test_logs.py:")


def test_fields_that_are_not_named_or_not_plain_are_left_out() -> None:
    record = logging.LogRecord("incidentlog", logging.INFO, "", 0, "said", (), None)
    vars(record).update(value=SECRET, key=SECRET, topic=event("S2-03"), partitions=[0, 1])
    told = line(record)
    assert told.keys() == {"time", "level", "service", "logger", "message", "partitions"}


def test_text_is_the_default() -> None:
    assert [wants_json({}), wants_json({"INCIDENTLOG_LOG": "text"}), wants_json({"INCIDENTLOG_LOG": "json"})] == [
        False,
        False,
        True,
    ]
