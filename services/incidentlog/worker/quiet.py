"""Logging: warnings and worse on stderr, one line each, and never the same one thousands of times."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from incidentlog.observing.logs import JsonLines

_PER_SECOND = 5


class RateLimit(logging.Filter):
    """Lets a few records of each kind (logger, message before its arguments) pass in a second.

    While a broker is down, aiokafka logs thousands of equal errors in a second.
    """

    def __init__(self, per_second: int = _PER_SECOND) -> None:
        super().__init__()
        self._per_second = per_second
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, str(record.msg))
        second = int(time.monotonic())
        last, count = self._seen.get(kind, (second, 0))
        count = count + 1 if last == second else 1
        self._seen[kind] = (second, count)
        return count <= self._per_second


class OneLine(logging.Formatter):
    """No tracebacks: what stops a worker is told once, by its error; the rest is for --verbose."""

    def format(self, record: logging.LogRecord) -> str:
        message = " ".join(record.getMessage().split())
        return f"{record.levelname.lower()} {record.name}: {message}"


def set_up(*, verbose: bool = False, json: bool = False) -> None:
    """Log to stderr; with `verbose` everything from INFO on, tracebacks included. `json`: as JSON lines, and our own from
    INFO on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RateLimit())
    plain: logging.Formatter = logging.Formatter("%(levelname)s %(name)s: %(message)s") if verbose else OneLine()
    handler.setFormatter(JsonLines("worker") if json else plain)
    if json:
        logging.getLogger("incidentlog").setLevel(logging.INFO)
    if not verbose:
        for noisy in (
            "aiokafka.consumer.group_coordinator",
            "mode.timers",
        ):  # warn of every rebalance, of every long fold
            logging.getLogger(noisy).setLevel(logging.ERROR)
        logging.getLogger("faust.agents.actor").setLevel(logging.CRITICAL)  # tells of being cancelled, after a failure
        threading.excepthook = _in_a_line
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler], force=True)


def _in_a_line(ended: threading.ExceptHookArgs) -> None:
    """A thread of Faust's that ends by an exception: the worker ends of it as well, and tells why in its own words."""
    logging.getLogger("incidentlog.worker.engine").error("a thread of the engine ended: %r", ended.exc_value)


@contextmanager
def silenced(name: str) -> Iterator[None]:
    """Keep a logger still where failing is expected and told otherwise."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
