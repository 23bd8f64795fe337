"""What a gateway is told: where the broker is, where to listen, whom to trust, and how much of everything at most."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from incidentlog.schemas.topics import Topics

VARIABLE = "INCIDENTLOG_"
#: Where `up` has its gateway unless told otherwise.
PORT = 8019


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Settings of one gateway; times are in seconds, sizes in bytes. `from_environment` reads INCIDENTLOG_<NAME>.

    `tokens_file` and `tokens` say who may publish or see everything (`tokens.py`); without either nobody may. `webhooks_file`
    names whom to tell of changes. `publisher`, `licence` and `codebook` go with every file that leaves. `host_first` are
    measures of your own registers, as workers are told of them; `registers` are files of them, separated by commas.
    `connections` bounds open connections, `streams` those among them that follow a projection. `header_seconds` is how long a
    client may take to send a request's head, `body_bytes` how large its body may be. `position_seconds` is how long an answer
    waits for `min_position`. A stream is written to again after `coalesce` seconds at the earliest, whatever changed meanwhile
    then goes out together, each key once; one whose reader takes nothing for `stalled_seconds` is closed. Metrics and health
    are served on `metrics_port` of `metrics_host` as well, without a token; 0 takes a free port, -1 serves none there.
    """

    bootstrap: str = "127.0.0.1:19092"
    prefix: str = "incidentlog"
    host: str = "127.0.0.1"
    port: int = PORT
    base_url: str = ""
    tokens_file: str = ""
    tokens: str = field(default="", repr=False)
    webhooks_file: str = ""
    publisher: str = "incidentlog"
    licence: str = "https://creativecommons.org/licenses/by/4.0/"
    codebook: str = "1"
    registers: str = ""
    host_first: str = ""
    connections: int = 1500
    streams: int = 1200
    body_bytes: int = 1 << 20
    header_bytes: int = 16 << 10
    header_seconds: float = 10.0
    position_seconds: float = 3.0
    heartbeat: float = 15.0
    coalesce: float = 0.02
    stalled_seconds: float = 900.0
    metrics_host: str = "127.0.0.1"
    metrics_port: int = -1

    @property
    def topics(self) -> Topics:
        """The topics of this installation; which version is live, the log tells."""
        return Topics(self.prefix)

    def to_json(self) -> str:
        """For the standard input of a child process: it may hold secrets."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The settings that `to_json` wrote."""
        return cls(**json.loads(text))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **changes: Any) -> Self:
        """The defaults, INCIDENTLOG_<NAME> in their place where it is set, and `changes` in the place of both."""
        found: dict[str, Any] = {}
        for each in fields(cls):
            told = environment.get(VARIABLE + ("GATEWAY_PORT" if each.name == "port" else each.name.upper()))
            if told:
                found[each.name] = type(each.default)(told) if isinstance(each.default, int | float) else told
        return cls(**found | changes)
