"""A bearer token from a file, for aiokafka; and a refusal of one heard, to which aiokafka itself is deaf."""

# mypy: disable-error-code="misc"
# To the type checker aiokafka's classes are Any.
from __future__ import annotations

import asyncio
import base64
from typing import Any

import orjson
from aiokafka import conn
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import SaslAuthenticationFailed

from incidentlog.client.errors import InsecureSetting
from incidentlog.client.login import TOKEN_FILE_VARIABLE, secret_in


class TokenFile(AbstractTokenProvider):
    """Reads the token again for each connection: whoever renews it need only replace the file, all at once."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __repr__(self) -> str:
        return f"TokenFile({self.file!r})"

    async def token(self) -> str:
        """The token; OSError while there is none, so that a connection in use is tried again later."""
        try:
            return "".join(await asyncio.to_thread(secret_in, TOKEN_FILE_VARIABLE, self.file))
        except InsecureSetting as error:
            raise OSError(str(error)) from error

    @property
    def principal(self) -> str:
        """Whom the token names, by what it says of itself; nothing is verified here."""
        try:
            _, claims, _ = secret_in(TOKEN_FILE_VARIABLE, self.file).split(".")
            return f"User:{orjson.loads(base64.urlsafe_b64decode(claims + '==='))['sub']}"
        except (InsecureSetting, ValueError, KeyError, TypeError):
            return f"the bearer of {self.file}"


class HearingAuthenticator(conn.OAuthAuthenticator):
    """A broker that takes no such token says so in its answer and waits for a word (RFC 7628); aiokafka looks at no answer, goes
    on as if it were let in, and takes what comes then for the answers to its questions."""

    async def step(self, payload: bytes | None) -> Any:
        """The next thing to say; SaslAuthenticationFailed if the last was refused."""
        if self._token_sent and payload:
            raise SaslAuthenticationFailed(f"it takes no such token: {_status(payload)}")
        return await super().step(payload)


conn.OAuthAuthenticator = HearingAuthenticator


def _status(payload: bytes) -> str:
    """What an answer calls it, such as `invalid_token`."""
    try:
        return str(orjson.loads(payload)["status"])[:80]
    except (ValueError, KeyError, TypeError):
        return "it does not say why"
