"""Bodies of requests: read as far as a limit, and no longer than somebody is patient."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from fastapi import Request
from starlette.requests import ClientDisconnect

from incidentlog.gateway.errors import RequestError
from incidentlog.gateway.incoming import BadBody, BodyTooLarge

#: Seconds for a body to arrive.
PATIENCE = 30.0


class SlowBody(RequestError):
    """A body that did not arrive in time."""

    status: ClassVar[int] = 408
    slug: ClassVar[str] = "slow-body"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the body did not arrive within {seconds:g} s; send it again")


async def read_body(request: Request, limit: int) -> bytes:
    """The body: BodyTooLarge, SlowBody or BadBody unless it stays within the limit, in bytes, and arrives whole and in time."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise BodyTooLarge(limit)
    chunks, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise BodyTooLarge(limit)
                chunks.append(chunk)
    except TimeoutError:
        raise SlowBody(PATIENCE) from None
    except ClientDisconnect:
        raise BadBody("the body broke off") from None
    return b"".join(chunks)
