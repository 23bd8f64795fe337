"""What is told of health: whether something is alive, whether it is ready, and why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Health:
    """`live`: to start it anew would mend nothing. `ready`: what it gives is current. `why`: what is the matter, for people;
    `told`: what it was judged by, for programs."""

    live: bool
    ready: bool
    why: tuple[str, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)

    def answer(self, *, ready: bool) -> tuple[int, bytes]:
        """HTTP's status and a body in JSON, of one of the two."""
        good = self.ready if ready else self.live
        told = {"live": self.live, "ready": self.ready, "why": list(self.why), **self.told}
        return 200 if good else 503, orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
