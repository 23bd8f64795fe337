"""Jars are checked against the pinned digests before they may run, and fetched only when they are missing."""

from __future__ import annotations

import asyncio
import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from incidentlog.local.digests import DIGESTS, Jar, pinned_jars
from incidentlog.local.errors import JarRefused, JarsUnavailable
from incidentlog.local.jars import REPOSITORY_VARIABLE, JarStore
from incidentlog.local.ports import choose_ports


def a_jar(name: str, content: bytes) -> Jar:
    return Jar(f"org/example/{name}/1.0/{name}-1.0.jar", hashlib.sha256(content).hexdigest())


def put(folder: Path, jar: Jar, content: bytes) -> Path:
    path = folder / jar.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def repository(folder: Path) -> Iterator[str]:
    """A Maven repository on this machine, serving `folder`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_pinned_jars_are_those_of_kafka_and_their_lines_are_well_formed() -> None:
    jars = pinned_jars()
    assert {"org.apache.kafka", "org.scala-lang", "org.slf4j"} <= {jar.coordinate[0] for jar in jars}
    assert all(len(jar.sha256) == 64 and int(jar.sha256, 16) for jar in jars)
    assert len({jar.path for jar in jars}) == len(jars) == len(DIGESTS.read_text().splitlines())
    for jar in jars:
        _group, artifact, version = jar.coordinate
        assert jar.name == f"{artifact}-{version}.jar"


def test_a_planted_jar_is_refused_by_name(tmp_path: Path) -> None:
    good, other = a_jar("good", b"good"), a_jar("other", b"other")
    put(tmp_path, good, b"good")
    planted = put(tmp_path, other, b"planted")
    with pytest.raises(JarRefused, match="delete that file") as refused:
        JarStore(tmp_path, [good, other]).check()
    assert refused.value.path == planted
    assert refused.value.expected == other.sha256
    assert str(planted) in str(refused.value)


def test_what_was_checked_is_remembered_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = a_jar("one", b"content")
    path = put(tmp_path, jar, b"content")
    read: list[Path] = []

    def counted(path: Path) -> str:
        read.append(path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr("incidentlog.local.jars.sha256_of", counted)
    for _ in range(3):
        assert JarStore(tmp_path, [jar]).check() == [path]
    assert read == [path]
    path.write_bytes(b"CONTENT")
    with pytest.raises(JarRefused):
        JarStore(tmp_path, [jar]).check()


def test_a_release_with_other_digests_checks_again(tmp_path: Path) -> None:
    jar = a_jar("one", b"content")
    put(tmp_path, jar, b"content")
    JarStore(tmp_path, [jar]).check()
    with pytest.raises(JarRefused):
        JarStore(tmp_path, [Jar(jar.path, "0" * 64)]).check()


def test_a_damaged_stamp_only_means_checking_again(tmp_path: Path) -> None:
    jar = a_jar("one", b"content")
    path = put(tmp_path, jar, b"content")
    for damage in (b"", b"[1]", b"\xff"):
        (tmp_path / "verified.json").write_bytes(damage)
        assert JarStore(tmp_path, [jar]).check() == [path]


async def test_missing_jars_are_fetched_with_progress_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {name: name.encode() * 1000 for name in ("a", "b", "c")}
    jars = [a_jar(name, content) for name, content in contents.items()]
    for jar, content in zip(jars, contents.values(), strict=True):
        put(tmp_path / "remote", jar, content)
    told: list[tuple[int, int]] = []
    store = JarStore(tmp_path / "cache", jars)
    put(store.folder, jars[0], contents["a"])
    with repository(tmp_path / "remote") as address:
        monkeypatch.setenv(REPOSITORY_VARIABLE, address)
        paths = await store.ready(lambda _message, done, total: told.append((done, total)))
    assert [path.read_bytes() for path in paths] == list(contents.values())
    assert told == [(1, 2), (2, 2)]
    assert await store.ready() == paths, "and now without a repository"
    assert not list(store.folder.glob("fetching-*"))


async def test_a_repository_that_serves_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = a_jar("one", b"content")
    put(tmp_path / "remote", jar, b"planted")
    store = JarStore(tmp_path / "cache", [jar])
    with repository(tmp_path / "remote") as address:
        monkeypatch.setenv(REPOSITORY_VARIABLE, address)
        with pytest.raises(JarRefused, match=r"one-1\.0\.jar"):
            await store.ready()
    assert not store.path(jar).exists()


async def test_no_network_and_nothing_cached_is_said_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = (await choose_ports(0)).broker
    monkeypatch.setenv(REPOSITORY_VARIABLE, f"http://127.0.0.1:{nobody}")
    jars = [a_jar("one", b"1"), a_jar("two", b"2")]
    with pytest.raises(JarsUnavailable, match="connect to the network once") as unavailable:
        await JarStore(tmp_path, jars).ready()
    assert unavailable.value.missing == 2
    assert unavailable.value.folder == tmp_path


async def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JarsUnavailable, match=r"Not a directory|File exists"):
        await JarStore(tmp_path / "file" / "jars", [a_jar("one", b"1")]).ready()


async def test_two_stores_fetch_every_jar_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = {f"jar{n}": f"jar{n}".encode() for n in range(6)}
    jars = [a_jar(name, content) for name, content in contents.items()]
    for jar, content in zip(jars, contents.values(), strict=True):
        put(tmp_path / "remote", jar, content)
    fetched: list[str] = []
    with repository(tmp_path / "remote") as address:
        monkeypatch.setenv(REPOSITORY_VARIABLE, address)
        stores = [JarStore(tmp_path / "cache", jars) for _ in range(2)]
        await asyncio.gather(*(store.ready(lambda message, *_: fetched.append(message)) for store in stores))
    assert len(fetched) == len(set(fetched)) == 6
