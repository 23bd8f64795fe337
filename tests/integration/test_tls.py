"""TLS, both sides showing certificates: publisher, subscriber, topics and worker speak nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from incidentlog.client.errors import InsecureSetting, TlsFailed
from incidentlog.local import Broker
from incidentlog.local.config import HOST
from incidentlog.local.ports import choose_ports
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply, check
from incidentlog.worker import WorkerProcess, preflight
from incidentlog.worker.errors import WorkerStopped
from support.certificates import Certificates
from support.generate import generate
from support.load import Publishing, followed
from support.stack import Stack, expected
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates.made(tmp_path)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, certificates: Certificates) -> pytest.MonkeyPatch:
    for name, value in certificates.variables.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_all_connections_are_secured(environment: pytest.MonkeyPatch, certificates: Certificates) -> None:
    plain, secure = (await choose_ports(0)).broker, await choose_ports(0)
    listeners = {"PLAINTEXT": plain, "SSL": secure.broker, "CONTROLLER": secure.controller}
    config = {
        "listeners": ",".join(f"{name}://{HOST}:{port}" for name, port in listeners.items()),
        "advertised.listeners": f"PLAINTEXT://{HOST}:{plain},SSL://{HOST}:{secure.broker}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT",
        "controller.quorum.voters": f"1@{HOST}:{secure.controller}",
        **certificates.broker,
    }
    topics = Topics("secured")
    behind, open_to_tests = Stack(secure.bootstrap, topics), Stack(f"{HOST}:{plain}", topics)
    events = list(generate(200, seed=41))
    async with Broker(port=plain, config=config):
        assert await apply(behind.bootstrap, topics)
        assert await check(behind.bootstrap, topics) == []
        async with WorkerProcess(behind.settings()) as worker, followed(behind) as rows:
            await worker.ready()
            await Publishing(behind, events).run()
            await open_to_tests.settled()
            oracle = expected(events)
            assert await open_to_tests.rows() == oracle
            keys = {key for name, key in oracle if name == "rescued-by-nationality"}
            await until(lambda: rows.keys() >= keys)
        await _refused_without(environment, behind)


async def _refused_without(environment: pytest.MonkeyPatch, stack: Stack) -> None:
    """Whoever shows no certificate, or does not know who signed the broker's, is told so."""
    environment.delenv("INCIDENTLOG_SSL_KEYFILE")
    environment.delenv("INCIDENTLOG_SSL_CERTFILE")
    with pytest.raises(TlsFailed, match=f"no TLS with {stack.bootstrap}: .*certificate required; see"):
        await check(stack.bootstrap, stack.topics)
    environment.delenv("INCIDENTLOG_SSL_CAFILE")
    with pytest.raises(TlsFailed, match=f"no TLS with {stack.bootstrap}: unable to get local issuer certificate"):
        await check(stack.bootstrap, stack.topics)
    async with WorkerProcess(replace(stack.settings(), patience=0.0)) as worker:
        with pytest.raises(WorkerStopped, match="no TLS: unable to get local issuer certificate"):
            await worker.ready()
    environment.setenv("INCIDENTLOG_SECURITY_PROTOCOL", "TLS")
    can_be = "INCIDENTLOG_SECURITY_PROTOCOL is TLS: it can be PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"
    with pytest.raises(InsecureSetting, match=can_be):
        await preflight.check(replace(stack.settings(), patience=0.0))
