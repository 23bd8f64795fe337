from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.gateway import feeds
from incidentlog.gateway.formats import FORMATS, MEDIA_TYPES, NoSuchFormat, wanted
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import NumberView, RowsAnswer, Standing
from support.gateway import filled, served

NS = {"a": feeds.ATOM}
FLAGSHIP = "/projections/rescued-by-nationality"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with served(
        await filled(), publisher="The Desk", base_url="https://numbers.example.org/", codebook="3"
    ) as here:
        yield here.client


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "json"), ("*/*", "json"), ("text/csv", "csv"), ("application/atom+xml", "atom"), ("text/*", "csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "json"), ("application/ld+json;q=0.9, text/csv;q=0.8", "jsonld"),
        ("text/csv;q=0, application/*;q=0.1", "json"), ("application/x-ndjson", "jsonl"), ("TEXT/CSV ; q=1", "csv"),
        ("application/json;q=0.5, application/jsonl", "jsonl"), ("text/csv;q=nan, */*;q=0.2", "json"),
    ],
)  # fmt: skip
def test_the_format_is_what_the_reader_likes_best(accept: str | None, chosen: str) -> None:
    assert wanted(None, accept) == chosen
    assert wanted("atom", accept) == "atom"


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "text/csv;q=x", "nonsense", ","])
def test_formats_that_are_none_of_ours_are_refused(accept: str) -> None:
    with pytest.raises(NoSuchFormat, match="application/ld"):
        wanted(None, accept)


@given(st.text(max_size=60))
def test_any_accept_header_is_read(accept: str) -> None:
    with suppress(NoSuchFormat):
        assert wanted(None, accept) in FORMATS


@pytest.mark.parametrize("chosen", [each for each in FORMATS if each != "json"])
async def test_every_file_names_its_licence_codebook_and_citation(chosen: Any, client: httpx.AsyncClient) -> None:
    answer = await client.get(FLAGSHIP, params={"format": chosen})
    accepted = await client.get(FLAGSHIP, headers={"accept": MEDIA_TYPES[chosen]})
    assert answer.status_code == accepted.status_code == 200
    assert answer.content == accepted.content
    assert answer.headers["content-type"].split(";")[0] == MEDIA_TYPES[chosen]
    for text in ("https://creativecommons.org/licenses/by/4.0/", "incidentlog codebook 3", "The Desk: Rescued, by nationality",
                 "https://numbers.example.org/projections/rescued-by-nationality"):  # fmt: skip
        assert text in answer.text
    assert answer.headers["link"] == '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    again = await client.get(FLAGSHIP, params={"format": chosen}, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_table_has_the_rows_that_json_has(client: httpx.AsyncClient) -> None:
    rows = {row["key"]: row for row in (await client.get(FLAGSHIP)).json()["rows"]}
    answer = await client.get(FLAGSHIP, params={"format": "csv"})
    table = {line["key"]: line for line in csv.DictReader(io.StringIO(answer.text))}
    assert table.keys() == rows.keys()
    assert len(rows) == 8
    for key, line in table.items():
        told = [None if line[name] == "" else int(line[name]) for name in ("low", "best", "high")]
        assert told == [rows[key][name] for name in ("low", "best", "high")]
        assert (line["as_of"] or None, line["label"]) == (rows[key]["as_of"], rows[key]["label"])
    assert answer.headers["content-disposition"] == 'attachment; filename="rescued-by-nationality.csv"'


async def test_lines_begin_with_what_they_are(client: httpx.AsyncClient) -> None:
    shown = (await client.get(FLAGSHIP)).json()["rows"]
    head, *lines = (await client.get(FLAGSHIP, params={"format": "jsonl"})).content.splitlines()
    about = orjson.loads(head)["about"]
    assert (about["dataclassification"], about["version"], about["as_of"]) == ("public", "v1", "2022-09-21")
    assert [orjson.loads(line) for line in lines] == shown


async def test_the_dataset_has_a_claim_for_each_row(client: httpx.AsyncClient) -> None:
    dataset = (await client.get(FLAGSHIP, params={"format": "jsonld"})).json()
    assert (dataset["@context"], dataset["@type"]) == ("https://schema.org", "Dataset")
    claims = {claim["@id"].rpartition("/")[2]: claim for claim in dataset["hasPart"]}
    assert {claim["@type"] for claim in claims.values()} == {"Claim"}
    assert claims["VNM"]["about"] == {"@type": "PropertyValue", "propertyID": "VNM", "minValue": 1000, "value": 1000}
    assert claims["VNM"]["text"] == "at least 1000; best account 1000; nothing bounds it above, as of 2022-09-21"
    assert dataset["dateModified"]
    json.dumps(dataset, allow_nan=False)


async def test_the_feed_has_an_entry_for_each_number_with_an_id_that_stays(client: httpx.AsyncClient) -> None:
    feed = ET.fromstring((await client.get(FLAGSHIP, params={"format": "atom"})).content)
    assert feed.findtext("a:id", namespaces=NS) == "tag:numbers.example.org,2022:incidentlog/rescued-by-nationality"
    entries = {entry.findtext("a:id", namespaces=NS): entry for entry in feed.findall("a:entry", NS)}
    assert len(entries) == 8
    vietnam = entries["tag:numbers.example.org,2022:incidentlog/rescued-by-nationality/VNM"]
    title = vietnam.findtext("a:title", namespaces=NS)
    assert title
    assert "at least 1000" in title
    rows = {row["key"]: row for row in (await client.get(FLAGSHIP)).json()["rows"]}
    assert vietnam.findtext("a:updated", namespaces=NS) == rows["VNM"]["recorded"]
    times = [datetime.fromisoformat(entry.findtext("a:updated", "", NS)) for entry in entries.values()]
    assert times == sorted(times, reverse=True)
    assert datetime.fromisoformat(feed.findtext("a:updated", "", NS)) == max(times)
    for element in feed.iter(f"{{{feeds.ATOM}}}link"):
        assert element.attrib["href"].startswith("https://")


@pytest.mark.parametrize("name", ["estimates", "official-actions", "arrests-by-place", "requests-by-nationality"])
@pytest.mark.parametrize("chosen", FORMATS)
async def test_every_projection_comes_in_every_format(name: str, chosen: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/projections/{name}", params={"format": chosen})
    assert answer.status_code == 200
    if chosen == "atom":
        entries = ET.fromstring(answer.content).findall("a:entry", NS)
        assert len({entry.findtext("a:id", namespaces=NS) for entry in entries}) == len(entries) > 0


async def test_a_filter_holds_for_files_too(client: httpx.AsyncClient) -> None:
    answer = await client.get(FLAGSHIP, params={"format": "csv", "nationality": "MYS"})
    assert [line["key"] for line in csv.DictReader(io.StringIO(answer.text))] == ["MYS"]


async def test_what_is_not_there_is_a_problem_in_every_format(client: httpx.AsyncClient) -> None:
    missing = await client.get("/projections/nothing", params={"format": "csv"})
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert (await client.get(FLAGSHIP, headers={"accept": "image/png"})).status_code == 406
    assert (await client.get(FLAGSHIP, params={"format": "xlsx"})).status_code == 422


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_can_stand_in_a_feed(label: str, key: str) -> None:
    standing = Standing(view="public", version="v1", state="live", position=[], as_of=None, as_of_days=None, recorded=None,
                        age_seconds=None, quarantined=0, quarantined_unplaced=0)  # fmt: skip
    row = NumberView(projection="p", key=key, label=label, recorded="2022-09-21T00:00:00Z", low=0, best=None, high=None,
                     as_of=None, flags=["x"])  # fmt: skip
    answer = RowsAnswer(projection="p", title=label, standing=standing, total=1, next=None, rows=[row])
    feed = ET.fromstring(feeds.atom(GatewaySettings(), answer))
    assert len(feed.findall("a:entry", NS)) == 1
    tag = feed.findtext("a:entry/a:id", "", NS)
    assert tag.isascii()
    assert not set(tag) & set(' "<>\\^`{|}\n\r')
