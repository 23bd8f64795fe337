"""The ports on a real Kafka. Only here is aiokafka imported, which ships no types: what is Any stays in here."""

from incidentlog.client.kafka.broker import KafkaBroker

__all__ = ["KafkaBroker"]
