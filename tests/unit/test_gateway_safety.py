"""What a gateway does with requests that mean no good: it answers them, briefly, with a problem."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from incidentlog.gateway.limits import SECURITY
from support.gateway import Served, filled, listening, served
from support.writing import PUBLISHER, PUBLISHER_LINE, READER, READER_LINE

FLAGSHIP = "/projections/rescued-by-nationality"
BODY = 10_000


@pytest.fixture
async def here() -> AsyncIterator[tuple[Served, str]]:
    async with listening(
        await filled(), tokens=f"{PUBLISHER_LINE};{READER_LINE}", body_bytes=BODY, header_bytes=8192
    ) as served:
        yield served


async def raw(url: str, text: bytes, *, seconds: float = 5.0) -> bytes:
    """What comes back over a connection that sends `text`, up to its end or the time."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    found = b""
    try:
        writer.write(text)
        await writer.drain()
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(65536):
                found += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return found


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: gateway", "Connection: close", *headers, "", ""]).encode(
        "latin-1"
    )


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


OUTSIDE = (
    "/../../../../etc/passwd", "/static/../../../../../etc/passwd", "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
    "/static/..%2f..%2f..%2fsettings.py", "/static/..%5c..%5csettings.py", "/projections/..%2f..%2f..%2fetc%2fpasswd",
    f"{FLAGSHIP}/..%2f..%2fetc%2fpasswd", "/claims/..%2f..%2fetc%2fpasswd", "/p/..%2f..%2ftemplates%2fbase.html", "/%00", "/static/%00",
    "/p/%ff%fe", "/static/page.css%00.py",
)  # fmt: skip
SPLIT = "%0d%0aset-cookie:%20x=1"
SPLITTING = (
    f"{FLAGSHIP}/a{SPLIT}", f"/projections/{SPLIT}", f"/claims/{SPLIT}", f"{FLAGSHIP}?after={SPLIT}", f"{FLAGSHIP}?format={SPLIT}",
    f"/p/{SPLIT}", f"{FLAGSHIP}?min_position={SPLIT}", f"{FLAGSHIP}/VNM{SPLIT}/why",
)  # fmt: skip
LAST_IDS = (
    "v1.1.2.3\revent: row", "a%0d%0adata: x", "data: {}\x0bevent: row", "\xe9", "0" * 5000, "-1", "v1.-5", "\t", "v1.9" * 200,
)  # fmt: skip
LARGE_HEADS = (
    get("/healthz", "X-Long: " + "a" * 9000), get("/healthz", *[f"X-{n}: a" for n in range(200)]), get("/" + "a" * 20_000),
    get(f"{FLAGSHIP}?after=" + "a" * 20_000),
)  # fmt: skip
NO_HTTP = (
    b"\x00\x01\x02\x03", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"POST /events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    b"POST /events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")
PATHS = ("/", FLAGSHIP, f"{FLAGSHIP}/VNM", "/events", "/nothing", "/openapi.json", "/healthz", "/claims/x")


async def test_no_path_leads_out(here: tuple[Served, str]) -> None:
    for path in OUTSIDE:
        answer = await raw(here[1], get(path))
        assert status(answer) in (400, 404), path
        assert not [found for found in (b"root:", b"import ", b"{%") if found in answer], path


async def test_line_ends_in_addresses_make_no_header(here: tuple[Served, str]) -> None:
    for path in SPLITTING:
        answer = await raw(here[1], get(path))
        assert b"\r\nset-cookie" not in answer.partition(b"\r\n\r\n")[0].lower(), path
        assert status(answer) < 500, path


async def test_what_last_event_id_says_is_never_said_back(here: tuple[Served, str]) -> None:
    for told in LAST_IDS:
        answer = await raw(here[1], get(f"{FLAGSHIP}/events", f"Last-Event-ID: {told}"), seconds=0.3)
        assert status(answer) in (200, 400, 422), told
        if status(answer) == 200:
            assert b"event: reset" in answer or b"event: caught-up" in answer, told
            assert b"data: x" not in answer, told
            assert told.encode("latin-1") not in answer or len(told) < 3, told


async def test_every_answer_keeps_browsers_out_of_trouble(here: tuple[Served, str]) -> None:
    for method in METHODS:
        for path in PATHS:
            answer = await here[0].client.request(method, path)
            assert answer.status_code < 500, (method, path)
            assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY, (method, path)
            told = {"server", "x-powered-by", "access-control-allow-origin", "set-cookie"} & set(answer.headers)
            assert told == set(), (method, path)
            if answer.status_code >= 400 and method != "HEAD" and path not in ("/", "/nothing"):
                assert answer.headers["content-type"] == "application/problem+json", (method, path)


async def test_large_heads_are_refused(here: tuple[Served, str]) -> None:
    for text in LARGE_HEADS:
        assert status(await raw(here[1], text)) in (400, 414, 431), text[:40]
        assert (await here[0].client.get("/healthz")).status_code == 200


async def test_what_is_no_http_is_refused_and_nothing_else_is_read_from_it(here: tuple[Served, str]) -> None:
    for text in NO_HTTP:
        answer = await raw(here[1], text, seconds=1)
        assert not answer or (status(answer) == 400 and answer.count(b"HTTP/1.1") == 1), text
        assert (await here[0].client.get("/healthz")).status_code == 200


async def test_a_body_that_grows_beyond_the_limit_ends_the_connection(here: tuple[Served, str]) -> None:
    head = f"POST /events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {PUBLISHER}\r\nContent-Type: application/cloudevents+json\r\n"
    bomb = gzip.compress(b" " * (32 << 20), 9)
    chunked = b"".join(b"%x\r\n%b\r\n" % (1000, b" " * 1000) for _ in range(1000))
    packed = f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\nConnection: close\r\n\r\n".encode() + bomb
    answers = [
        await raw(
            here[1], head.encode() + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked, seconds=3
        ),
        await raw(here[1], head.encode() + b"Content-Length: 99999999999\r\n\r\n" + b" " * 100, seconds=3),
        await raw(here[1], head.encode() + packed, seconds=3),
    ]
    assert [status(each) for each in answers] in ([413, 413, 413], [413, 413, 415])
    assert (await here[0].client.get("/healthz")).status_code == 200


async def test_a_body_to_an_address_that_takes_none_is_not_kept(here: tuple[Served, str]) -> None:
    answer = await here[0].client.request("GET", FLAGSHIP, content=b" " * (BODY * 100))
    assert answer.status_code in (200, 413)


async def test_tokens_are_in_no_log_and_no_answer(here: tuple[Served, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = here[0].client
    answers = [
        await client.get(f"{FLAGSHIP}?token={PUBLISHER}&access_token={PUBLISHER}"),
        await client.post(f"/events?access_token={PUBLISHER}", content=b"{}"),
        await client.post("/events", content=b"{}", headers={"authorization": f"Bearer {PUBLISHER}"}),
        await client.post("/events", content=b"{}", headers={"authorization": f"Bearer {PUBLISHER}x"}),
    ]
    assert [each.status_code for each in answers] == [200, 401, 415, 401]
    told = "".join(f"{each.headers}{each.text}" for each in answers)
    assert PUBLISHER not in told
    # The client's own, and one that is let go nowhere.
    assert not logging.getLogger("uvicorn.access").propagate
    ours = [each for each in caplog.records if not each.name.startswith(("httpcore", "httpx", "uvicorn.access"))]
    assert all(PUBLISHER not in record.getMessage() for record in ours)


async def test_whoever_uses_a_token_is_noted_on_one_line_without_it(
    here: tuple[Served, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "incidentlog.access")
    client = here[0].client
    full = {"authorization": f"Bearer {READER}"}
    await client.get(f"{FLAGSHIP}/VNM", headers=full)
    await client.get("/projections/a%0d%0aforged", headers=full)
    await client.get(f"{FLAGSHIP}/VNM")
    await client.post("/events", content=b"{}", headers={"authorization": f"Bearer {PUBLISHER}"})
    noted = [each.getMessage() for each in caplog.records if each.name == "incidentlog.access"]
    assert [each.partition(": ")[2] for each in noted] == [
        f"GET {FLAGSHIP}/VNM", "GET /projections/a%0D%0Aforged", "POST /events"]  # fmt: skip
    assert all(each.startswith("token ") and "\n" not in each for each in noted)
    assert not any(secret in each for each in noted for secret in (READER, PUBLISHER))


async def test_no_address_makes_it_stumble() -> None:
    text = st.text(max_size=30)
    generated = st.tuples(
        text,
        text,
        st.sampled_from(["", "/why", "/timeline"]),
        st.sampled_from(["after", "min_position", "flag", "format"]),
        text,
    )
    async with served(await filled(()), position_seconds=0.01) as there:
        for seed in range(200):
            name, key, more, field, value = random_of(generated, seed)
            for path in (
                f"/projections/{quote(name)}",
                f"{FLAGSHIP}/{quote(key)}{more}",
                f"/claims/{quote(key)}",
                f"/p/{quote(name)}/{quote(key)}",
            ):
                answer = await there.client.get(f"{path}?{quote(field)}={quote(value)}")
                assert answer.status_code < 500 or answer.headers["retry-after"], answer.url


def random_of(strategy: st.SearchStrategy[Any], seed: int) -> Any:
    """A value of a strategy, the same for the same seed."""
    found: list[Any] = []

    @hypothesis_seed(seed)
    @settings(max_examples=1, database=None, deadline=None, phases=[Phase.generate])
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found[-1]
