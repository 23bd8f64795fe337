"""Parts of a Faust app that its own code calls on the way, and that do nothing here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class Quiet:
    """A logger that says nothing."""

    def dev(self, *_: Any, **__: Any) -> None: ...

    info = warning = warn = error = exception = log = dev


class Signal:
    """Receivers are awaited one after another, as by mode's."""

    def __init__(self) -> None:
        self._receivers: list[Callable[..., Awaitable[None]]] = []

    def connect(self, receiver: Callable[..., Awaitable[None]], **_: Any) -> None:
        self._receivers.append(receiver)

    async def send(self, *told: Any) -> None:
        for receiver in self._receivers:
            await receiver(self, *told, signal=self)


class Bystanders:
    """Agents, topics, sensors, monitor and producer in one: nobody is told anything."""

    changelog_topics: frozenset[str] = frozenset()

    def nothing(self, *_: Any, **__: Any) -> None: ...

    on_partitions_revoked = on_commit = on_actives_ready = on_standbys_ready = nothing
    on_commit_initiated = on_commit_completed = on_tp_commit = set_flag = unset_flag = human_tracebacks = nothing

    def same(self, what: Any) -> Any:
        return what

    async def later(self, *_: Any, **__: Any) -> None: ...

    on_rebalance = maybe_wait_for_subscriptions = on_partitions_assigned = flush = stop = later

    def acks_enabled_for(self, _topic: str) -> bool:
        return True

    async def publish_for_tp_offset(self, *_: Any) -> list[Any]:
        return []

    @staticmethod
    def recorder(*_: Any, **__: Any) -> AbstractContextManager[Quiet]:
        """Faust's log of what took too long."""
        return nullcontext(Quiet())

    @staticmethod
    def untraced(*_: Any, **__: Any) -> Callable[..., Any]:
        """What Faust does without a tracer, but for naming each call first."""
        return lambda call, **_: call

    def span(self, _name: str) -> AbstractContextManager[None]:
        return nullcontext()
