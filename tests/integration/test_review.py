"""Verdicts on a real broker: the worker's numbers are those that were shown, and an erased paraphrase is nowhere any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentlog.client import History, Publisher
from incidentlog.local import Broker
from incidentlog.review import CorrectIt, GradeIt, Proposal, RedactIt, Request, RetractIt, Review, UndoIt
from incidentlog.worker import WorkerProcess
from support.articles import Bounds, event, sheets
from support.publishing import article, rescue
from support.stack import Stack, new_stack

pytestmark = pytest.mark.integration

#: What compacts the topics of a real installation within the hour, at once; tombstones and old files do not linger either.
AT_ONCE = {"max.compaction.lag.ms": "200", "delete.retention.ms": "0", "file.delete.delay.ms": "0"}
NOTE = "The ministry spoke of more than a thousand people."
OTHER = "Another office spoke of other people."
VNM, ALL = ("rescued-by-nationality", "VNM"), ("rescued-by-nationality", "*")


async def published(stack: Stack) -> None:
    """The articles, with a paraphrase of S2-03."""
    async with Publisher(stack.bootstrap, topics=stack.topics) as publisher:
        for sheet in sheets():
            await publisher.publish_all(sheet.events, notes={event("S2-03").id: NOTE})


async def test_the_worker_comes_to_what_was_shown(bootstrap: str) -> None:
    stack = await new_stack(bootstrap)
    await published(stack)
    review = Review(bootstrap, stack.topics)
    withdrawn = RetractIt(by="DATA-DESK", reason="source_withdrew", wordings=True)
    steps: list[tuple[Request, str, dict[tuple[str, str], Bounds]]] = [
        (withdrawn, "S2-03", {VNM: (810, 810, 1138), ALL: (834, 834, None)}),
        (UndoIt(by="EDITOR"), "S2-03", {VNM: (1000, 1000, None), ALL: (1024, 1024, None)}),
        (GradeIt(by="EDITOR", grade="firm"), "S3-12r", {VNM: (1038, 1038, None)}),
        (UndoIt(by="EDITOR"), "S3-12r", {VNM: (1000, 1000, None)}),
        (
            CorrectIt(by="VN-MOFA", reason="source_corrected", changes={"quantity": "12"}),
            "S4-16",
            {("missing-by-nationality", "MYS"): (12, 12, 12), ("estimates", "missing/MYS/KHM"): (12, 12, 12)},
        ),
        (RetractIt(by="EDITOR", reason="coding_error"), "S4-05a", {("estimates", "arrested/XXX/KHM"): (156, 156, 215)}),
        (RedactIt(by="EDITOR"), "S2-03", {VNM: (1000, 1000, None), ALL: (1024, 1024, None)}),
    ]
    async with WorkerProcess(stack.settings()) as worker:
        for request, name, expected in steps:
            proposal = await review.propose(request, name)
            await review.confirm(proposal)
            await stack.settled()
            assert expected.items() <= shown(proposal).items(), request
            rows = await stack.rows()
            found = {place: (rows[place]["low"], rows[place]["best"], rows[place]["high"]) for place in shown(proposal)}
            assert found == shown(proposal), request
        assert await worker.stop() == 0, await worker.messages()
    async with History(bootstrap, topics=stack.topics) as history:
        assert await history.notes() == {}


def shown(proposal: Proposal) -> dict[tuple[str, str], Bounds]:
    """The numbers that a proposal shows, as they will be."""
    return {
        (each.projection, each.key): (each.after.low, each.after.best, each.after.high) for each in proposal.numbers
    }


async def test_a_redacted_paraphrase_is_gone_from_the_log_after_compaction(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with Broker(data=data, config={"log.cleaner.backoff.ms": "100"}) as broker:
        stack = await new_stack(broker.bootstrap, AT_ONCE)
        await published(stack)
        claim, review = event("S2-03"), Review(broker.bootstrap, stack.topics)
        assert list(holding(data, NOTE)), "the files do not show what they hold: this test could not fail"
        proposal = await review.propose(RedactIt(by="PRIVACY-OFFICER"), "S2-03")
        assert proposal.erases == (claim.id,)
        await review.confirm(proposal)
        async with asyncio.timeout(60), Publisher(broker.bootstrap, topics=stack.topics) as publisher:
            while list(holding(data, NOTE)) or claim.id in await noted(stack):
                # A segment ends when something comes after its time; only then is it cleaned.
                other = rescue(article())
                await publisher.publish(other, note=OTHER)
                await asyncio.sleep(0.3)
        assert other.id in await noted(stack)
        async with History(broker.bootstrap, topics=stack.topics) as history:
            kept = {each.event.id async for each in history.events([stack.topics.events(claim.type)])}
        assert {claim.id, proposal.event.id} <= kept


def holding(data: Path, text: str) -> Iterator[Path]:
    """The files of a broker that hold a text."""
    for file in data.rglob("*"):
        try:
            if file.is_file() and text.encode() in file.read_bytes():
                yield file
        except FileNotFoundError:  # cleaned meanwhile
            continue


async def noted(stack: Stack) -> list[str]:
    """The keys of all records on the notes topic, superseded ones and tombstones too."""
    return [record.key.decode() for record in await stack.read(stack.topics.notes)]
