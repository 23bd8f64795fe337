"""The sum of a number for each key, as Faust's own guide has it: an agent, a table, a row sent for each event."""

import os
import sys
from typing import Any

import faust
import orjson

ENVIRONMENT = os.environ
RAW: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}

app = faust.App(
    ENVIRONMENT["BENCH_GROUP"],
    broker=f"kafka://{ENVIRONMENT['BENCH_BOOTSTRAP']}",
    datadir=f"{ENVIRONMENT['TMPDIR']}/data",
    broker_commit_interval=int(ENVIRONMENT["BENCH_COMMIT_MS"]) / 1000,
    consumer_max_fetch_size=int(ENVIRONMENT["BENCH_FETCH_BYTES"]),
    producer_acks=-1,
    topic_partitions=int(ENVIRONMENT["BENCH_PARTITIONS"]),
    topic_replication_factor=1,
    topic_disable_leader=True,
    table_standby_replicas=0,
    store="memory://",
    web_enabled=False,
)
source = app.topic(ENVIRONMENT["BENCH_SOURCE"], **RAW)
sink = app.topic(ENVIRONMENT["BENCH_SINK"], **RAW)
sums = app.Table("sums", default=int, key_type=bytes, value_type=int)


@app.agent(source)  # type: ignore[untyped-decorator]
async def add(stream: Any) -> None:
    async for key, value in stream.items():
        quantity = orjson.loads(value)["data"]["quantity"]
        sums[key] += quantity["low"] if quantity["best"] is None else quantity["best"]
        await sink.send(key=key, value=b"%d" % sums[key])


if __name__ == "__main__":
    sys.argv[1:] = ["worker", "--without-web", "--loglevel", "error"]
    app.main()
