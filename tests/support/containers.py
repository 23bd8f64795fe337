"""The official Kafka image as a container on this machine, and what is known about the Docker engine."""

from __future__ import annotations

import functools
import gc
import warnings
from typing import Any

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from incidentlog.local.config import HOST

IMAGE = "apache/kafka:4.3.1"
_CLIENT_PORT, _CONTROLLER_PORT = 9092, 9093


class KafkaContainer(DockerContainer):  # type: ignore[misc]  # testcontainers is not typed for us
    """One KRaft node, reachable at 127.0.0.1:`port`: chosen beforehand, since Kafka must advertise it from the start.

    The settings are those of the embedded broker. A single KAFKA_ variable makes the image drop all its defaults, hence
    every one that is needed is here.
    """

    def __init__(self, port: int) -> None:
        super().__init__(IMAGE)
        self.bootstrap = f"{HOST}:{port}"
        self.ports = {f"{_CLIENT_PORT}/tcp": (HOST, port)}
        self.with_envs(
            KAFKA_NODE_ID="1",
            KAFKA_PROCESS_ROLES="broker,controller",
            KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
            KAFKA_CONTROLLER_QUORUM_VOTERS=f"1@localhost:{_CONTROLLER_PORT}",
            # The broker talks to itself through its own listener: the published address means nothing inside.
            KAFKA_INTER_BROKER_LISTENER_NAME="INSIDE",
            KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="OUTSIDE:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
            KAFKA_LISTENERS=f"OUTSIDE://:{_CLIENT_PORT},INSIDE://localhost:19092,CONTROLLER://localhost:{_CONTROLLER_PORT}",
            KAFKA_ADVERTISED_LISTENERS=f"OUTSIDE://{self.bootstrap},INSIDE://localhost:19092",
            KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
            KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS="1",
            KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
            KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
            KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS="1",
            KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR="1",
            KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR="1",
            KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
            KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
            KAFKA_MESSAGE_MAX_BYTES=str(16 * 1024 * 1024),
            KAFKA_HEAP_OPTS="-Xms128m -Xmx384m",
        )

    def start(self) -> Any:
        """Start without testcontainers' reaper, a second image: the `with` statement removes the container."""
        testcontainers_config.ryuk_disabled = True
        return super().start()


@functools.cache
def why_no_containers() -> str | None:
    """None where a Docker engine answers and has the image or can pull it, else the reason; asked once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the client forgets the socket on which nobody answered
        reason = _ask_engine()
        gc.collect()
    return reason


def _ask_engine() -> str | None:
    try:
        client = DockerClient().client
    except Exception as error:  # noqa: BLE001 - whatever the client raises, it means the same
        return f"no Docker engine answers ({type(error).__name__})"
    try:
        client.ping()
        if not client.images.list(name=IMAGE):
            client.images.pull(IMAGE)
    except Exception as error:  # noqa: BLE001
        return f"the image {IMAGE} is not here and cannot be pulled ({type(error).__name__})"
    finally:
        client.close()
    return None
