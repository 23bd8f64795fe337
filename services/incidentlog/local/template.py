"""The start of every data folder: the feature levels a new cluster begins with, made once by Kafka's own storage tool."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from incidentlog.local.child import Child, Job
from incidentlog.local.config import Ports, server_properties
from incidentlog.local.errors import BrokerNotReady, tail
from incidentlog.local.folder import EPHEMERAL_PREFIX, new_id
from incidentlog.local.java import STORAGE_MAIN, jvm_command, jvm_environment
from incidentlog.local.places import write_whole


async def bootstrap_checkpoint(cache: Path, jars: Sequence[Path]) -> bytes:
    """The content of a new node's `bootstrap.checkpoint`; it holds no identity, so it serves every folder."""
    kept = cache / "bootstrap.checkpoint"
    if not kept.exists():
        write_whole(kept, await _format(jars, cache / "format.log"))
    return kept.read_bytes()


async def _format(jars: Sequence[Path], log: Path) -> bytes:
    """Format a scratch folder and return its checkpoint: one short JVM."""
    scratch = Path(tempfile.mkdtemp(prefix=EPHEMERAL_PREFIX))
    properties = scratch / "server.properties"
    properties.write_text(server_properties(Ports(9092, 9093), scratch / "kafka", small=True), encoding="ascii")
    command = jvm_command(jars, STORAGE_MAIN, "format", "-t", new_id(), "-c", str(properties))
    job = Job(command, log=str(log), cwd=str(scratch), remove=[str(scratch)])
    tool = await Child.start(job, jvm_environment())
    try:
        status = await tool.ended()
        if status != 0:
            raise BrokerNotReady("Kafka could not format a data folder", status, log, tail(log), "see what it says")
        return (scratch / "kafka" / "bootstrap.checkpoint").read_bytes()
    finally:
        await tool.stop(0)
