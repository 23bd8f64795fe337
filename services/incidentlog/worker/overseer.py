"""Workers of several versions, watched as one: their metrics together, each with its worker's name, and their health."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from incidentlog.observing.families import Collected, registry
from incidentlog.observing.health import Health
from incidentlog.worker.keeper import Keeper

#: Seconds that a worker may take to answer.
_PATIENCE = 3.0


class Overseer:
    """Asks the workers of a keeper, where each says that it answers; from any thread."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper, self._own = keeper, registry(lambda: ())

    def registry(self) -> CollectorRegistry:
        """One with everything."""
        made = CollectorRegistry(auto_describe=False)
        made.register(Collected(self.metrics))
        return made

    def metrics(self) -> Iterable[Metric]:
        """The families of all, as one of each name."""
        merged: dict[str, Metric] = {}
        for worker, family in self._families():
            found = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            found.samples += [each._replace(labels={**each.labels, "worker": worker}) for each in family.samples]
        return merged.values()

    def health(self) -> Health:
        """Live and ready if all of them are."""
        told = {name: self._judged(url) for name, url in self._workers()}
        why = [f"{name}: {each}" for name, health in told.items() for each in health["why"]]
        if not told:
            why = ["it has not learned yet which versions there are"]
        live, ready = (all(health[what] for health in told.values()) for what in ("live", "ready"))
        return Health(live, ready and bool(told), tuple(why), {"workers": told})

    def _workers(self) -> list[tuple[str, str]]:
        return [
            (f"{version}-{number}", worker.metrics_url)
            for version, workers in sorted(self._keeper.workers.copy().items())
            for number, worker in enumerate(workers, 1)
        ]

    def _families(self) -> Iterator[tuple[str, Metric]]:
        yield from (("keeper", family) for family in self._own.collect())
        for name, url in self._workers():
            try:
                text = _got(f"{url}/metrics") if url else b""
            except OSError:
                continue  # health tells of it
            yield from ((name, family) for family in text_string_to_metric_families(text.decode()))

    def _judged(self, url: str) -> dict[str, Any]:
        if not url:
            return {"live": True, "ready": False, "why": ["it has just been started"]}
        try:
            told: dict[str, Any] = json.loads(_got(f"{url}/readyz"))
        except (OSError, ValueError) as error:
            return {"live": False, "ready": False, "why": [f"it does not answer: {error}"]}
        return told


def _got(url: str) -> bytes:
    try:
        with urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - a worker of our own, on this machine
            body: bytes = answer.read()
    except HTTPError as error:
        body = error.read()
    return body
