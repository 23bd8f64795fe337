"""Who records, who assembles, who uses the ahead-of-time cache, and when it is given up."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from incidentlog.local.aot import AotCache

ENDED_ON_REQUEST = 128 + signal.SIGTERM


@pytest.fixture
def jars(tmp_path: Path) -> list[Path]:
    jar = tmp_path / "kafka.jar"
    jar.write_bytes(b"jar")
    return [jar]


def a_cache(tmp_path: Path, jars: list[Path]) -> AotCache:
    return AotCache(tmp_path / "aot", jars)


def output(flags: list[str]) -> Path:
    return Path(flags[-1].partition("=")[2])


async def recorded(cache: AotCache, status: int = ENDED_ON_REQUEST) -> None:
    """What a broker that records does, as far as the cache sees it."""
    output(cache.flags()).write_bytes(b"recorded")
    await cache.after_stop(status, hurry=False)


async def test_one_records_and_whoever_runs_beside_it_goes_without(tmp_path: Path, jars: list[Path]) -> None:
    first, second = a_cache(tmp_path, jars), a_cache(tmp_path, jars)
    assert "-XX:AOTMode=record" in first.flags()
    assert second.flags() == []
    await first.after_stop(-9, hurry=True)
    assert "-XX:AOTMode=record" in second.flags(), "the first was killed, so it is still to be done"
    await second.after_stop(-9, hurry=True)


async def test_after_a_recording_nobody_records_again(tmp_path: Path, jars: list[Path]) -> None:
    await recorded(a_cache(tmp_path, jars))
    assert a_cache(tmp_path, jars).flags() == []


@pytest.mark.parametrize("status", [-signal.SIGKILL, 1])
async def test_what_a_broker_recorded_that_did_not_end_in_its_own_way_is_dropped(
    tmp_path: Path, jars: list[Path], status: int
) -> None:
    await recorded(a_cache(tmp_path, jars), status)
    assert "-XX:AOTMode=record" in a_cache(tmp_path, jars).flags()


async def test_a_cache_is_used_and_one_of_other_jars_is_not_found(tmp_path: Path, jars: list[Path]) -> None:
    cache = a_cache(tmp_path, jars)
    cache.cache.parent.mkdir(exist_ok=True)
    cache.cache.write_bytes(b"cache")
    assert cache.flags() == [f"-XX:AOTCache={cache.cache}"]
    jars[0].write_bytes(b"another jar")
    other = a_cache(tmp_path, jars)
    assert "-XX:AOTMode=record" in other.flags()
    await other.after_stop(None, hurry=True)


async def test_a_cache_that_kept_a_broker_from_starting_is_left_out_then_given_up(
    tmp_path: Path, jars: list[Path]
) -> None:
    cache = a_cache(tmp_path, jars)
    cache.cache.parent.mkdir(exist_ok=True)
    cache.cache.write_bytes(b"cache")
    assert cache.flags()
    assert cache.set_aside(), "worth another attempt"
    assert cache.flags() == []
    assert not cache.set_aside(), "it was not the cache"
    cache.after_ready()
    assert a_cache(tmp_path, jars).flags() == [], "not even recorded again"


async def test_a_failed_start_without_a_cache_is_not_tried_again_for_its_sake(tmp_path: Path, jars: list[Path]) -> None:
    await recorded(a_cache(tmp_path, jars))
    cache = a_cache(tmp_path, jars)
    assert cache.flags() == []
    assert not cache.set_aside()


async def test_a_recording_java_cannot_use_is_given_up(tmp_path: Path, jars: list[Path]) -> None:
    await recorded(a_cache(tmp_path, jars))
    cache = a_cache(tmp_path, jars)
    cache.after_ready()
    await cache.after_stop(ENDED_ON_REQUEST, hurry=False)
    assert not cache.cache.exists()
    assert {path.suffix for path in (tmp_path / "aot").iterdir()} >= {".failed"}
    assert a_cache(tmp_path, jars).flags() == []


async def test_a_hurry_leaves_the_assembly_to_another_run(tmp_path: Path, jars: list[Path]) -> None:
    await recorded(a_cache(tmp_path, jars))
    cache = a_cache(tmp_path, jars)
    cache.after_ready()
    await cache.after_stop(-9, hurry=True)
    assert {path.suffix for path in (tmp_path / "aot").iterdir()} >= {".recording"}
    assert not list((tmp_path / "aot").glob("*.failed"))
