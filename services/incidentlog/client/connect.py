"""From what a caller gives, an address or a broker, to a broker."""

from __future__ import annotations

import os
from collections.abc import Mapping

from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.kafka.entering import refusal
from incidentlog.client.ports import Broker
from incidentlog.client.security import connection


def broker_at(where: str | Broker) -> Broker:
    """The Kafka at a bootstrap address, secured as the environment says; a broker is returned as it is."""
    return KafkaBroker(where, connection()) if isinstance(where, str) else where


def broker_as(address: str, variables: Mapping[str, str] | None) -> KafkaBroker:
    """The Kafka at an address, secured as the environment says once `variables` are in it."""
    return KafkaBroker(address, connection({**os.environ, **(variables or {})}))


async def check_entry(address: str) -> None:
    """NotAuthenticated or InsecureSetting if a cluster does not let in who the environment says this is; nothing if nobody
    answers, which may change."""
    if (options := connection()) and (refused := await refusal(address, options)) is not None:
        raise refused
