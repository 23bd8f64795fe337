"""A secured cluster for tests: the embedded broker with its authorizer on, a user for each role, and tokens besides."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from incidentlog.client import Publisher
from incidentlog.client.connect import broker_as
from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.security import connection
from incidentlog.local import Broker
from incidentlog.local.secured import ADMINISTRATOR, Secured
from incidentlog.schemas.access import ROLES, grants
from incidentlog.schemas.topics import Topics
from incidentlog.topics import apply, grant
from support.brokers import OwnLoop, own_loop
from support.examples import example

AUDIENCE, ISSUER = "incidentlog", "https://issuer.example"
_OAUTH = "org.apache.kafka.common.security.oauthbearer"
_BEARER = "listener.name.sasl_ssl.oauthbearer"


class Issuer:
    """Signs tokens; brokers find its key in the file `keys`."""

    def __init__(self, folder: Path) -> None:
        self._key, self.keys = rsa.generate_private_key(public_exponent=65537, key_size=2048), folder / "keys.json"
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "kid": "one",
            "alg": "RS256",
            "use": "sig",
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }
        self.keys.write_bytes(orjson.dumps({"keys": [key]}))

    def token(self, subject: str, seconds: float = 300.0, *, audience: str = AUDIENCE) -> str:
        """A token for `subject`, good for so many seconds."""
        now = int(time.time())
        claims = {"sub": subject, "aud": audience, "iss": ISSUER, "iat": now - 1, "exp": now + int(seconds)}
        signed = f"{_part({'alg': 'RS256', 'kid': 'one'})}.{_part(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_coded(signature)}"

    @property
    def config(self) -> dict[str, str]:
        """A broker's settings to take these tokens, and to let nobody stay whose token has expired."""
        return {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,SCRAM-SHA-256,OAUTHBEARER",
            "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            f"{_BEARER}.sasl.jaas.config": f"{_OAUTH}.OAuthBearerLoginModule required;",
            f"{_BEARER}.sasl.server.callback.handler.class": f"{_OAUTH}.OAuthBearerValidatorCallbackHandler",
            f"{_BEARER}.sasl.oauthbearer.jwks.endpoint.url": self.keys.as_uri(),
            f"{_BEARER}.sasl.oauthbearer.expected.audience": AUDIENCE,
            f"{_BEARER}.sasl.oauthbearer.expected.issuer": ISSUER,
            "sasl.oauthbearer.clock.skew.seconds": "0",
            f"{_BEARER}.connections.max.reauth.ms": "3600000",
        }  # fmt: skip

    @property
    def flags(self) -> list[str]:
        """Java's, without which a broker reads no such file."""
        allowed = "-Dorg.apache.kafka.sasl.oauthbearer.allowed"
        return [f"{allowed}.urls={self.keys.as_uri()}", f"{allowed}.files={self.keys}"]


@dataclass(frozen=True)
class Cluster:
    """The broker at `bootstrap`, on which each role's user may do what the role needs, a worker on one version only."""

    broker: Broker
    secured: Secured
    topics: Topics
    issuer: Issuer
    loop: OwnLoop

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    @property
    def inside(self) -> str:
        """Where brokers answer each other."""
        return self.broker.inside

    def variables(self, user: str) -> dict[str, str]:
        """The environment of who connects as `user`."""
        return {**self.secured.variables(user, self.bootstrap), "INCIDENTLOG_PREFIX": self.topics.prefix}

    def bearing(self, file: Path) -> dict[str, str]:
        """The environment of who has a token in a file."""
        told = {
            name: value
            for name, value in self.variables("").items()
            if "SASL_USERNAME" not in name and "PASSWORD" not in name
        }
        return told | {"INCIDENTLOG_SASL_MECHANISM": "OAUTHBEARER", "INCIDENTLOG_SASL_TOKEN_FILE": str(file)}

    def options(self, user: str) -> dict[str, Any]:
        """aiokafka's keywords for `user`."""
        return {"bootstrap_servers": self.bootstrap, **connection(self.variables(user))}

    def connected(self, user: str) -> KafkaBroker:
        """The broker, for whoever connects as `user`."""
        return broker_as(self.bootstrap, self.variables(user))


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A secured cluster with its topics, on a broker of its own."""
    issuer = Issuer(folder)
    with own_loop() as loop:
        broker = Broker(users=tuple(ROLES), config=issuer.config, flags=issuer.flags)
        loop.run(broker.start())
        try:
            assert broker.secured is not None
            made = Cluster(broker, broker.secured, Topics("secured"), issuer, loop)
            loop.run(_granted(made))
            yield made
        finally:
            loop.run(broker.stop(hurry=True))


async def _granted(made: Cluster) -> None:
    for role in ROLES:
        await grant(
            made.connected(ADMINISTRATOR), f"User:{role}", grants(role, made.topics, "v1" if role == "worker" else None)
        )
    await apply(made.connected("operator"), made.topics)
    async with Publisher(made.connected("producer"), topics=made.topics, known=False) as producer:
        await producer.publish(example("AdvisoryIssued"))


def _number(value: int) -> str:
    return _coded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _part(content: dict[str, Any]) -> str:
    return _coded(orjson.dumps(content))


def _coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
