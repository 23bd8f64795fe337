"""Work that lasts until it is done or until someone asks it to end: Ctrl-C, or SIGTERM from whoever runs us."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(work: Coroutine[Any, Any, None]) -> bool:
    """Run `work`; whether it was ended by a signal. It is then cancelled and gets the time its cleaning up takes.

    A second signal does not wait for that.
    """
    return asyncio.run(_run(work))


async def _run(work: Coroutine[Any, Any, None]) -> bool:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def ask() -> None:
        asked.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    working, asking = asyncio.create_task(work), asyncio.create_task(asked.wait())
    try:
        await asyncio.wait([working, asking], return_when=asyncio.FIRST_COMPLETED)
    finally:
        asking.cancel()
        if asked.is_set():
            working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    return asked.is_set()
