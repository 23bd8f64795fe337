"""A worker as a child process: for stacks that start one, and for tests that kill one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from incidentlog.processes import Program
from incidentlog.worker.errors import WorkerStopped
from incidentlog.worker.settings import WorkerSettings


class WorkerProcess(Program):
    """`async with WorkerProcess(settings) as worker:`: started, then `await worker.ready()` until it is recovered and folds;
    asked to store, commit and stop at the end. `program` is what Python runs, `variables` go into its environment."""

    def __init__(
        self,
        settings: WorkerSettings,
        program: Sequence[str] = ("-m", "incidentlog.worker"),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        super().__init__((*program, "--settings", settings.to_json(), "--watch-parent"), variables=variables)
        self.owned: list[list[int]] = []
        """Partition numbers owned, once per recovery, the newest last."""
        self.recovered: list[float] = []
        """Seconds from the moment partitions were assigned until they were live, once per recovery."""
        self.metrics_url = ""
        """Where its metrics and its health are, if it was told to serve them and has begun to."""
        self.counts: dict[str, int] = {}
        """What it did, known once it has stopped as asked: `events` folded, of them `known` before, and `refused`."""

    def hear(self, told: dict[str, Any]) -> None:
        """A line it has said."""
        if told.get("state") == "ready":
            self.owned.append(told["partitions"])
            self.recovered.append(told["seconds"])
        elif told.get("state") == "serving":
            self.metrics_url = told["url"]
        elif told.pop("state", None) == "stopped":
            self.counts = told

    def ended_early(self, status: int | None, messages: str) -> Exception:
        """It ended before it was ready."""
        return WorkerStopped(status, messages)
