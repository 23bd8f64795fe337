"""Why a cluster does not let this program in, which aiokafka keeps to itself: it would go on trying."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from incidentlog.client.errors import InsecureSetting, NotAuthenticated
from incidentlog.client.login import TOKEN_FILE_VARIABLE, advice, principal, secret_in

_REFUSED = (SaslAuthenticationFailed, UnsupportedSaslMechanismError, IllegalSaslStateError)
_SECONDS = 3.0


async def refusal(bootstrap: str, options: Mapping[str, Any]) -> NotAuthenticated | InsecureSetting | None:
    """What is wrong with how this program says who it is, at the first of the addresses that answers; None if nothing is.

    `options` are those of `connection`.
    """
    keywords = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    for address in bootstrap.split(","):
        try:
            async with asyncio.timeout(_SECONDS):
                found = await _asked(address.strip(), keywords)
                # One that goes away at this very moment hangs up, too, but once.
                return found and await _asked(address.strip(), keywords)
        except (KafkaError, OSError, TimeoutError):
            continue
    return _token_missing(options)


async def _asked(address: str, options: Mapping[str, Any]) -> NotAuthenticated | None:
    host, _, port = address.rpartition(":")
    try:
        connection = await create_conn(host, int(port), request_timeout_ms=int(_SECONDS * 1000), **options)
    except _REFUSED as error:
        return NotAuthenticated(address, principal(options), _words(error), advice(options))
    except (ValueError, KeyError, UnicodeError):  # of a server that cannot answer as who knows the password
        return NotAuthenticated(address, principal(options), "it does not know the password itself", advice(options))
    try:
        await connection.send(MetadataRequest([]))
    except KafkaError:  # hung up without a word
        if "sasl_mechanism" in options:
            raise
        return NotAuthenticated(address, principal(options), "it wants to know who connects", advice(options))
    finally:
        await connection.close()
    return None


def _words(error: KafkaError) -> str:
    if isinstance(error, SaslAuthenticationFailed):
        return str(error.args[0]) if error.args and error.args[0] else "authentication failed"
    if isinstance(error, UnsupportedSaslMechanismError):
        return "it does not take this mechanism"
    return "it does not ask who connects"


def _token_missing(options: Mapping[str, Any]) -> InsecureSetting | None:
    """Whether it is for want of a token that nobody answered."""
    provider = options.get("sasl_oauth_token_provider")
    try:
        if provider is not None:
            secret_in(TOKEN_FILE_VARIABLE, provider.file)
    except InsecureSetting as error:
        return error
    return None
