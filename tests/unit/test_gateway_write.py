from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

import httpx
import orjson
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.gateway import bodies
from incidentlog.gateway.incoming import ACCEPTED, LONGEST_SHEET
from incidentlog.schemas import records
from incidentlog.schemas.codec import decode, encode
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import EVENT_TYPES, Event, claimed
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics
from support.examples import ARTICLE, example
from support.writing import READER, SHEET, STRUCTURED, app_of, binary, client_of, send, send_batch, structured

RESCUE = example("RescueReported")
TOPIC = "incidentlog.rescue-reported"
YAML = {"content-type": "application/yaml"}


def other(ref: str, **changes: object) -> Event:
    """Another claim of the example's article."""
    data = RESCUE.data.model_copy(update={"ref": ref, **changes})
    assert isinstance(data, type(RESCUE.data))
    return claimed(ARTICLE, data)  # type: ignore[arg-type]


def stored(broker: MemoryBroker) -> list[Event]:
    """Every event that was appended."""
    topics = Topics()
    logs = [broker.records(topic) for topic in (*topics.counted, *topics.official)]
    return [decode(record.value) for log in logs for record in log if record.value]


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(Topics())


@pytest.fixture
async def client(broker: MemoryBroker) -> AsyncIterator[httpx.AsyncClient]:
    async with app_of(broker) as app, client_of(app) as client:
        yield client


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
@pytest.mark.parametrize("mode", [structured, binary])
async def test_stock_software_publishes_every_event_type(
    mode: object, name: str, client: httpx.AsyncClient, broker: MemoryBroker
) -> None:
    event = example(name)
    answer = await send(client, mode(event))  # type: ignore[operator]
    assert answer.status_code == 200
    told = answer.json()["events"][0]
    assert (told["id"], told["outcome"], told["index"]) == (event.id, "appended", 0)
    topic, partition, offset = told["position"].rsplit(":", 2)
    assert topic == Topics().home(event.data)
    assert (int(partition) < 4, offset) == (True, "0")
    assert stored(broker) == [event]


async def test_an_event_is_appended_once_however_often_it_is_sent(
    client: httpx.AsyncClient, broker: MemoryBroker
) -> None:
    answers = [await send(client, mode(RESCUE)) for mode in (structured, binary, structured)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert [each.json()["events"][0]["outcome"] for each in answers] == ["appended", "known", "known"]
    at_once = await asyncio.gather(*(send(client, binary(other("X1-09"))) for _ in range(9)))
    assert sorted(each.json()["appended"] for each in at_once) == [0] * 8 + [1]
    assert len(stored(broker)) == 2


async def test_a_batch_is_answered_event_by_event_in_its_order(client: httpx.AsyncClient, broker: MemoryBroker) -> None:
    await send(client, structured(RESCUE))
    told = (await send_batch(client, other("A"), RESCUE, other("B"), other("A"))).json()
    assert [(each["ref"], each["outcome"]) for each in told["events"]] == [
        ("A", "appended"), ("X1-01", "known"), ("B", "appended"), ("A", "known")]  # fmt: skip
    assert (told["appended"], told["known"], told["refused"]) == (2, 2, 0)
    assert told["events"][0]["position"].startswith(f"{TOPIC}:")
    assert (await send_batch(client)).json() == {"appended": 0, "known": 0, "refused": 0, "events": []}
    assert len(stored(broker)) == 3


async def test_one_wrong_event_keeps_the_whole_batch_out(client: httpx.AsyncClient, broker: MemoryBroker) -> None:
    bad = orjson.loads(encode(other("B"))) | {"type": "org.incidentlog.NoSuchThing.v1"}
    unregistered = orjson.loads(encode(other("C")))
    unregistered["data"]["authority"]["id"] = "NOBODY"
    answer = await send_batch(client, other("A"), bad, 7, unregistered)  # type: ignore[arg-type]
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert told["type"].endswith(":events-refused")
    assert [(each["index"], each["outcome"], each["problem"]["status"]) for each in told["events"]] == [
        (1, "refused", 422), (2, "refused", 400), (3, "refused", 422)]  # fmt: skip
    assert "NOBODY" in told["events"][2]["problem"]["detail"]
    assert stored(broker) == []


async def test_with_keep_going_what_is_right_is_appended(client: httpx.AsyncClient, broker: MemoryBroker) -> None:
    answer = await send_batch(client, {"specversion": "1.0"}, other("A"), keep_going="true")
    told = answer.json()
    assert answer.status_code == 207
    assert [each["outcome"] for each in told["events"]] == ["refused", "appended"]
    assert told["events"][0]["problem"]["type"].endswith(":not-an-event")
    assert [event.id for event in stored(broker)] == [other("A").id]
    assert (await send_batch(client, {}, keep_going="true")).status_code == 400


@pytest.mark.parametrize(
    ("event", "status", "slug"),
    [
        (other("X1-01", grade="possible"), 409, "id-conflict"),
        (replace(other("A"), id="f" * 32), 422, "invalid-event"),
        (replace(other("A"), id="F"), 422, "invalid-event"),
    ],
)
async def test_one_event_that_is_refused_gives_the_answer_its_status(
    event: Event, status: int, slug: str, client: httpx.AsyncClient
) -> None:
    await send(client, structured(RESCUE))
    answer = await client.post("/events", content=orjson.dumps(wrap(event)), headers={"content-type": STRUCTURED})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:incidentlog:problem:{slug}")
    assert answer.json()["events"][0]["problem"]["status"] == status


async def test_two_contents_under_one_id_in_one_batch_are_a_conflict(client: httpx.AsyncClient) -> None:
    answer = await send_batch(client, other("A"), other("A", grade="possible"))
    assert [each["index"] for each in answer.json()["events"]] == [1]


async def test_a_sheet_is_compiled_and_its_paraphrases_kept_apart(
    client: httpx.AsyncClient, broker: MemoryBroker
) -> None:
    answer = await client.post("/events", content=SHEET, headers=YAML)
    assert [(each["ref"], each["outcome"]) for each in answer.json()["events"]] == [
        ("T-01", "appended"),
        ("T-02", "appended"),
    ]
    assert len(stored(broker)) == 2
    (note,) = broker.records("incidentlog.notes")
    assert orjson.loads(note.value or b"") == {"note": "The ministry gave a total."}
    again = await client.post("/events", content=SHEET, headers={"content-type": "text/yaml; charset=utf-8"})
    assert again.json()["known"] == 2


async def test_what_is_wrong_with_a_sheet_is_said_line_by_line(client: httpx.AsyncClient, broker: MemoryBroker) -> None:
    answer = await client.post("/events", content=SHEET.replace("rescued", "rescuedd"), headers=YAML)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (422, "urn:incidentlog:problem:invalid-sheet")
    assert told["findings"][0]["line"] == 7
    assert told["findings"][0]["field"] == "reports"
    assert stored(broker) == []


@pytest.mark.parametrize("text", ["/etc/passwd.yaml", "../sheet.yml", "~/.x.yaml", "\x00", "a: &a [*a]", "- \ud800"])
async def test_no_text_of_a_sheet_names_a_file_or_breaks_anything(text: str, client: httpx.AsyncClient) -> None:
    answer = await client.post("/events", content=text.encode("utf-8", "surrogatepass"), headers=YAML)
    assert answer.status_code in (400, 422)
    assert "cannot be read" not in answer.text
    assert "root:" not in answer.text


async def test_aliases_that_multiply_and_long_sheets_are_refused_soon(client: httpx.AsyncClient) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    async with asyncio.timeout(20):
        bomb = await client.post("/events", content=f"a0: &a0 [x]\n{levels}\n", headers=YAML)
        long = await client.post("/events", content="#" * (LONGEST_SHEET + 1), headers=YAML)
    assert (bomb.status_code, long.status_code) == (422, 413)


@pytest.mark.parametrize(
    ("token", "status", "slug"),
    [(None, 401, "not-authenticated"), ("ilog_wrong", 401, "not-authenticated"), (READER, 403, "not-allowed")],
    ids=["nobody", "unknown", "a reader"],
)
async def test_only_a_token_with_the_scope_publishes(
    token: str | None, status: int, slug: str, broker: MemoryBroker
) -> None:
    async with app_of(broker) as app, client_of(app, token) as client:
        answer = await send(client, structured(RESCUE))
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:incidentlog:problem:{slug}")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert "ilog_" not in answer.text
    assert stored(broker) == []


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "text/plain"}, {}, {"content-type": "application/json"}, {"content-type": "application/xml"},
     {"content-type": STRUCTURED, "content-encoding": "gzip"}, {"content-type": STRUCTURED + "; charset=latin-1"}],
)  # fmt: skip
async def test_other_formats_are_named_and_refused(headers: dict[str, str], client: httpx.AsyncClient) -> None:
    answer = await client.post("/events", content=encode(RESCUE), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:incidentlog:problem:unknown-format")
    assert answer.headers["accept-post"] == ", ".join(ACCEPTED)


async def test_a_packed_body_is_not_unpacked(client: httpx.AsyncClient) -> None:
    packed = gzip.compress(b" " * (64 << 20), 9)
    answer = await client.post(
        "/events", content=packed, headers={"content-type": STRUCTURED, "content-encoding": "gzip"}
    )
    assert answer.status_code == 415
    assert (await client.post("/events", content=packed, headers={"content-type": STRUCTURED})).status_code == 400


async def test_a_body_beyond_the_limit_is_read_no_further(broker: MemoryBroker) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64 << 20:
            sent += 1000
            yield b" " * 1000

    async with app_of(broker, body_bytes=10_000) as app, client_of(app) as client:
        declared = await client.post("/events", content=b" " * 10_001, headers={"content-type": STRUCTURED})
        streamed = await client.post("/events", content=endless(), headers={"content-type": STRUCTURED})
    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert streamed.json()["limit"] == 10_000
    assert sent < 100_000


async def test_an_event_beyond_the_contracts_size_is_too_large(client: httpx.AsyncClient) -> None:
    long = claimed(f"https://example.org/{'a' * (64 << 10)}", other("A").data)  # type: ignore[arg-type]
    answer = await send(client, structured(long))
    assert (answer.status_code, answer.json()["limit"]) == (413, 64 << 10)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"specversion":"1.0"}', b"\xff\xfe", b'{"a":1e999}']
)
async def test_what_is_no_event_is_a_bad_request(body: bytes, client: httpx.AsyncClient) -> None:
    answer = await client.post("/events", content=body, headers={"content-type": STRUCTURED})
    assert answer.status_code == 400
    batch = await client.post("/events", content=body, headers={"content-type": "application/cloudevents-batch+json"})
    assert batch.status_code == (200 if body == b"[]" else 400)


@pytest.mark.parametrize(
    "headers",
    [
        [("ce-id", "a"), ("ce-id", "b")],
        [("ce-data", "{}")],
        [("ce-UPPER_", "x")],
        [("ce-source", "%ff")],
        [("ce-", "x")],
    ],
)
async def test_headers_that_are_no_attributes_are_a_bad_request(
    headers: list[tuple[str, str]], client: httpx.AsyncClient
) -> None:
    sent = [("content-type", "application/json"), ("ce-specversion", "1.0"), *headers]
    answer = await client.post("/events", content=b"{}", headers=sent)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:incidentlog:problem:bad-body")


async def test_line_ends_in_attributes_go_nowhere(client: httpx.AsyncClient) -> None:
    message = binary(RESCUE)
    headers = message.headers | {"ce-id": "a%0d%0aset-cookie:%20x=1"}
    answer = await client.post("/events", content=message.body, headers=headers)
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


async def test_a_broker_that_is_away_is_a_problem_for_now_and_then_none(broker: MemoryBroker) -> None:
    async with app_of(broker, patience=0.2) as app, client_of(app) as client:
        broker.available = False
        away = await send(client, structured(RESCUE))
        assert (away.status_code, away.headers["retry-after"]) == (503, "1")
        assert away.json()["type"].endswith(":log-unavailable")
        broker.available = True
        assert (await send(client, structured(RESCUE))).json()["appended"] == 1
        broker.available = False
        assert (await send(client, structured(other("A")))).status_code == 503
        broker.available = True
        assert (await send(client, structured(other("A")))).status_code == 200
    assert {event.id for event in stored(broker)} == {RESCUE.id, other("A").id}


class Seen:
    """What of the log was folded: one event."""

    def __init__(self, event: Event) -> None:
        self.cell, self.statement = str(event.cell), records.read(wrap(event))[2]

    def cell_of(self, claim: str) -> str | None:
        return self.cell if claim == self.statement.id else None

    def of(self, cell: str) -> Iterable[Statement]:
        return [self.statement] if cell == self.cell else []


async def test_what_others_have_appended_meanwhile_is_known(broker: MemoryBroker) -> None:
    async with app_of(broker, folded=Seen(RESCUE)) as app, client_of(app) as client:
        assert (await send(client, structured(RESCUE))).json()["known"] == 1
        assert (await send(client, structured(other("X1-01", grade="possible")))).status_code == 409


async def test_a_body_that_does_not_arrive_is_given_up(broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)

    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with app_of(broker) as app, client_of(app) as client:
        answer = await client.post("/events", content=stuck(), headers={"content-type": STRUCTURED})
    assert (answer.status_code, answer.json()["type"]) == (408, "urn:incidentlog:problem:slow-body")
