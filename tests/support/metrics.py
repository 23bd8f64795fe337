"""What a program tells of itself over HTTP: metrics as numbers, and its health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Numbers = Mapping[tuple[str, Labels], float]


def numbers(families: Iterable[Metric]) -> dict[tuple[str, Labels], float]:
    """Every sample; no two are of the same name and labels."""
    found: dict[tuple[str, Labels], float] = {}
    for family in families:
        assert family.documentation, family.name
        for each in family.samples:
            key = each.name, frozenset(each.labels.items())
            assert key not in found, key
            found[key] = each.value
    return found


def named(found: Numbers, name: str, **labels: str) -> float:
    """The sum of a metric's samples that have these labels; KeyError if there are none."""
    fitting = [value for (each, own), value in found.items() if each == name and labels.items() <= own]
    if not fitting:
        raise KeyError(name, labels)
    return sum(fitting)


async def scraped(url: str) -> dict[tuple[str, Labels], float]:
    """The metrics at an address."""
    status, body = await _got(f"{url}/metrics")
    assert status == 200
    return numbers(text_string_to_metric_families(body.decode()))


async def health(url: str, which: str) -> tuple[int, dict[str, Any]]:
    """The status, and what is told; `which` is livez or readyz."""
    status, body = await _got(f"{url}/{which}")
    return status, json.loads(body)


async def becomes(url: str, wanted: Callable[[dict[str, Any]], object], seconds: float = 30.0) -> dict[str, Any]:
    """Ask for the health again and again until it is as wanted."""
    told: dict[str, Any] = {}
    try:
        async with asyncio.timeout(seconds):
            while True:
                _, told = await health(url, "readyz")
                if wanted(told):
                    return told
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"it stays at {told}") from None


async def _got(url: str) -> tuple[int, bytes]:
    def get() -> tuple[int, bytes]:
        try:
            with urlopen(url, timeout=10) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()

    return await asyncio.to_thread(get)
