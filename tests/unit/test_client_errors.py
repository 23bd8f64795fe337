"""What the client's errors say that no other test brings about."""

from __future__ import annotations

from incidentlog.client import BrokerRefused, NotAcknowledged, PositionLost, TopicMissing, UnknownProjection
from incidentlog.schemas.errors import IncidentlogError


def test_all_have_one_root() -> None:
    assert issubclass(NotAcknowledged, IncidentlogError)
    assert issubclass(TopicMissing, IncidentlogError)


def test_a_broker_that_refuses() -> None:
    error = BrokerRefused("kafka:9092", "TopicAuthorizationFailedError")
    assert str(error) == (
        "the Kafka broker at kafka:9092 refused: TopicAuthorizationFailedError; check the credentials and what they may do"
    )


def test_a_projection_like_no_other() -> None:
    assert str(UnknownProjection("x", ["estimates", "raids"])) == (
        "no projection is called 'x': there are estimates, raids"
    )


def test_few_missing_topics_are_all_named() -> None:
    assert str(TopicMissing("kafka:9092", ["b", "a"])) == (
        "a, b: no such topic at kafka:9092; run `incidentlog topics apply`"
    )


def test_a_position_that_was_lost() -> None:
    error = PositionLost("t", 1, 7)
    assert (error.topic, error.partition, error.offset) == ("t", 1, 7)
    assert str(error).endswith("open the reader again to start from the beginning")


def test_a_send_that_failed_for_good() -> None:
    error = NotAcknowledged("t", "e1", "kafka:9092", "MessageSizeTooLarge")
    assert str(error) == (
        "event e1 for t: kafka:9092: MessageSizeTooLarge; it may or may not be in the log: "
        "publish it again, which is harmless"
    )
