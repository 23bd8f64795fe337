"""What the public must not see leaves by no route: every page, answer, file, feed and stream is looked through."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import quote, urldefrag, urljoin

import httpx
import pytest

from incidentlog.gateway.formats import FORMATS
from incidentlog.schemas.events import claim_id
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.sheets import compile_sheet
from support.gateway import filled, listening, served
from support.writing import READER, READER_LINE

SOURCE = f"urn:sha256:{hashlib.sha256(b'an article').hexdigest()}"
SHEET = f"""\
article: {{sha256: {SOURCE.removeprefix("urn:sha256:")}}}
published: 2022-10-02
said_on: 2022-10-01
authority: VN-MOFA
in: KHM
statements:
  - {{ref: T-01, reports: rescued, of: Vietnamese, quantity: 1000, until: 2022-09-21}}
  - {{ref: T-02, reports: rescued, of: Vietnamese, quantity: 3, on: 2022-09-24, said_on: 2022-09-24, in: KH-18, authority: KH-18-AUTH, note: A few on the coast.}}
  - {{ref: T-03, reports: persons_requested, of: Malaysian, quantity: 7, on: 2022-09-25, embargo_until: 2999-01-01, note: Asked for help by a call.}}
  - {{ref: T-04, reports: rescued, of: Vietnamese, quantity: 40, on: 2022-09-26, in: KH-12, note: Many in the capital.}}
  - {{ref: T-05, did: MeetingHeld, of: Indonesian, quantity: 2, unit: person, on: 2022-09-27, in: KH-22, said_on: 2022-09-27}}
  - {{ref: T-06, did: OrderIssued, on: 2022-09-29, in: KH-8, embargo_until: 2999-01-01, said_on: 2022-09-29}}
"""
#: Small: its place, office, paraphrase. Embargoed: all of it. An action about few: its place and day.
FORBIDDEN = ("KH-18", "Sihanouk", "on the coast", "persons_requested/MYS", "T-03", claim_id(SOURCE, "T-03"),
             "by a call", "KH-22", "2022-09-27", "T-06", claim_id(SOURCE, "T-06"), "KH-8")  # fmt: skip
SHOWN = ("T-01", "T-02", "T-04", "in the capital")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    broker = await filled(compile_sheet(SHEET).events)
    for claim, note in compile_sheet(SHEET).notes.items():
        broker.put("incidentlog.notes", claim, f'{{"note": "{note}"}}'.encode())
    async with listening(broker, tokens=READER_LINE) as (_, url):
        yield url


async def everything(client: httpx.AsyncClient) -> dict[str, str]:
    """Body and headers of all that the gateway answers, by address."""
    found: dict[str, str] = {}
    todo = ["/", "/openapi.json", *addresses()]
    for name in PROJECTIONS:
        found[f"/projections/{name}/events"] = await beginning(client, f"/projections/{name}/events")
    while todo:
        path = urldefrag(todo.pop()).url
        if path in found or path.endswith("/events"):
            continue
        answer = await client.get(path)
        assert answer.status_code < 500, path
        found[path] = f"{answer.headers} {answer.text}"
        links = re.findall(r'(?:href|src)="([^"]+)"', answer.text) if "html" in answer.headers["content-type"] else []
        if path.startswith("/projections"):
            keys = (
                [row["key"] for row in answer.json().get("rows", ())]
                if answer.headers["content-type"][-4:] == "json"
                else []
            )
            links += [
                f"{path.partition('?')[0]}/{quote(key)}{more}" for key in keys for more in ("", "/why", "/timeline")
            ]
        todo += [
            urljoin(path, unescape(link)) for link in links if not link.startswith(("http", "//", "data:", "urn:"))
        ]
    return found


def addresses() -> list[str]:
    lists = [f"/projections/{name}?format={each}" for name in PROJECTIONS for each in FORMATS]
    # Also what nobody is told of: keys and claims that are kept back.
    hidden = ["estimates/rescued/VNM/KHM/KH-18", "estimates/persons_requested/MYS/KHM", "requests-by-nationality/MYS",
              "requests-by-nationality/*", f"official-actions/{claim_id(SOURCE, 'T-06')}"]  # fmt: skip
    guesses = [f"/projections/{each}{more}" for each in hidden for more in ("", "/why", "/timeline")]
    claims = [f"/claims/{claim_id(SOURCE, f'T-0{number}')}" for number in range(1, 7)]
    return [*lists, *guesses, *claims, *(f"/p/{each}" for each in hidden)]


async def beginning(client: httpx.AsyncClient, path: str) -> str:
    """A stream up to where it has caught up."""
    text = ""
    async with client.stream("GET", path) as stream:
        async for chunk in stream.aiter_text():
            text += chunk
            if "event: caught-up" in text:
                return text
    return text


def leaks(found: dict[str, str], words: tuple[str, ...]) -> set[tuple[str, str]]:
    """(address, word) wherever an answer holds a word that its own address does not."""
    return {(path, word) for path, text in found.items() for word in words if word in text and word not in path}


async def test_nothing_kept_back_leaves_by_any_route(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        found = await everything(client)
    assert leaks(found, FORBIDDEN) == set()
    # The day of few people is told of their country, by its timeline: not beside the claim.
    apart = {
        path: text
        for path, text in found.items()
        if path.startswith(("/projections", "/claims")) and "timeline" not in path
    }
    assert leaks(apart, ("2022-09-24",)) == set()
    for word in SHOWN:
        assert any(word in text for text in found.values()), word
    assert len(found) > 100


async def test_the_full_view_has_all_of_it(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {READER}"}) as client:
        found = await everything(client)
    assert {word for _, word in leaks(found, FORBIDDEN)} == set(FORBIDDEN)


async def test_a_number_that_is_kept_back_is_answered_as_one_that_never_was(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        hidden = await client.get("/projections/estimates/rescued/VNM/KHM/KH-18")
        never = await client.get("/projections/estimates/rescued/VNM/KHM/KH-20")
        claims = [await client.get(f"/claims/{name}") for name in (claim_id(SOURCE, "T-03"), "f" * 32)]
    assert hidden.status_code == never.status_code == 404
    assert hidden.text.replace("KH-18", "KH-20") == never.text
    assert [each.status_code for each in claims] == [404, 404]
    assert claims[0].json()["title"] == claims[1].json()["title"]


@pytest.mark.parametrize("header", ["Bearer ilog_unknown", "Basic dXNlcjpw", "Bearer", "nonsense"])
async def test_a_token_that_is_not_known_gets_no_answer_at_all(header: str, url: str) -> None:
    paths = ("/projections", "/projections/estimates", "/projections/estimates/events", f"/claims/{claim_id(SOURCE, 'T-01')}", "/",
             "/projections/estimates?format=csv", "/projections/estimates/rescued/VNM/KHM/why")  # fmt: skip
    async with httpx.AsyncClient(base_url=url, headers={"authorization": header}) as client:
        answers = [await client.get(path) for path in paths]
    assert {each.status_code for each in answers} == {401}
    assert all("www-authenticate" in each.headers for each in answers[:4])


async def test_what_anybody_may_keep_is_told_apart_from_what_only_the_reader_may(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        public = await client.get("/projections/estimates")
        tag = public.headers["etag"]
        full = await client.get(
            "/projections/estimates", headers={"authorization": f"Bearer {READER}", "if-none-match": tag}
        )
    assert full.status_code == 200
    assert "private" in full.headers["cache-control"]
    assert "Authorization" in public.headers["vary"]


async def test_few_people_in_a_larger_number_of_a_place_are_not_told_of_there() -> None:
    events = compile_sheet(SHEET.replace("KH-18", "KH-12")).events
    async with served(await filled(events)) as here:
        there = (await here.client.get("/projections/estimates/rescued/VNM/KHM/KH-12/why")).json()
        country = (await here.client.get("/projections/estimates/rescued/VNM/KHM/why")).json()
    assert (there["row"]["best"], there["row"]["as_of"], there["row"]["counted"]) == (43, "2022-09", [])
    assert ([claim["ref"] for claim in there["claims"]], there["withheld"], there["plain_sum"]) == (["T-04"], 1, [40])
    few = next(claim for claim in country["claims"] if claim["ref"] == "T-02")
    assert (few["subdivision"], few["start"], few["authority"], few["best"]) == (None, "2022-09", "withheld", 3)
    assert country["withheld"] == 0
