"""The real broker with its authorizer on: whoever has a leaked credential can do no more than its role's job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentlog.cli import sources
from incidentlog.cli.board import Board
from incidentlog.cli.main import run
from incidentlog.client import AccessDenied, EventRefused, NotAuthenticated, Publisher, Subscriber
from incidentlog.client.connect import broker_as
from incidentlog.client.reading import partitions_of
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.local.scram import SHA_256, put_users
from incidentlog.local.secured import ADMINISTRATOR
from incidentlog.projections.project import project
from incidentlog.schemas.access import grants
from incidentlog.schemas.events import claimed
from incidentlog.schemas.registers import builtin
from incidentlog.topics import grant
from incidentlog.worker import WorkerProcess, WorkerSettings
from incidentlog.worker.errors import AccessMissing, NotLetIn, WorkerStopped
from incidentlog.worker.preflight import check
from incidentlog.worker.writer import Writer
from support.examples import example
from support.forbidden import EVENTS, FORBIDDEN, TOPICS, Forbidden
from support.secured import Cluster
from support.secured import cluster as opened
from support.writing import SHEET, app_of, client_of, send, structured

SHOWN = "rescued-by-nationality"
#: Not of the article that all examples are of.
RAID = claimed("https://example.org/raid", example("RaidConducted").data)  # type: ignore[arg-type]
PLANTED = "planted-so-that-it-can-be-found"

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with opened(tmp_path_factory.mktemp("secured")) as found:
        yield found


@pytest.mark.parametrize("forbidden", FORBIDDEN, ids=str)
async def test_what_is_forbidden_is_refused_in_words(cluster: Cluster, forbidden: Forbidden) -> None:
    began = time.monotonic()
    with pytest.raises(AccessDenied) as refused:
        await forbidden.attempt(cluster, forbidden.role)
    assert time.monotonic() - began < 5
    said = str(refused.value)
    assert said.startswith(f"User:{forbidden.role} may not {forbidden.operation} "), said
    assert forbidden.name in said
    assert f" at {cluster.bootstrap}: `incidentlog topics access` says which role may" in said


def test_enough_is_tried() -> None:
    assert len({str(each) for each in FORBIDDEN}) >= 20
    assert {each.role for each in FORBIDDEN} >= {"producer", "worker", "subscriber", "gateway"}


async def test_nothing_came_of_it(cluster: Cluster) -> None:
    """Every topic there is was made on purpose, and they hold the one event that was published at first."""
    administrator = broker_as(cluster.bootstrap, cluster.variables(ADMINISTRATOR))
    async with administrator.admin() as admin, administrator.reader() as reader:
        names = {name for name in await admin.names() if name.startswith("secured")}
        assert names == {topic.name for topic in TOPICS.all()}
        ends = await reader.end_offsets(await partitions_of(reader, names))
        assert [(each.topic, end) for each, end in ends.items() if end] == [(EVENTS, 1)]
        assert set((await reader.start_offsets(ends)).values()) == {0}
        assert await admin.committed(TOPICS.group) == {}


async def test_who_reads_nothing_neither_annotates_nor_redacts(cluster: Cluster) -> None:
    async with Publisher(cluster.connected("producer"), topics=TOPICS, known=False) as producer:
        with pytest.raises(EventRefused, match="a redaction erases a paraphrase, which these credentials may not"):
            await producer.publish(example("ClaimRedacted"))
        with pytest.raises(EventRefused, match="note: needs a publisher with known=True"):
            await producer.publish(example("RescueReported"), note="The ministry spoke of more than a thousand people.")


@pytest.fixture(scope="module")
def folding(cluster: Cluster) -> Iterator[WorkerProcess]:
    """A worker with no more rights than it needs, and all articles folded."""
    settings = WorkerSettings(cluster.bootstrap, TOPICS.prefix, "v1")
    worker = WorkerProcess(settings, variables=cluster.variables("worker"))
    cluster.loop.run(_folded(cluster, worker))
    yield worker
    cluster.loop.run(worker.stop())
    assert worker.counts, cluster.loop.run(worker.messages())


async def _folded(cluster: Cluster, worker: WorkerProcess) -> None:
    await worker.start()
    material = sources.read((), builtin(), articles=True)
    events = [placed.event for placed in material.events]
    async with Publisher(cluster.connected("producer"), topics=TOPICS, known=False) as blind:
        await blind.publish_all(events[:5])
    async with Publisher(cluster.connected("publisher"), topics=TOPICS) as publisher:
        done = await publisher.publish_all(events, notes=material.notes())
    assert (done.appended, done.known) == (len(events) - 5, 5)
    await worker.ready()
    rows = project(material.statements())
    async with Board(cluster.connected("subscriber"), (SHOWN, "estimates"), TOPICS) as board:
        await board.until(lambda: not board.missing(rows))


#: What each role is for, as verbs of the program, in an order in which they have something to do.
JOBS = [
    ("producer", ["publish", "--write-only", "--json", "SHEET"]),
    ("publisher", ["publish", "--json", "--articles"]),
    ("subscriber", ["watch", SHOWN, "--once", "--json"]),
    ("analyst", ["why", SHOWN, "VNM", "--json"]),
    ("analyst", ["timeline", SHOWN, "VNM", "--json"]),
    ("analyst", ["replay", SHOWN, "--as-of", "2022-09-10", "--json"]),
    ("analyst", ["export", "events", "FILE"]),
    ("analyst", ["dlq", "list", "--json"]),
    (
        "reviewer",
        ["review", "retract", "S2-03", "--all-wordings", "--by", "DATA-DESK", "--reason", "source_withdrew", "--yes"],
    ),
    ("reviewer", ["review", "redact", "S2-03", "--by", "DATA-DESK", "--reason", "other", "--yes"]),
    ("reviewer", ["export", "events", "NOTES", "--notes"]),
    ("operator", ["topics", "check", "--json"]),
    ("operator", ["doctor", "--json"]),
    ("operator", ["replay", "--into", "v2"]),
    ("operator", ["versions", "--json"]),
    ("operator", ["promote", "v2"]),
    ("operator", ["promote", "v1"]),
    ("operator", ["versions", "retire", "v2"]),
]


@pytest.mark.parametrize(("role", "call"), JOBS, ids=lambda each: each if isinstance(each, str) else "-".join(each[:2]))
def test_each_role_can_do_its_job(
    cluster: Cluster, folding: WorkerProcess, role: str, call: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name, value in cluster.variables(role).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "sheet.yaml").write_text(SHEET)
    files = {"SHEET": "sheet.yaml", "FILE": "events.jsonl", "NOTES": "notes.jsonl"}
    status = run([str(tmp_path / files[each]) if each in files else each for each in call])
    assert status == 0, capsys.readouterr().err


async def test_a_gateway_reads_what_it_serves(cluster: Cluster, folding: WorkerProcess) -> None:
    settings = GatewaySettings(cluster.bootstrap, TOPICS.prefix)
    async with Gateway(settings, cluster.connected("gateway")) as gateway, asyncio.timeout(20):
        await gateway.ready()
        assert gateway.mirrors[SHOWN].held.keys() >= {"VNM", "*"}
    async with app_of(cluster.connected("gateway-publishing"), TOPICS) as app, client_of(app) as client:
        taken = await send(client, structured(RAID))
    assert taken.json().get("appended") == 1, taken.text
    async with app_of(cluster.connected("gateway"), TOPICS) as app, client_of(app) as client:
        refused = await send(client, structured(RAID))
    assert refused.status_code == 503


async def test_workers_that_are_not_let_in_end_in_words(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One with a wrong password, and one whose token expires while it runs; one whom nobody knows, before it starts."""
    variables = cluster.variables("worker")
    wrong = cluster.variables("gateway")["INCIDENTLOG_SASL_PASSWORD_FILE"]
    settings = WorkerSettings(cluster.bootstrap, TOPICS.prefix, "v1", patience=60.0)
    async with WorkerProcess(settings, variables={**variables, "INCIDENTLOG_SASL_PASSWORD_FILE": wrong}) as denied:
        expired, refused = await asyncio.gather(_last_words_of_expired(cluster, tmp_path), _refused(denied))
    for words in expired:
        assert "does not let in User:worker: it takes no such token: invalid_token" in words
    assert "does not let in User:worker: Authentication failed" in refused
    assert "Traceback" not in refused + "".join(expired)
    for name, value in {**variables, "INCIDENTLOG_SASL_USERNAME": "nobody"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotLetIn, match="does not let in User:nobody: Authentication failed"):
        await check(settings)


@pytest.mark.parametrize(
    ("kind", "operation", "said"),
    [
        ("group", "read", "User:lacking-group may not join secured-v1: let whoever may change that run"),
        ("topic", "write", "User:lacking-topic may not write secured.statements.v1, secured.contributions.v1"),
    ],
)
async def test_a_worker_says_which_right_it_lacks(
    cluster: Cluster, kind: str, operation: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = f"lacking-{kind}"
    rights = [each for each in grants("worker", TOPICS, "v1") if (each.kind, each.operation) != (kind, operation)]
    await grant(cluster.connected(ADMINISTRATOR), f"User:{name}", rights)
    for variable, value in _bearing(cluster, tmp_path, name).items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(AccessMissing, match=said):
        await check(WorkerSettings(cluster.bootstrap, TOPICS.prefix, "v1", patience=60.0))


async def test_a_worker_that_may_not_fence_says_so(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in cluster.variables("analyst").items():
        monkeypatch.setenv(variable, value)
    writer = Writer(WorkerSettings(cluster.bootstrap, TOPICS.prefix, "v1"), "secured-v1-0")
    with pytest.raises(AccessMissing, match="User:analyst may not write as secured-v1-0"):
        await writer.start()
    await writer.stop()


async def test_who_has_a_token_is_let_in_until_it_expires(cluster: Cluster, tmp_path: Path) -> None:
    told = _bearing(cluster, tmp_path, "subscriber")
    async with Subscriber(broker_as(cluster.bootstrap, told), SHOWN, topics=TOPICS) as subscriber:
        assert await subscriber.snapshot() is not None
    for token in (
        cluster.issuer.token("subscriber", -60),
        cluster.issuer.token("subscriber", audience="another"),
        "a.b.c",
    ):
        _renew(told, token)
        with pytest.raises(
            NotAuthenticated, match="see that it knows what INCIDENTLOG_SASL_TOKEN_FILE says"
        ) as refused:
            await broker_as(cluster.bootstrap, told).nodes()
        assert token not in str(refused.value)
    _renew(told, cluster.issuer.token("subscriber"))  # good: for the next connection, of whoever made it
    await broker_as(cluster.bootstrap, told).nodes()


async def test_scram_with_the_shorter_hash(cluster: Cluster) -> None:
    secured = cluster.secured
    await put_users(cluster.inside, secured.inside(), {"publisher": PLANTED}, SHA_256)
    told = {
        **cluster.variables("publisher"),
        "INCIDENTLOG_SASL_MECHANISM": "SCRAM-SHA-256",
        "INCIDENTLOG_SASL_PASSWORD": PLANTED,
    }
    async with Publisher(broker_as(cluster.bootstrap, told | {"INCIDENTLOG_SASL_PASSWORD_FILE": ""}), topics=TOPICS):
        pass
    told |= {"INCIDENTLOG_SASL_PASSWORD": PLANTED + "!", "INCIDENTLOG_SASL_PASSWORD_FILE": ""}
    with pytest.raises(NotAuthenticated, match="User:publisher: Authentication failed") as refused:
        await broker_as(cluster.bootstrap, told).nodes()
    assert PLANTED not in str(refused.value)


async def _refused(worker: WorkerProcess) -> str:
    with pytest.raises(WorkerStopped) as stopped:
        await worker.ready(60)
    return str(stopped.value)


async def _last_words_of_expired(cluster: Cluster, folder: Path) -> list[str]:
    """What workers end with whose tokens expire: before they are let in, while they start, while they fold."""
    return await asyncio.gather(*(_expired(cluster, folder, seconds) for seconds in (0.5, 3.0, 6.0)))


async def _expired(cluster: Cluster, folder: Path, seconds: float) -> str:
    (own := folder / f"{seconds}").mkdir()
    told = _bearing(cluster, own, "worker", seconds)
    named = {"INCIDENTLOG_SASL_USERNAME": "", "INCIDENTLOG_SASL_PASSWORD_FILE": ""}
    settings = WorkerSettings(cluster.bootstrap, TOPICS.prefix, "v1")
    async with WorkerProcess(settings, variables=told | named) as worker, asyncio.timeout(90):
        assert await worker.ended() == 1
    return await worker.messages()


def _bearing(cluster: Cluster, folder: Path, subject: str, seconds: float = 300.0) -> dict[str, str]:
    """The environment of who has a token for `subject`."""
    (folder / "token").write_text(cluster.issuer.token(subject, seconds))
    return cluster.bearing(folder / "token")


def _renew(told: dict[str, str], token: str) -> None:
    Path(told["INCIDENTLOG_SASL_TOKEN_FILE"]).write_text(token)
