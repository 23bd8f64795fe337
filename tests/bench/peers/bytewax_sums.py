"""The sum of a number for each key, in Bytewax: a stateful map, every new sum to the sink, snapshots to a recovery store."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op  # type: ignore[import-not-found]
import orjson
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource  # type: ignore[import-not-found]
from bytewax.dataflow import Dataflow  # type: ignore[import-not-found]
from bytewax.recovery import RecoveryConfig, init_db_dir  # type: ignore[import-not-found]
from bytewax.run import cli_main  # type: ignore[import-not-found]

ENVIRONMENT = os.environ
BROKERS = [ENVIRONMENT["BENCH_BOOTSTRAP"]]


def decoded(message: Any) -> tuple[str, int]:
    quantity = orjson.loads(message.value)["data"]["quantity"]
    return message.key.decode(), quantity["low"] if quantity["best"] is None else quantity["best"]


def add(total: int | None, number: int) -> tuple[int, int]:
    total = (total or 0) + number
    return total, total


def row(keyed: tuple[str, int]) -> Any:
    key, total = keyed
    return KafkaSinkMessage(key.encode(), b"%d" % total)


flow = Dataflow("sums")
fetched = {"fetch.message.max.bytes": ENVIRONMENT["BENCH_FETCH_BYTES"]}
messages = op.input("read", flow, KafkaSource(BROKERS, [ENVIRONMENT["BENCH_SOURCE"]], add_config=fetched))
sums = op.stateful_map("add", op.map("decode", messages, decoded), add)
durable = {"enable.idempotence": "true", "acks": "all"}
op.output("write", op.map("row", sums, row), KafkaSink(BROKERS, ENVIRONMENT["BENCH_SINK"], add_config=durable))

if __name__ == "__main__":
    store = Path(ENVIRONMENT["TMPDIR"], "store")
    store.mkdir()
    init_db_dir(store, 1)
    interval = timedelta(milliseconds=int(ENVIRONMENT["BENCH_COMMIT_MS"]))
    cli_main(flow, epoch_interval=interval, recovery_config=RecoveryConfig(str(store)))
