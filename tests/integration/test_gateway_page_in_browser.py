"""The pages in Chromium: nothing for axe to complain of, live without reload, whole without scripts, on any width."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from incidentlog.cli.sources import statement_of
from incidentlog.client import MemoryBroker, Publisher
from incidentlog.client.kafka import KafkaBroker
from incidentlog.schemas.claims import RescueReported
from incidentlog.schemas.events import Event, claimed
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.worker import WorkerProcess
from support.browsing import NARROW, PHONE, WIDE, browser, overflow, tab, violations
from support.gateway import TOPICS, articles, filled, fold, listening
from support.stack import new_stack

pytestmark = [pytest.mark.chromium, pytest.mark.asyncio(loop_scope="module")]
Scheme = Literal["light", "dark"]
VNM = "/p/rescued-by-nationality/VNM"
EVERY = {
    **{name: f"/p/{name}" for name in PROJECTIONS},
    "home": "/",
    "number": VNM,
    "claim": f"{VNM}?claim=S2-03&as_of=2022-09-10&since=2022-09-06#S2-03",
    "everyone": "/p/rescued-by-nationality/*",
    "place": "/p/arrests-by-place/KHM",
    "unknown": "/p/rescued-by-nationality/VNN",
}
"""Every page there is, by what it shows."""
DEVICES = {"wide": WIDE, "phone": PHONE}
CHANGEABLE = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
#: What is looked at in CI by which rules, () for all: a look changes colours and where things are, and not what they are.
LOOKS: dict[tuple[str, Scheme], tuple[str, ...] | None] = {
    ("wide", "light"): (),
    ("phone", "dark"): CHANGEABLE,
    ("wide", "dark"): None,
    ("phone", "light"): None,
}


def later(ref: str, best: int, day: str = "2022-09-28") -> Event:
    """A newer total of rescued Vietnamese, as another article would tell it: exactly so many by that day."""
    data = next(each.data for each in articles() if getattr(each.data, "ref", "") == "S2-03")
    assert isinstance(data, RescueReported)
    content = data.model_dump(mode="json") | {"ref": ref, "occasion": day, "related": []}
    content["window"] |= {"edtf": f"../{day}", "end": day}
    content["quantity"] |= {"low": best, "best": best, "high": best, "qualifier": "exact", "stated": str(best)}
    content["statement_key"] = content["statement_key"].replace("2022-09-22", day)
    return claimed("https://example.org/later", RescueReported.model_validate(content))


@dataclass(frozen=True)
class Site:
    """A gateway with the shipped articles, and a browser."""

    address: str
    broker: MemoryBroker
    browser: Browser


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def found() -> AsyncIterator[Browser]:
    """The browser of all these tests; each has a profile of its own."""
    async with browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site(found: Browser) -> AsyncIterator[Site]:
    """One to look at: nothing may be published there."""
    async with own(found) as site:
        yield site


@asynccontextmanager
async def own(found: Browser) -> AsyncIterator[Site]:
    """One to publish at."""
    broker = await filled()
    async with listening(broker) as (_, address):
        yield Site(address, broker, found)


async def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(site: Site, pytestconfig: pytest.Config) -> None:
    """By all rules in one look, and in another by those on what looks may change; under --whole in all looks by all rules."""
    whole = bool(pytestconfig.getoption("--whole"))
    found: dict[str, list[str]] = {}
    wider: dict[str, list[int]] = {}
    async with tab(site.browser, **NARROW) as page:
        for name, path in EVERY.items():
            await page.set_viewport_size(NARROW["viewport"])
            await page.goto(site.address + path)
            wider[name] = [await overflow(page)]
            await page.set_viewport_size(PHONE["viewport"])
            wider[name] += [await overflow(page)]
            if name in ("number", "claim"):
                await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found[name] = []
            for (device, scheme), rules in LOOKS.items():
                if rules is not None or whole:
                    await page.set_viewport_size(DEVICES[device]["viewport"])
                    await page.emulate_media(color_scheme=scheme)
                    found[name] += await violations(page, *(() if whole else rules or ()))
    assert found == {name: [] for name in EVERY}
    assert wider == {name: [0, 0] for name in EVERY}


async def test_axe_is_heard(site: Site) -> None:
    async with tab(site.browser) as page:
        await page.goto(site.address + VNM)
        await page.evaluate("document.querySelector('img').removeAttribute('alt')")
        assert [each.partition(":")[0] for each in await violations(page)] == ["image-alt"]
        await page.emulate_media(color_scheme="dark")
        await page.evaluate("document.querySelector('h1').style.color = '#222'")
        assert [each.partition(":")[0] for each in await violations(page, *CHANGEABLE)] == ["color-contrast"]


async def test_a_change_is_shown_without_reload(found: Browser) -> None:
    async with own(found) as site, tab(found) as page:
        await page.goto(f"{site.address}/p/rescued-by-nationality?sort=name")
        await page.evaluate("window.same = true")
        link = page.get_by_role("link", name="Vietnam", exact=True)
        await link.focus()
        await publish_here(site, [later("X9-01", 1500)])
        row = page.locator('[id="row-rescued-by-nationality-VNM"]')
        await expect(row).to_contain_text("1,500")
        await expect(row).to_have_class(re.compile("changed"))
        await expect(page.locator("#said")).to_contain_text("Vietnam: 1,500\N{EN DASH}1,538")
        await expect(link).to_be_focused()
        assert await page.evaluate("window.same")


async def test_a_claim_that_changes_no_number_is_shown_too(found: Browser) -> None:
    async with own(found) as site, tab(found) as page:
        await page.goto(site.address + VNM)
        await expect(page.locator("#coverage")).to_contain_text("From 6 claims in 4 articles.")
        await publish_here(site, [later("X9-02", 1000)])
        await expect(page.locator("#coverage")).to_contain_text("From 7 claims in 5 articles.")
        await expect(page.locator("#claims")).to_contain_text("X9-02")


async def test_sorting_and_days_without_reload(site: Site) -> None:
    async with tab(site.browser) as page:
        await page.goto(f"{site.address}/p/rescued-by-nationality")
        await page.evaluate("window.same = true")
        await page.get_by_role("link", name="Nationality").press("Enter")
        await expect(page.locator("tbody tr").nth(1)).to_contain_text("Bangladesh")
        await expect(page.get_by_role("link", name="Nationality")).to_be_focused()
        await page.go_back()
        await expect(page.locator("tbody tr").nth(1)).to_contain_text("Vietnam")
        assert await page.evaluate("window.same")

        await page.goto(site.address + VNM)
        await page.evaluate("window.same = true")
        slider = page.get_by_role("slider", name="As of")
        await expect(slider).to_have_attribute("aria-valuetext", "28 Sep 2022: at least 1,000")
        await slider.press("Home")
        await expect(page.locator("#figure")).to_contain_text("Looking at 25 Aug 2022, as known now.")
        await expect(page.locator("#figure")).to_contain_text("450\N{EN DASH}550")
        await expect(slider).to_be_focused()
        assert await page.evaluate("window.same")


async def test_one_click_leads_to_the_claim_and_another_to_its_sentence(site: Site) -> None:
    async with tab(site.browser) as page:
        await drill_down(page, site.address)


async def test_everything_is_there_without_scripts(site: Site) -> None:
    async with tab(site.browser, java_script_enabled=False) as page:
        await drill_down(page, site.address)
        await page.get_by_label("As of").select_option(label="6 Sep 2022: 540\N{EN DASH}660")
        await page.locator("#asof button").click()
        await expect(page.locator("#figure")).to_contain_text("Looking at 6 Sep 2022, as known now.")
        await page.goto(f"{site.address}/p/rescued-by-nationality")
        await page.get_by_role("link", name="Nationality").click()
        await expect(page.locator("tbody tr").nth(1)).to_contain_text("Bangladesh")


async def test_a_lost_connection_is_told_and_made_good(found: Browser) -> None:
    broker = await filled()
    async with tab(found) as page:
        async with listening(broker) as (_, address):
            await page.goto(f"{address}/p/rescued-by-nationality")
            await expect(page.locator("#lost")).to_be_hidden()
        await expect(page.locator("#lost")).to_have_text(re.compile(r"Connection lost, showing numbers of \d\d:\d\d\."))
        port = int(address.rpartition(":")[2])
        async with listening(broker, port=port):
            await expect(page.locator("#lost")).to_be_hidden(timeout=20_000)


@pytest.mark.integration
async def test_an_event_published_is_on_the_page_within_a_second(bootstrap: str, found: Browser) -> None:
    stack = await new_stack(bootstrap)
    async with (
        Publisher(bootstrap, topics=stack.topics) as publisher,
        WorkerProcess(stack.settings(commit_interval=0.05)) as worker,
        listening(KafkaBroker(bootstrap), stack.topics) as (_, address),
        tab(found) as page,
    ):
        await worker.ready()
        for event in articles():
            await publisher.publish(event)
        await stack.settled()
        await page.goto(f"{address}/p/rescued-by-nationality")
        await expect(page.locator("tbody tr")).to_have_count(8)
        row = page.locator('[id="row-rescued-by-nationality-VNM"]')
        await expect(row).to_contain_text("open")
        took: list[float] = []
        for best, day in ((1500, "2022-09-28"), (1600, "2022-09-29"), (1700, "2022-09-30")):
            if took:
                await asyncio.sleep(1.1)  # no more than one question a second
            begun = time.monotonic()
            await publisher.publish(later(f"X9-{best}", best, day))
            await expect(row).to_contain_text(f"{best:,}")
            took.append(time.monotonic() - begun)
        assert min(took) < 1.0, took
        await drill_down(page, address)


async def publish_here(site: Site, events: list[Event]) -> None:
    """Publish events to a broker without workers, and do what they would have done."""
    async with Publisher(site.broker, topics=TOPICS) as publisher:
        for event in events:
            await publisher.publish(event)
    await fold(site.broker, TOPICS, [statement_of(event) for event in [*articles(), *events]])


async def drill_down(page: Page, address: str) -> None:
    """From the front page to the sentence of S2-03."""
    await page.goto(address)
    await page.get_by_role("link", name="Vietnam", exact=True).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Vietnam")
    claim = page.locator('[id="S2-03"]')
    await expect(claim).to_contain_text("more than 1000")
    await claim.get_by_role("link", name="where in the article").click()
    await expect(claim).to_contain_text("characters 1,227 to 1,306 of urn:sha256:8e9ad8011e4ee")
