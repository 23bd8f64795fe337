"""The sum of a number for each key, in Quix Streams: state in its store, every new sum to the sink."""

import os
from typing import Any

from quixstreams import Application, State  # type: ignore[import-not-found]

ENVIRONMENT = os.environ


def add(event: Any, state: State) -> int:
    quantity = event["data"]["quantity"]
    number = quantity["low"] if quantity["best"] is None else quantity["best"]
    total: int = state.get("sum", 0) + number
    state.set("sum", total)
    return total


app = Application(
    broker_address=ENVIRONMENT["BENCH_BOOTSTRAP"],
    consumer_group=ENVIRONMENT["BENCH_GROUP"],
    auto_offset_reset="earliest",
    state_dir=f"{ENVIRONMENT['TMPDIR']}/state",
    commit_interval=int(ENVIRONMENT["BENCH_COMMIT_MS"]) / 1000,
    consumer_extra_config={"fetch.message.max.bytes": int(ENVIRONMENT["BENCH_FETCH_BYTES"])},
    producer_extra_config={"enable.idempotence": True, "acks": "all"},
    loglevel="WARNING",
)
source = app.topic(ENVIRONMENT["BENCH_SOURCE"], key_deserializer="bytes", value_deserializer="json")
sink = app.topic(ENVIRONMENT["BENCH_SINK"], key_serializer="bytes", value_serializer="json")
app.dataframe(source).apply(add, stateful=True).to_topic(sink)

if __name__ == "__main__":
    app.run()
