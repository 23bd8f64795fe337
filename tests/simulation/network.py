"""Requests between a process and the broker: each takes its time, arrives or not when its sender dies, and never after that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

from simulation.loop import RUNNING, Process, VirtualLoop

_BROKER = Context()


class Network:
    """Draws how long each way takes. A dead process gets no answers; what it sent last may still arrive."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self._random = loop.rng.random

    def delay(self) -> float:
        """Seconds: a few milliseconds, seldom much longer."""
        drawn = self._random()
        return 0.001 + 0.01 * drawn if drawn < 0.96 else 0.3 * self._random()

    def request(self, action: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """What `action` will answer at the broker, where it runs after a while; it may answer with a future."""
        return self.send(0.0, action, *args)[0]

    def send(self, after: float, action: Callable[..., Any], *args: Any) -> tuple[asyncio.Future[Any], float]:
        """The answer to come, and when the broker acts: not before `after`."""
        loop, process = self.loop, here()
        answer = loop.create_future()
        when = max(after, loop.now + self.delay())
        loop.at(when, None, _BROKER, self._arrive, process, answer, action, args)
        return answer, when

    def later(self, action: Callable[..., Any], *args: Any, delay: float | None = None) -> None:
        """Run something at the broker after a while."""
        self.loop.at(self.loop.now + (self.delay() if delay is None else delay), None, _BROKER, action, *args)

    def tell(self, process: Process, action: Callable[..., Any], *args: Any, delay: float | None = None) -> None:
        """Run something in a process after a while."""
        when = self.loop.now + (self.delay() if delay is None else delay)
        self.loop.at(when, process, process.context, action, *args)

    def _arrive(
        self, process: Process, answer: asyncio.Future[Any], action: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        if not process.alive and self._random() < 0.5:
            return
        try:
            result = action(*args)
        except Exception as error:  # noqa: BLE001 - it is the answer
            self.later(_fail, answer, error)
            return
        if isinstance(result, asyncio.Future):
            result.add_done_callback(lambda done: self._forward(done, answer), context=_BROKER)
        else:
            self.later(_answer, answer, result)

    def _forward(self, done: asyncio.Future[Any], answer: asyncio.Future[Any]) -> None:
        if (error := done.exception()) is not None:
            self.later(_fail, answer, error)
        else:
            self.later(_answer, answer, done.result())


def here() -> Process:
    """The process that runs; CancelledError if it is dead already."""
    process = RUNNING.get()
    assert process is not None
    if not process.alive:
        raise asyncio.CancelledError
    return process


def _answer(answer: asyncio.Future[Any], result: Any) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
