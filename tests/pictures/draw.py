"""Draw the README's pictures of the page: `PYTHONPATH=tests uv run python tests/pictures/draw.py`.

A gateway in memory with the articles that ship, opened in Chromium.
"""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser

from support.browsing import PHONE, browser, tab
from support.gateway import filled, listening

HERE = Path(__file__).parent
DESK: dict[str, Any] = {"viewport": {"width": 940, "height": 1000}}
NUMBER = "/p/rescued-by-nationality/VNM"


async def main() -> None:
    """Draw both."""
    async with listening(await filled()) as (_, address), browser() as found:
        table = await shot(found, f"{address}/p/rescued-by-nationality", 790, **DESK)
        number = await shot(found, address + NUMBER, 1330, **DESK)
        claims = await shot(found, f"{address}{NUMBER}?claim=S2-03#S2-03", 1330, **PHONE, color_scheme="dark")
    save(table, "table.png")
    save(beside(number, claims), "number.png")


async def shot(of: Browser, url: str, height: int, **device: Any) -> Image.Image:
    """A page from where its address leads, so many pixels of it."""
    async with tab(of, **device) as page:
        await page.set_viewport_size({"width": device["viewport"]["width"], "height": height})
        await page.goto(url)
        await page.wait_for_function("[...document.images].every(each => each.complete)")
        return Image.open(BytesIO(await page.screenshot()))


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures in a row."""
    gap = 24
    width = sum(each.width for each in pictures) + gap * (len(pictures) - 1)
    whole = Image.new("RGB", (width, max(each.height for each in pictures)), "#ffffff")
    at = 0
    for each in pictures:
        whole.paste(each, (at, 0))
        at += each.width + gap
    return whole


def save(picture: Image.Image, name: str) -> None:
    """Small enough for a README."""
    path = HERE / name
    picture.convert("RGB").quantize(256).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} KiB, {picture.width} x {picture.height}")


if __name__ == "__main__":
    asyncio.run(main())
