"""Metrics that are counted elsewhere, in plain numbers, and read when somebody scrapes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from incidentlog.observing.buckets import Buckets

#: Where the kernel tells what a group of processes may use, newer version first.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_MEMORY = Path("/proc/meminfo")
#: By their labels' values, tuples of texts.
Values = Mapping[Any, float]


def counter(name: str, help_: str, labels: Sequence[str], values: Values) -> Metric:
    """A family of counts; `name` without its `_total`."""
    return _filled(CounterMetricFamily(name, help_, labels=labels), values)


def gauge(name: str, help_: str, labels: Sequence[str], values: Values) -> Metric:
    """A family of what may rise and fall."""
    return _filled(GaugeMetricFamily(name, help_, labels=labels), values)


def histogram(name: str, help_: str, labels: Sequence[str], values: Mapping[Any, Buckets]) -> Metric:
    """A family of distributions."""
    family = HistogramMetricFamily(name, help_, labels=labels)
    for key, buckets in values.items():
        family.add_metric(key, buckets.cumulative(), buckets.sum)
    return family


def _filled(family: Any, values: Values) -> Metric:
    for key, value in values.items():
        family.add_metric(key, value)
    filled: Metric = family
    return filled


class Collected(Collector):
    """A collector from a function. It describes nothing: the names would have to be told twice."""

    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        """The families, as they are now."""
        return self._collect()

    def describe(self) -> Iterable[Metric]:
        """Nothing."""
        return ()


def registry(collect: Callable[[], Iterable[Metric]]) -> CollectorRegistry:
    """A registry of one program's metrics, with those of its process; nothing of it is global."""
    made = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=made)
    made.register(Collected(_of_the_process))
    made.register(Collected(collect))
    return made


def _of_the_process() -> Iterator[Metric]:
    yield gauge(
        "incidentlog_build_info", "1, with the version of the program.", ["release"], {(version("incidentlog"),): 1}
    )
    limit = memory_limit()
    if limit:
        yield gauge(
            "incidentlog_memory_limit_bytes",
            "Memory that this process may use with those beside it: its control group's limit, else the machine's memory.",
            [],
            {(): limit},
        )


def memory_limit() -> int | None:
    """Bytes that this process may use; None where the system does not say."""
    machine = _machine()
    for path in _LIMITS:
        try:
            told = path.read_text().strip()
        except OSError:
            continue
        if told.isdecimal() and (machine is None or int(told) < machine):
            return int(told)
    return machine


def _machine() -> int | None:
    try:
        line = next(line for line in _MEMORY.read_text().splitlines() if line.startswith("MemTotal:"))
    except (OSError, StopIteration):
        return None
    return int(line.split()[1]) * 1024
