"""An event loop in virtual time for processes that can be stopped at any step: killed for good, or paused and woken later."""

from __future__ import annotations

import asyncio
import heapq
import random
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, cast

#: The process whose code runs: its tasks, callbacks and timers carry it in their context. None is the broker.
RUNNING: ContextVar[Process | None] = ContextVar("RUNNING", default=None)


#: What is due: in which process, in which context, and the call. A plain tuple: a run makes more than a thousand.
Step = tuple["Process | None", Context, Callable[..., Any], tuple[Any, ...]]


class Process:
    """One life of a worker."""

    def __init__(self, loop: VirtualLoop, name: str) -> None:
        self.loop, self.name = loop, name
        self.alive, self.paused = True, False
        self.slept = False  # it has been paused, if only once
        self.steps_left = -1  # dies after so many steps; -1: not doomed
        self.on_death: list[Callable[[], None]] = []
        self._held: list[Step] = []
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
        self.paused = self.slept = True

    def wake(self) -> None:
        """Go on where it was."""
        self.paused = False
        self.loop.ready.extend(self._held)
        self._held.clear()

    def may_step(self, step: Step) -> bool:
        """Whether this may run now; what a paused process would do is kept for later."""
        if self.paused:
            self._held.append(step)
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
    """A call that may be cancelled."""

    __slots__ = ("_callback", "cancelled")

    def __init__(self, callback: Callable[..., Any]) -> None:
        self._callback, self.cancelled = callback, False

    def cancel(self) -> None:
        self.cancelled = True

    def __call__(self, *args: Any) -> None:
        if not self.cancelled:
            self._callback(*args)


class VirtualLoop:
    """First come, first served, like asyncio's own; time passes only when nothing is due. `rng` draws all delays of a run."""

    get_debug = bool  # asked for each future, so it is nothing in Python: False

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = 0.0
        self.steps = 0
        self.over = False
        self.ready: deque[Step] = deque()
        self._timers: list[tuple[float, int, Step]] = []
        self._number = 0
        self.create_future: Callable[[], asyncio.Future[Any]] = partial(asyncio.Future, loop=self)  # type: ignore[arg-type]

    def run(self, limit: float) -> bool:
        """Run until it is `over`, nothing is left to do, or virtual time would pass `limit`; whether it is over.

        What is due at one moment is done before it ends.
        """
        ready, timers, pop = self.ready, self._timers, heapq.heappop
        events._set_running_loop(cast("asyncio.AbstractEventLoop", self))
        try:
            while True:
                while ready:
                    step = ready.popleft()
                    process, context, callback, args = step
                    if (
                        process is not None
                        and (process.paused or process.steps_left > 0)
                        and not process.may_step(step)
                    ):
                        continue
                    self.steps += 1
                    context.run(callback, *args)
                if self.over or not timers or timers[0][0] > limit:
                    return self.over
                self.now, _, step = pop(timers)
                ready.append(step)
        finally:
            events._set_running_loop(None)

    def time(self) -> float:
        return self.now

    def is_running(self) -> bool:
        return True

    def at(self, when: float, process: Process | None, context: Context, callback: Any, *args: Any) -> None:
        """Call something at a moment in one process, or at the broker."""
        self._number += 1
        heapq.heappush(self._timers, (when, self._number, (process, context, callback, args)))

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        if context is not None:  # tasks and futures, which do not cancel it
            self.ready.append((context.get(RUNNING), context, callback, args))
            return None
        handle = Handle(callback)
        self.ready.append((RUNNING.get(), copy_context(), handle, args))
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any) -> Handle:
        return self.call_at(self.now + delay, callback, *args)

    def call_at(self, when: float, callback: Any, *args: Any) -> Handle:
        handle = Handle(callback)
        self.at(max(when, self.now), RUNNING.get(), copy_context(), handle, *args)
        return handle

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=cast("asyncio.AbstractEventLoop", self), **options)
        if (process := RUNNING.get()) is not None:
            process.adopt(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Futures that nobody asked: the dead leave many behind."""
