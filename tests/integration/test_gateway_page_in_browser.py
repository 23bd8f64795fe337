"""The pages in Chromium: nothing for axe to complain of, live without reload, whole without scripts, on any width."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from incidentlog.client import MemoryBroker
from incidentlog.schemas.topics import PROJECTIONS
from support.browsing import NARROW, PHONE, browser, overflow, tab, violations
from support.gateway import filled, listening

pytestmark = pytest.mark.chromium
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
LOOKS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
    "dark phone": {**PHONE, "color_scheme": "dark"},
}


@dataclass(frozen=True)
class Site:
    """A gateway with the shipped articles, and a browser."""

    address: str
    broker: MemoryBroker
    browser: Browser


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    broker = await filled()
    async with listening(broker) as (_, address), browser() as found:
        yield Site(address, broker, found)


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing(site: Site, look: str) -> None:
    found = {}
    async with tab(site.browser, **LOOKS[look]) as page:
        for name, path in EVERY.items():
            await page.goto(site.address + path)
            if name in ("number", "claim"):
                await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found[name] = await violations(page)
    assert found == dict.fromkeys(EVERY, [])


@pytest.mark.parametrize("device", [PHONE, NARROW], ids=["phone", "narrow"])
async def test_nothing_is_wider_than_a_phone(site: Site, device: dict[str, object]) -> None:
    found = {}
    async with tab(site.browser, **device) as page:
        for name, path in EVERY.items():
            await page.goto(site.address + path)
            found[name] = await overflow(page)
    assert found == dict.fromkeys(EVERY, 0)
