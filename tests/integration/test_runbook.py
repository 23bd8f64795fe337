"""The runbook's commands, all of them, in its order, on one broker: each prints the words that it promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from incidentlog.cli import main
from incidentlog.cli.output import Output
from incidentlog.cli.stack import free_port
from incidentlog.client.connect import broker_at
from incidentlog.schemas.codec import encode
from incidentlog.schemas.events import Event
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import Topics
from incidentlog.sheets import compile_sheet
from incidentlog.worker import WorkerProcess
from support.brokers import OwnLoop, own_loop
from support.stack import Stack

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "services/RUNBOOK.md").read_text()
TOPICS = Topics()
_AGAIN = 50
#: What its rules, as README and design have them, are linked by; and those of the alert rules.
SECTIONS = (
    "dead-letters-growing", "lag-seconds", "partition-stalled", "partition-unowned", "writer-fenced", "memory-near-limit",
    "worker-down", "gateway-not-ready", "recovery-slow", "broker-down", "disk-full", "rolling-upgrade", "redaction",
)  # fmt: skip
SHEET = """
article: {sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
published: 2022-10-05
authority: VN-MOFA
in: KHM
statements: [{ref: B-01, reports: rescued, of: Chinese, quantity: 7, on: 2022-10-04}]
"""


class Step(NamedTuple):
    """A command with what it must say, and its exit status; or, without a command, what happens meanwhile."""

    line: int
    command: str
    words: str = ""
    status: int = 0

    def kept(self, told: str) -> bool:
        """Whether what it printed, after its status, is what was promised."""
        return told.startswith(f"({self.status})") and " ".join(self.words.split()) in told


def steps(text: str) -> Iterator[Step]:
    """What is to be done, in order."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```sh"
        elif told := re.fullmatch(r"<!-- test: (.*) -->", line):
            yield Step(number, "", told[1])
        elif inside and line.strip():
            found = re.fullmatch(r"(incidentlog [^#]+?)\s+# → (?:\((\d)\) )?(.+)", line)
            assert found, f"RUNBOOK.md:{number}: says not what it prints: {line}"
            yield Step(number, found[1], found[3], int(found[2] or 0))


class Site:
    """The installation that the runbook is about."""

    def __init__(self, loop: OwnLoop, bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loop, self.stack, self._environment = loop, Stack(bootstrap, TOPICS), monkeypatch
        self.worker: WorkerProcess | None = None
        self.events: dict[str, Callable[[], None]] = {
            "the broker is away": lambda: self.look_at(f"127.0.0.1:{free_port()}"),
            "the broker is back": lambda: self.look_at(bootstrap),
            "the worker is stopped": self.stop,
            "the worker is started": self.start,
            "a producer partitions wrongly": self.misplace,
            "the rows of a projection are deleted": lambda: self.delete(TOPICS.rows("rescued-by-nationality")),
            "the versions topic is deleted": lambda: self.delete(TOPICS.versions),
        }

    def look_at(self, bootstrap: str) -> None:
        self._environment.setenv("INCIDENTLOG_BOOTSTRAP", bootstrap)

    def start(self) -> None:
        self.worker = WorkerProcess(self.stack.settings())
        self.loop.run(self.worker.start())
        self.loop.run(self.worker.ready())
        self.loop.run(self.stack.settled())

    def stop(self) -> None:
        if self.worker is not None:
            self.loop.run(self.worker.stop())
            self.worker = None

    def misplace(self) -> None:
        """An event comes by a producer with another partitioner, and is refused."""
        [event] = compile_sheet(SHEET).events
        key = str(event.cell).encode()
        place = TOPICS.events(event.home), (partition_of(key, TOPICS.partitions) + 1) % TOPICS.partitions
        stamped = Event(event.id, event.source, event.data, "2022-10-06T00:00:00.000000Z")
        self.loop.run(self.stack.append({place: [(key, encode(stamped), [])]}))
        self.loop.run(self.stack.settled())

    def delete(self, topic: str) -> None:
        self.stop()

        async def delete() -> None:
            async with broker_at(self.stack.bootstrap).admin() as admin:
                await admin.delete([topic])

        self.loop.run(delete())


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    """A broker of its own, since the runbook names topics as they are; the articles are published and folded."""
    from incidentlog.local import Broker

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    # What it promises is what people see on a terminal.
    monkeypatch.setattr(Output, "__init__", lambda own, json=None: setattr(own, "json", bool(json)))
    with own_loop() as loop:
        broker = Broker()
        loop.run(broker.start())
        site = Site(loop, broker.bootstrap, monkeypatch)
        try:
            site.look_at(broker.bootstrap)
            assert main.run(("topics", "apply")) == 0
            assert main.run(("publish", "--articles")) == 0
            site.start()
            yield site
        finally:
            site.stop()
            loop.run(broker.stop())


def said(step: Step, capsys: pytest.CaptureFixture[str]) -> str:
    """The exit status of a command and what it prints, in one line."""
    capsys.readouterr()
    status = main.run(step.command.replace("'", "").split()[1:])
    printed = capsys.readouterr()
    return " ".join(f"({status}) {printed.out} {printed.err}".split())


def test_every_command_says_what_the_runbook_promises(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    ran, wrong = 0, list[str]()
    for step in steps(RUNBOOK):
        if not step.command:
            site.events[step.words]()
            continue
        told = said(step, capsys)
        for _ in range(_AGAIN if "watch" in step.command else 0):  # rows that are folded anew come when they come
            if step.kept(told):
                break
            told = said(step, capsys)
        if not step.kept(told):
            wrong.append(f"{step}: {told[:600]}")
        if site.worker is not None and "redrive" in step.command:
            site.loop.run(site.stack.settled())
        ran += 1
    assert not wrong, "\n".join(wrong)
    assert ran > 25


def test_alerts_and_tests_that_it_names_are_there() -> None:
    headings = {
        re.sub(r"[^a-z0-9 ]", "", line[3:].lower()).replace(" ", "-")
        for line in RUNBOOK.splitlines()
        if line[:3] == "## "
    }
    assert set(SECTIONS) <= headings
    linked = set(re.findall(r"RUNBOOK\.md#([a-z-]+)", (ROOT / "services/alerts.yaml").read_text()))
    assert linked
    assert linked <= headings | set(re.findall(r'<a id="([a-z-]+)"></a>', RUNBOOK))
    named = set(re.findall(r"tests/[a-z_/]+\.py", RUNBOOK))
    assert len(named) > 15
    assert [each for each in named if not (ROOT / each).exists()] == []
