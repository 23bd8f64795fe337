"""Keeps a library's repeated log lines few: while a broker is away aiokafka would write thousands a second."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable


class RateLimit(logging.Filter):
    """Lets `burst` lines of each kind (logger, level, text before its arguments) through per `every` seconds.

    The first line of a kind after a silence says how many like it were left out.
    """

    def __init__(self, burst: int = 3, every: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._burst, self._every, self._clock = burst, every, clock
        self._kinds: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line may pass."""
        kind = (record.name, record.levelno, str(record.msg)[:120])
        now = self._clock()
        since, count = self._kinds.get(kind, (now, 0))
        if now - since >= self._every:
            left_out, since, count = max(0, count - self._burst), now, 0
            if left_out:
                record.msg = f"{record.msg} [{left_out} more like this were left out]"
        self._kinds[kind] = since, count + 1
        return count < self._burst


def limit(library: str = "aiokafka", rate: RateLimit | None = None) -> None:
    """Rate-limit the loggers `library` and `library.*` that exist by now; repeating it changes nothing."""
    rate = rate or _SHARED
    for name in [library, *(n for n in list(logging.root.manager.loggerDict) if n.startswith(library + "."))]:
        logger = logging.getLogger(name)
        if not any(isinstance(each, RateLimit) for each in logger.filters):
            logger.addFilter(rate)


_SHARED = RateLimit()
