"""The broker's configuration: one KRaft node that is broker and controller, for this machine alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
LARGEST_MESSAGE = 16 * 1024 * 1024
TEN_YEARS_IN_MINUTES = 10 * 365 * 24 * 60

# One node can only replicate to itself, and internal topics of 50 partitions are slow to make for nobody.
_ONE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
}
_BEHAVIOUR = {
    "auto.create.topics.enable": "false",  # topics are made on purpose, with their partitions and policy
    "group.initial.rebalance.delay.ms": "0",  # nobody else is about to join
    "message.max.bytes": str(LARGEST_MESSAGE),  # a roll-up row lists its contributions
    "replica.fetch.max.bytes": str(LARGEST_MESSAGE),
    # A machine that was off for a month has not forgotten where its readers were.
    "offsets.retention.minutes": str(TEN_YEARS_IN_MINUTES),
    # After a crash the node must wait for its own former session to run out: nine seconds by default.
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "1000",
    "log.cleaner.dedupe.buffer.size": str(4 * 1024 * 1024),  # by default 128 MiB of the heap
}
_SMALL = {"num.network.threads": "1", "num.io.threads": "2"}


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a node: the one clients use, the controller's own, and one that only a secured broker has, for brokers."""

    broker: int
    controller: int
    inside: int = 0

    @property
    def bootstrap(self) -> str:
        """The address clients connect to first, `host:port`."""
        return f"{HOST}:{self.broker}"

    @property
    def among_brokers(self) -> str:
        """The address at which brokers connect to each other, `host:port`."""
        return f"{HOST}:{self.inside}"


def server_properties(ports: Ports, log_dir: Path, *, small: bool, extra: Mapping[str, str] | None = None) -> str:
    """The text of server.properties; `small` keeps threads few, `extra` overrides any setting."""
    settings = {
        **_ONE_NODE,
        **_BEHAVIOUR,
        **(_SMALL if small else {}),
        "listeners": f"PLAINTEXT://{HOST}:{ports.broker},CONTROLLER://{HOST}:{ports.controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{ports.broker}",
        "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
        "log.dirs": str(log_dir),
        **(extra or {}),
    }
    return "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    """A value as Java reads it from a properties file in Latin-1."""
    text = value.replace("\\", "\\\\")
    return "".join(c if " " <= c <= "~" else "".join(f"\\u{unit:04x}" for unit in _utf16(c)) for c in text)


def _utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
