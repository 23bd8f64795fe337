"""What a measurement runs on: the broker, the machine, and how a reader is told of them."""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil

from incidentlog.client import security
from incidentlog.local import Broker, Progress
from incidentlog.local.digests import KAFKA_VERSION


@asynccontextmanager
async def broker(given: str, told: Progress) -> AsyncIterator[str]:
    """The address of the broker to measure on: the given one, or one for the occasion."""
    if given:
        yield given
    else:
        security.forget()
        async with Broker(profile="benchmark", progress=told) as started:
            yield started.bootstrap


def broker_in_words(given: str) -> str:
    """What `broker` stands for, as part of a sentence."""
    return "a broker of one's own" if given else f"Kafka {KAFKA_VERSION}, one node on the same machine"


def machine_in_words(*notes: str) -> str:
    """A sentence: `Linux x86_64, 2 CPUs, 15 GiB, Python 3.12.1; ...`, the notes, and how busy it is."""
    memory = psutil.virtual_memory().total >> 30
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, {memory} GiB"
    load = f"load average at the end {psutil.getloadavg()[0]:.1f}"
    return "; ".join([f"{system}, Python {platform.python_version()}", *notes, load]) + "."
