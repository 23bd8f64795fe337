"""Users who log in by SCRAM, told to a broker that runs: aiokafka knows no such request.

Kafka's own tool would want the passwords among its arguments, where every process of the machine can read them.
"""

# mypy: disable-error-code="misc"
# To the type checker aiokafka's classes are Any.
# ruff: noqa: SLF001 - aiokafka has no public way to send a request of one's own
from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

_ITERATIONS, _SALT_BYTES = 8192, 24


class Mechanism(NamedTuple):
    """A SCRAM mechanism by Kafka's number, and its hash function's name."""

    number: int
    digest: str


SHA_256, SHA_512 = Mechanism(1, "sha256"), Mechanism(2, "sha512")


async def put_users(
    bootstrap: str, options: Mapping[str, Any], passwords: Mapping[str, str], mechanism: Mechanism
) -> None:
    """Let users log in with these passwords from now on; KafkaError if the broker will not have it."""
    salted = await asyncio.to_thread(lambda: [_salted(*each, mechanism) for each in passwords.items()])
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **options)
    try:
        await admin.start()
        answer = await admin._client.send(admin._client.get_random_node(), _Users(salted))
    finally:
        await admin.close()
    for user, code, message, *_ in answer.results:
        if code:
            raise for_code(code)(f"{user}: {message}")


def _salted(user: str, password: str, mechanism: Mechanism) -> tuple[Any, ...]:
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac(mechanism.digest, password.encode(), salt, _ITERATIONS)
    return user, mechanism.number, _ITERATIONS, salt, salted, {}


_TAGS = ("tags", TaggedFields)
_NAME = CompactString("utf-8")


class _Answer(Response):
    API_KEY, API_VERSION, FLEXIBLE_VERSION = 51, 0, True
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", CompactArray(("user", _NAME), ("error_code", Int16), ("error_message", _NAME), _TAGS)),
        _TAGS,
    )


class _Question(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 51, 0, True, _Answer
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", _NAME), ("mechanism", Int8), _TAGS)),
        (
            "upsertions",
            CompactArray(
                ("name", _NAME), ("mechanism", Int8), ("iterations", Int32), ("salt", CompactBytes),
                ("salted_password", CompactBytes), _TAGS,
            ),
        ),
        _TAGS,
    )  # fmt: skip


class _Users(Request[_Question]):
    API_KEY = 51

    def __init__(self, upsertions: list[tuple[Any, ...]]) -> None:
        self._upsertions = upsertions

    def build(self, request_struct_class: type[_Question]) -> _Question:
        return request_struct_class([], self._upsertions, {})
