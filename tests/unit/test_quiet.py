from __future__ import annotations

import logging

import pytest

from incidentlog.client import quiet
from incidentlog.client.quiet import RateLimit


class Clock:
    """Time that stands still until told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logger(clock: Clock) -> logging.Logger:
    logging.getLogger("noisy-library.part")
    quiet.limit("noisy-library", RateLimit(burst=2, every=10, clock=clock))
    return logging.getLogger("noisy-library.part")


def test_few_lines_of_a_kind_pass(logger: logging.Logger, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    logger.filters.clear()
    logger.addFilter(RateLimit(burst=2, every=10, clock=clock))
    for number in range(40_000):
        logger.error("node %s is away", number)
    logger.error("something else")
    assert caplog.messages == ["node 0 is away", "node 1 is away", "something else"]
    clock.now = 11
    logger.error("node %s is away", "x")
    assert caplog.messages[3:] == ["node x is away [39998 more like this were left out]"]


def test_limiting_twice_changes_nothing(logger: logging.Logger) -> None:
    before = list(logger.filters)
    quiet.limit("noisy-library")
    assert logger.filters == before
    assert len(before) == 1
