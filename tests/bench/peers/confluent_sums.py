"""The same decoding and adding in a bare loop over confluent-kafka. It stores and commits nothing."""

import json
import os
import signal

import orjson
from confluent_kafka import Consumer, TopicPartition  # type: ignore[import-not-found]

ENVIRONMENT = os.environ


def main() -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": ENVIRONMENT["BENCH_BOOTSTRAP"],
            "group.id": ENVIRONMENT["BENCH_GROUP"],
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "fetch.message.max.bytes": int(ENVIRONMENT["BENCH_FETCH_BYTES"]),
        }
    )
    parts = range(int(ENVIRONMENT["BENCH_PARTITIONS"]))
    consumer.assign([TopicPartition(ENVIRONMENT["BENCH_SOURCE"], partition, 0) for partition in parts])
    sums: dict[bytes, int] = {}
    done, events = 0, int(ENVIRONMENT["BENCH_EVENTS"])
    while done < events:
        messages = consumer.consume(10_000, 0.2)
        for message in messages:
            key, quantity = message.key(), orjson.loads(message.value())["data"]["quantity"]
            number = quantity["best"]
            sums[key] = sums.get(key, 0) + (quantity["low"] if number is None else number)
        done += len(messages)
        print(done, flush=True)
    print(json.dumps({key.decode(): number for key, number in sums.items()}), flush=True)
    signal.pause()  # whoever measures this has one more look


if __name__ == "__main__":
    main()
