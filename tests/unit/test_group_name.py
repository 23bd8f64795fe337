from __future__ import annotations

from incidentlog.schemas.topics import Topics
from incidentlog.worker import WorkerSettings


def test_publishers_look_where_workers_commit() -> None:
    settings = WorkerSettings(bootstrap="localhost:9092", prefix="p", version="v7")
    assert settings.group == Topics(prefix="p", version="v7").group == "p-v7"
