"""Refusals of an authorizer, found among whatever else went wrong with a connection."""

from __future__ import annotations

from itertools import pairwise

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, KafkaError

from incidentlog.client.kafka.denials import Doing, denied

DOING = Doing("join", "incidentlog-v1", "User:worker")


def chain(*errors: BaseException, around: bool = False) -> BaseException:
    """The first of these, each caused by the next; `around`: and the last by the first."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    if around:
        errors[-1].__cause__ = errors[0]
    return errors[0]


def test_a_refusal_among_causes_is_found() -> None:
    found = denied(chain(KafkaError(), OSError(), GroupAuthorizationFailedError()), "kafka:9092", DOING)
    assert found is not None
    assert (found.principal, found.operation, found.kind, found.name) == (
        "User:worker",
        "join",
        "group",
        "incidentlog-v1",
    )


@pytest.mark.timeout(10)
def test_causes_that_go_round_in_a_circle_come_to_an_end() -> None:
    assert denied(chain(KafkaConnectionError("closed"), around=True), "kafka:9092", DOING) is None
    assert denied(chain(KafkaConnectionError("closed"), OSError(), around=True), "kafka:9092", DOING) is None
    assert denied(chain(OSError(), GroupAuthorizationFailedError(), around=True), "kafka:9092", DOING) is not None
