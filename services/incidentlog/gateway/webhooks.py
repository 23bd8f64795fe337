"""Webhooks: whom to tell when a number changes, from a file of the operator's, and how a message to them is signed.

    webhooks:
      - url: https://desk.example.org/numbers
        projection: rescued-by-nationality
        keys: [VNM, "*"]            # all of them, if left out
        secret_env: DESK_SECRET     # the variable that holds the secret
        view: public                # or full
      - url: https://desk.example.org/alarms
        dead_letters: true          # instead of a projection: how many are open, why, and which numbers they may touch
        secret_env: DESK_SECRET

Messages are as https://www.standardwebhooks.com has them: whoever takes them checks them with the library of that name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from incidentlog.gateway.views import View
from incidentlog.schemas.codec import problems
from incidentlog.schemas.errors import IncidentlogError, InvalidValue
from incidentlog.schemas.quoting import shown
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.schemas.values import Closed

#: Bytes of a secret at least, as the standard wants it.
SHORTEST_SECRET = 24
_MARK = "whsec_"


class BadWebhooks(IncidentlogError):
    """A file of webhooks that cannot be used."""

    def __init__(self, file: str, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(
            f"{file}: {problem}; it lists under `webhooks` a url, a projection (or dead_letters: true) and a secret_env each"
        )


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.username or parts.password or parts.fragment:
        raise InvalidValue(
            "url", "is not an address such as https://desk.example.org/numbers, without user or password"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise InvalidValue("url", "must be https; http is only for this machine itself")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _projection(name: str) -> str:
    if name not in PROJECTIONS:
        raise InvalidValue("projection", f"no projection is called {shown(name)}, there are {', '.join(PROJECTIONS)}")
    return name


class Hook(Closed):
    """Whom to tell of which numbers, all of the projection if no `keys` are named; or of dead letters."""

    url: Annotated[str, AfterValidator(_address)]
    projection: Annotated[str, AfterValidator(_projection)] | None = None
    dead_letters: bool = False
    keys: tuple[str, ...] = ()
    secret_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    view: View = "public"

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.dead_letters == (self.projection is not None) or (self.dead_letters and self.keys):
            raise InvalidValue(
                "projection", "name a projection, and keys if you like; or say dead_letters: true, alone"
            )
        return self

    @property
    def id(self) -> str:
        """Tells it apart from others; another address or other keys are another hook, which begins anew."""
        what = "dead letters" if self.dead_letters else self.projection
        told = orjson.dumps([self.url, what, sorted(self.keys), self.view])
        return hashlib.sha256(told).hexdigest()[:16]

    @property
    def host(self) -> str:
        """Where it is, for messages: what stands behind that may be secret."""
        return urlsplit(self.url).netloc

    def wants(self, key: str) -> bool:
        """Whether it is to hear of a number."""
        return not self.keys or key in self.keys


@dataclass(frozen=True, slots=True)
class Secret:
    """What messages to one hook are signed with."""

    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Secret:
        """`whsec_` and base64, or the secret itself; InvalidValue if it is too short."""
        try:
            key = base64.b64decode(text.removeprefix(_MARK), validate=True) if text.startswith(_MARK) else text.encode()
        except binascii.Error:
            raise InvalidValue("secret_env", f"what follows {_MARK} is not base64") from None
        if len(key) < SHORTEST_SECRET:
            raise InvalidValue("secret_env", f"a secret has at least {SHORTEST_SECRET} bytes")
        return cls(key)

    def headers(self, message: str, seconds: int, body: bytes) -> dict[str, str]:
        """The headers of a message sent at that time (seconds since 1970)."""
        signed = hmac.new(self.key, f"{message}.{seconds}.".encode() + body, hashlib.sha256).digest()
        return {
            "content-type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(seconds),
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }


def load(file: str, environment: Mapping[str, str] = os.environ) -> list[tuple[Hook, Secret]]:
    """The webhooks of a file with their secrets; none without a file."""
    if not file:
        return []
    try:
        told: Any = YAML(typ="safe", pure=True).load(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError, YAMLError) as error:
        raise BadWebhooks(
            file, f"cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})"
        ) from None
    if not isinstance(told, dict) or told.keys() != {"webhooks"}:
        raise BadWebhooks(file, "has no `webhooks`, or more than that")
    try:
        hooks = TypeAdapter(tuple[Hook, ...]).validate_python(told["webhooks"])
    except ValidationError as error:
        raise BadWebhooks(file, problems(error)) from None
    if len({hook.id for hook in hooks}) < len(hooks):
        raise BadWebhooks(file, "names the same twice")
    return [(hook, _secret(file, hook, environment)) for hook in hooks]


def _secret(file: str, hook: Hook, environment: Mapping[str, str]) -> Secret:
    text = environment.get(hook.secret_env, "")
    if not text:
        raise BadWebhooks(file, f"the environment has no {hook.secret_env}")
    try:
        return Secret.parse(text)
    except InvalidValue as error:
        raise BadWebhooks(file, f"{hook.secret_env}: {error.problem}") from None
