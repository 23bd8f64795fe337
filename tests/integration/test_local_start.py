"""How a start gets faster: the first broker records, the second assembles behind its user, the third profits."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import psutil
import pytest

from incidentlog.local import Broker
from incidentlog.local.digests import KAFKA_VERSION
from incidentlog.local.jars import JarStore
from incidentlog.local.places import CACHE_VARIABLE, cache_folder
from support.waiting import gone, until

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
async def new_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that holds the jars and nothing else."""
    jars = cache_folder() / f"kafka-{KAFKA_VERSION}" / "jars"
    await JarStore(jars).ready()
    folder = tmp_path / "cache"
    shutil.copytree(jars, folder / f"kafka-{KAFKA_VERSION}" / "jars", ignore=shutil.ignore_patterns("*.json"))
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder / f"kafka-{KAFKA_VERSION}"


def command_line(broker: Broker) -> str:
    return " ".join(psutil.Process(broker.pid).cmdline())


@pytest.mark.whole
async def test_the_third_start_uses_what_the_first_recorded_and_the_second_assembled(new_cache: Path) -> None:
    await _benchmarked(new_cache)
    others = psutil.Process(os.getpid()).children(recursive=True)  # the session's own broker among them
    async with Broker() as first:
        assert "-XX:AOTMode=record" in command_line(first)
    folder = new_cache / "aot"
    recent, forgotten = folder / "java-25-elsewhere.aot", folder / "java-21-long-ago.aot"
    for other, days in ((recent, 29), (forgotten, 31)):
        other.touch()
        os.utime(other, times=2 * (time.time() - days * 86_400,))
    async with Broker() as second:
        assert "-XX:AOT" not in command_line(second)
        await until(lambda: set(folder.glob("*.aot")) - {recent, forgotten}, seconds=60)
        assert recent.exists(), "somebody may use it still"
        assert not forgotten.exists()
        recent.unlink()
    await gone(*(set(psutil.Process(os.getpid()).children(recursive=True)) - set(others)))
    async with Broker() as third:
        assert "-XX:AOTCache=" in command_line(third)
        assert not [line for line in third.log.read_text().splitlines() if "[aot]" in line or "ERROR" in line]
    (cache,) = folder.glob("*.aot")
    cache.write_bytes(b"damaged")
    async with Broker() as fourth:
        assert "-XX:AOTCache=" in command_line(fourth), "ignored by Java, not by us"


async def _benchmarked(new_cache: Path) -> None:
    """The broker of a benchmark neither records nor uses a cache."""
    async with Broker(profile="benchmark") as broker:
        assert "-XX:AOT" not in command_line(broker)
        assert "-XX:+UseG1GC" in command_line(broker)
    assert not (new_cache / "aot").exists()
