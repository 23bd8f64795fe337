"""A browser for the gateway's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import DEFAULT_OPTIONS, Axe
from playwright.async_api import Browser, Page, async_playwright

from support.plugin import chromium

#: It speaks to nobody but the pages under test.
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
#: As people hold them: device settings of playwright.
WIDE: dict[str, Any] = {"viewport": {"width": 1100, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser with an empty profile."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=QUIET, chromium_sandbox=False)
        try:
            yield found
        finally:
            await found.close()


@asynccontextmanager
async def tab(of: Browser, **device: Any) -> AsyncIterator[Page]:
    """A page of its own; what scripts complain of fails the test."""
    context = await of.new_context(**(WIDE | device))
    problems: list[str] = []
    try:
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        assert problems == []
    finally:
        await context.close()


async def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds wrong with a page, by these of its rules or by all: rule, and where."""
    chosen = {"runOnly": rules} if rules else {}
    found = (await Axe().run(page, options=DEFAULT_OPTIONS | chosen)).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}" for each in found for node in each["nodes"]
    ]


async def overflow(page: Page) -> int:
    """How many pixels wider than the window a page is."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width
