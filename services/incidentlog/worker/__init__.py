"""The worker: folds the events of Kafka's topics into rows. `python -m incidentlog.worker`; the only place that knows Faust."""

from incidentlog.worker.process import WorkerProcess
from incidentlog.worker.settings import WorkerSettings

__all__ = ["WorkerProcess", "WorkerSettings"]
