"""A bearer token from a file, for aiokafka."""

# mypy: disable-error-code="misc"
# To the type checker aiokafka's classes are Any.
from __future__ import annotations

import asyncio
import base64

import orjson
from aiokafka.abc import AbstractTokenProvider

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
