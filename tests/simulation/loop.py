"""An event loop in virtual time for processes that can be stopped at any step: killed for good, or paused and woken later."""

from __future__ import annotations

import asyncio
import heapq
import random
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any, cast

#: The process whose code runs: its tasks, callbacks and timers carry it in their context. None is the broker.
RUNNING: ContextVar[Process | None] = ContextVar("RUNNING", default=None)


class Process:
    """One life of a worker."""

    def __init__(self, loop: VirtualLoop, name: str) -> None:
        self.loop, self.name = loop, name
        self.alive, self.paused = True, False
        self.steps_left = -1  # dies after so many steps; -1: not doomed
        self.on_death: list[Callable[[], None]] = []
        self._held: list[Handle] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self.context = copy_context()
        self.context.run(RUNNING.set, self)

    def start(self, main: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `main` as this process."""
        return self.context.run(self.loop.create_task, main, context=self.context)

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Remember a task, to unwind it at the end."""
        if len(self._tasks) > 64:
            self._tasks = [each for each in self._tasks if not each.done()]
        self._tasks.append(task)

    def pause(self) -> None:
        """Nothing of it runs from here on, as by SIGSTOP."""
        self.paused = True

    def wake(self) -> None:
        """Go on where it was."""
        self.paused = False
        self.loop.ready.extend(self._held)
        self._held.clear()

    def may_step(self, handle: Handle) -> bool:
        """Whether this may run now; what a paused process would do is kept for later."""
        if self.paused:
            self._held.append(handle)
            return False
        if self.steps_left > 0:
            self.steps_left -= 1
            if self.steps_left == 0:
                self.kill()
        return True

    def kill(self) -> None:
        """Nothing of it has any effect from here on, as by SIGKILL: what unwinds now reaches no broker."""
        if not self.alive:
            return
        self.alive, self.steps_left = False, -1
        self.unwind()
        self.wake()
        for told in self.on_death:
            told()

    def unwind(self) -> bool:
        """Cancel what has not ended; whether there was anything. Some code needs to be told more than once."""
        left = [task for task in self._tasks if not task.done()]
        for task in left:
            task.cancel()
        return bool(left)


class Handle:
    """A callback that is due, or will be."""

    __slots__ = ("args", "callback", "cancelled", "context", "process")

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...], context: Context | None) -> None:
        self.callback, self.args, self.cancelled = callback, args, False
        self.context = copy_context() if context is None else context
        self.process = self.context.get(RUNNING)

    def cancel(self) -> None:
        self.cancelled = True


class VirtualLoop:
    """First come, first served, like asyncio's own; time passes only when nothing is due. `rng` draws all delays of a run."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = 0.0
        self.steps = 0
        self.ready: deque[Handle] = deque()
        self._timers: list[tuple[float, int, Handle]] = []
        self._number = 0

    def run_until(self, done: Callable[[], bool], limit: float) -> bool:
        """Run until `done`, or until nothing is left to do or virtual time passes `limit`; whether it is done.

        `done` is asked whenever time passes.
        """
        ready, timers = self.ready, self._timers
        events._set_running_loop(cast("asyncio.AbstractEventLoop", self))
        try:
            while True:
                while ready:
                    handle = ready.popleft()
                    if not handle.cancelled and (handle.process is None or handle.process.may_step(handle)):
                        self.steps += 1
                        handle.context.run(handle.callback, *handle.args)
                if done():
                    return True
                if not timers or timers[0][0] > limit:
                    return False
                self.now, _, handle = heapq.heappop(timers)
                ready.append(handle)
        finally:
            events._set_running_loop(None)

    def time(self) -> float:
        return self.now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        handle = Handle(callback, args, context)
        self.ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        handle = Handle(callback, args, context)
        self._number += 1
        heapq.heappush(self._timers, (self.now + delay if delay > 0 else self.now, self._number, handle))
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        handle = Handle(callback, args, context)
        self._number += 1
        heapq.heappush(self._timers, (max(when, self.now), self._number, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=cast("asyncio.AbstractEventLoop", self))

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=cast("asyncio.AbstractEventLoop", self), **options)
        if (process := RUNNING.get()) is not None:
            process.adopt(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Futures that nobody asked: the dead leave many behind."""
