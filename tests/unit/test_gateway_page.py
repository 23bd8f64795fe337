"""Pages as they are sent: what they say, and that they need nothing but themselves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from incidentlog.client import MemoryBroker
from incidentlog.gateway.app import create_app
from incidentlog.gateway.page import chart, numbers, phrases
from incidentlog.gateway.page.bars import scale
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import Bounds, PointView
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.topics import PROJECTIONS
from support.gateway import Served, filled, served

VNM = "/p/rescued-by-nationality/VNM"
PAGES = (
    "/",
    *(f"/p/{name}" for name in PROJECTIONS),
    VNM,
    "/p/rescued-by-nationality/*",
    "/p/estimates/arrested/XXX/KHM/KH-12",
)


class Outline(HTMLParser):
    """Ids, links and what is loaded of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if tag == "a" and "href" in found else []
        self.loaded += [found[name] or "" for name in ("src", "srcset") if name in found]
        self.loaded += [found["href"] or ""] if tag == "link" else []
        self.inline += [tag] if "style" in found or any(name.startswith("on") for name in found) else []
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in found) else []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    async with served(await filled()) as site:
        yield site


async def outline(site: Served, path: str, status: int = 200) -> Outline:
    answer = await site.client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Outline(answer.text)


async def test_pages_load_nothing_from_elsewhere_and_say_nothing_twice(site: Served) -> None:
    for path in PAGES:
        page = await outline(site, path)
        assert page.inline == [], path
        assert [each for each in page.loaded if not each.startswith("/")] == [], path
        assert len(page.ids) == len(set(page.ids)), path


async def test_every_link_within_leads_somewhere(site: Served) -> None:
    seen: dict[str, str] = {}
    for path in PAGES:
        for link in (page := await outline(site, path)).links:
            address, _, anchor = link.partition("#")
            if anchor and not address:
                assert unescape(anchor) in page.ids, (path, link)
            elif address.startswith("/"):
                seen.setdefault(address, path)
    answers = {address: (await site.client.get(address)).status_code for address in seen}
    assert {address: (status, seen[address]) for address, status in answers.items() if status != 200} == {}


async def test_the_eight_rows_with_their_ranges(site: Served) -> None:
    answer = (await site.client.get("/p/rescued-by-nationality")).text
    rows = re.findall(r'<tr role="row" id="row-[^"]*-([A-Z*]+)"[^>]*data-is="([^"]*)" data-say="([^"]*)"', answer)
    assert [(key, bounds) for key, bounds, _ in rows] == [
        ("*", "1024/1024/None"), ("VNM", "1000/1000/None"), ("MYS", "24/24/None"), ("QMF", "12/12/99"),
        ("CHN", "0/None/None"), ("IND", "0/None/6"), ("TWN", "0/None/2"), ("BGD", "0/None/1"),
    ]  # fmt: skip
    assert [said for *_, said in rows][:2] == ["All together: at least 1,024", "Vietnam: at least 1,000"]
    assert answer.count('fill="url(#fade)"') == 4
    assert answer.count('class="band"') == 4


async def test_sorting_pins_the_total_and_says_so(site: Served) -> None:
    page = (await site.client.get("/p/rescued-by-nationality?sort=name")).text
    assert re.findall(r'id="row-[^"]*-([A-Z*]+)"', page) == ["*", "BGD", "CHN", "QMF", "IND", "MYS", "TWN", "VNM"]
    assert re.findall(r'class="c-(\w+)" aria-sort="(\w+)"', page) == [("name", "ascending")]
    page = (await site.client.get("/p/rescued-by-nationality?sort=high")).text
    assert re.findall(r'class="c-(\w+)" aria-sort="(\w+)"', page) == [("high", "descending")]
    assert re.findall(r'id="row-[^"]*-([A-Z*]+)"', page)[-1] == "BGD"


async def test_estimates_are_narrowed_down(site: Served) -> None:
    page = (await site.client.get("/p/estimates?measure=rescued&nationality=VNM")).text
    assert re.findall(r'id="row-estimates-([^"]*)"', page) == ["rescued/VNM/KHM"]
    assert "1 number." in page
    page = (await site.client.get("/p/estimates?measure=rescued&sort=people&order=desc")).text
    assert re.findall(r'id="row-estimates-rescued/(\w+)', page) == ["VNM", "TWN", "MYS", "IND", "QMF", "CHN", "BGD"]
    empty = (await site.client.get("/p/estimates?measure=rescued&place=VN-44")).text
    assert "Nothing has been reported yet that fits." in empty


async def test_a_number_with_everything_behind_it(site: Served) -> None:
    page = await outline(site, VNM)
    for said in (
        "At least 1,000 people rescued; the best account says 1,000; nothing said so far limits how many more.",
        "From 6 claims in 4 articles. Simply adding up all 5 firm numbers would say 3,500",
        "As of 21 Sep 2022",
        "Not added, and why",
        "Is not added to low or best, since its window overlaps that of S2-03 .",
        "from about 1 Sep 2022 to 21 Sep 2022",
        "Vietnam, Ministry of Foreign Affairs",
        "No report is not the same as no cases.",
    ):
        assert said in page.text, said
    assert {"S2-03", "S2-02", "S2-05", "S3-12r", "S0-07", "S1-03"} <= set(page.ids)


async def test_the_front_page_says_from_how_much(site: Served) -> None:
    assert "From 93 claims in 5 articles." in (await outline(site, "/")).text


async def test_of_many_claims_the_newest_are_shown(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "MOST", 1)
    page = await outline(site, f"{VNM}?claim=S1-03")
    assert [each for each in page.ids if re.fullmatch(r"S\d-\d+r?", each)] == ["S2-03", "S3-12r", "S2-05", "S1-03"]
    assert "From 6 claims in 4 articles." in page.text
    assert "These are the newest 1; all 2 as JSON" in page.text


async def test_a_claim_tells_where_it_was_read(site: Served) -> None:
    page = await outline(site, f"{VNM}?claim=S2-03")
    assert "characters 1,227 to 1,306 of" in page.text
    assert "8e9ad8011e4ee1e96c98c0614b6ba0acb6feabd275d8908ac973b56821a25357" in page.text


async def test_a_number_is_shown_while_the_log_is_out_of_reach() -> None:
    broker = await filled()
    async with served(broker) as site:
        broker.available = False
        page = await outline(site, f"{VNM}?claim=S2-03")
        assert "At least 1,000" in page.text
        assert "characters 1,227" not in page.text
        await site.until(lambda: site.gateway.mirrors["rescued-by-nationality"].state == "connecting")
        assert "the log cannot be reached: these are the last numbers known" in (await outline(site, VNM)).text


async def test_a_day_in_the_past_and_what_changed_since(site: Served) -> None:
    page = await outline(site, f"{VNM}?as_of=2022-09-10&since=2022-09-06")
    assert "Looking at 6 Sep 2022, as known now." in page.text
    assert "Between 540 and 660 people rescued; the best account says 600." in page.text
    assert "By 6 Sep 2022, as known now: 540\N{EN DASH}660 . Now: at least 1,000 ." in page.text


@pytest.mark.parametrize(
    "query",
    [
        "as_of=2022-99-99",
        "as_of=x",
        "since=%00",
        "claim=%3Cscript%3E",
        "as_of=0001-01-01",
        "sort=x&order=y",
        "after=%F0",
    ],
)
async def test_nonsense_is_as_if_nothing_was_asked(site: Served, query: str) -> None:
    for path in (VNM, "/p/rescued-by-nationality"):
        assert "<script>" not in (await site.client.get(f"{path}?{query}")).text
        assert (await site.client.get(f"{path}?{query}")).status_code == 200


async def test_what_is_not_there_is_a_page_too(site: Served) -> None:
    page = await outline(site, "/p/rescued-by-nationality/VNN", 404)
    assert "VNM" in page.text
    page = await outline(site, "/p/%3Cb%3E", 404)
    assert "That is not here" in page.text


async def test_before_the_log_was_read_a_page_says_when_to_come_again() -> None:
    app = create_app(GatewaySettings(), MemoryBroker())  # has read nothing, since it does not run
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert 'data-retry="1"' in answer.text
    assert "still being read from the log" in answer.text


async def test_charts_are_pictures_for_the_day_and_the_night(site: Served) -> None:
    day, night = [await site.client.get(f"{VNM}/grown.svg?theme={theme}") for theme in ("light", "dark")]
    assert (day.status_code, day.headers["content-type"]) == (200, "image/svg+xml")
    assert chart.LIGHT.line in day.text
    assert chart.DARK.line in night.text
    assert (await site.client.get(f"{VNM}/nothing.svg")).status_code == 404


async def test_a_page_with_all_it_loads_is_light(site: Served) -> None:
    for path in (VNM, "/p/estimates", "/"):
        page = await outline(site, path)
        loaded = {each.split()[0] for each in page.loaded if not each.startswith("/projections")}
        parts = [await site.client.get(each, headers={"accept-encoding": "gzip"}) for each in (path, *loaded)]
        assert {part.headers.get("content-encoding") for part in parts if len(part.content) > 1000} == {"gzip"}
        assert sum(int(part.headers["content-length"]) for part in parts) < 50_000, path
        plain = await site.client.get(path, headers={"accept-encoding": "gzip;q=0, br"})
        assert "content-encoding" not in plain.headers


async def test_who_has_a_page_already_is_not_sent_it_again(site: Served) -> None:
    script = next(each for each in (await outline(site, "/")).loaded if each.endswith(".js"))
    assert "immutable" in (await site.client.get(script)).headers["cache-control"]
    for path in ("/p/rescued-by-nationality", "/"):
        first = await site.client.get(path)
        again = await site.client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert (await site.client.get(script.replace("/static/", "/static/0"))).status_code == 404


def bounds(low: int, best: int | None, high: int | None) -> Bounds:
    return Bounds(low=low, best=best, high=high, as_of=None)


@pytest.mark.parametrize(
    ("of", "span", "headline"),
    [
        (bounds(1000, 1000, None), "1,000 or more", "at least 1,000"),
        (bounds(1000, 1100, 1210), "1,000\N{EN DASH}1,210", "1,000\N{EN DASH}1,210"),
        (bounds(94, 94, 94), "94", "94"),
        (bounds(0, None, 6), "up to 6", "up to 6"),
        (bounds(0, None, None), "no number given", "no number given"),
        (bounds(0, None, 0), "0", "0"),
    ],
)
def test_numbers_in_words(of: Bounds, span: str, headline: str) -> None:
    assert (phrases.span(of), phrases.headline(of)) == (span, headline)
    assert phrases.sentence(of, "people rescued").endswith(".")


def test_ages_and_days_in_words() -> None:
    assert [phrases.ago(each) for each in (None, 3, 60, 7200, 200_000)] == [
        "",
        "just now",
        "1 minute ago",
        "2 hours ago",
        "2 days ago",
    ]
    assert [phrases.days_ago(each) for each in (None, 0, 1, 1523)] == ["", "today", "1 day ago", "1,523 days ago"]
    assert phrases.readable("from 2022-09-01~ to 2022-09") == "from about 1 Sep 2022 to Sep 2022"
    assert phrases.readable("on 2022-99-99") == "on 2022-99-99"
    assert phrases.cell("arrested/XXX/KHM/KH-12", builtin()) == "Arrested: nationality unspecified, in Phnom Penh"


def test_open_bars_reach_the_edge_and_closed_ones_end() -> None:
    common = scale([bounds(1000, 1000, None), bounds(12, 12, 99), bounds(0, None, 1)])
    drawn = common.bar(bounds(1000, 1000, None))
    assert drawn.open
    assert drawn.low + drawn.width == pytest.approx(100)
    closed = common.bar(bounds(12, 12, 99))
    assert not closed.open
    assert closed.low + closed.width == pytest.approx(common.at(99))
    assert common.bar(bounds(0, None, 1)).width > 0
    assert common.bar(bounds(0, None, 0)).best is None
    assert scale([]).ticks[-1][1] == 1


def test_a_chart_of_one_moment_and_of_an_open_end() -> None:
    point = PointView(at="2022-09-21T10:00:00.000000Z", low=10, best=None, high=None, flags=[])
    assert chart.svg([point]).startswith(b"<?xml")
    month = point.model_copy(update={"at": "2022-09", "high": 12})
    assert chart.svg([month, month]).startswith(b"<?xml")
    assert chart.svg([point], chart.DARK, chart.NARROW) != chart.svg([point])
