"""Bearer tokens: who may publish, who may see everything, who may give verdicts on claims. Only their sha256 digests are held, here and in the file."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, Self, get_args

from incidentlog.gateway.errors import RequestError
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.schemas.errors import IncidentlogError
from incidentlog.schemas.quoting import shown

Scope = Literal["publish", "read:full", "review"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
#: So that a token that was left somewhere is known for what it is.
MARK = "ilog_"
#: RFC 6750's b64token.
_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/-]+=*)")
_LINE = re.compile(r"([0-9a-f]{64})\s+(\S+)(?:\s+(.*))?")


class BadTokens(IncidentlogError):
    """A list of tokens that cannot be used. Never quotes it: a token may have been written where its digest belongs."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"{where}: {problem}; get a line with `incidentlog token new --scope publish`")


class NotAuthenticated(RequestError):
    """No token where one is needed, or none that is known."""

    status: ClassVar[int] = 401
    slug: ClassVar[str] = "not-authenticated"

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent
        what = "the token that was sent is not known here" if sent else "this needs a token"
        super().__init__(f"{what}; send `Authorization: Bearer TOKEN` with one that the operator has let in")

    @property
    def headers(self) -> dict[str, str]:
        """As RFC 6750 wants it."""
        return {"www-authenticate": 'Bearer error="invalid_token"' if self.sent else "Bearer"}


class NotAllowed(RequestError):
    """A known token without the scope that this needs."""

    status: ClassVar[int] = 403
    slug: ClassVar[str] = "not-allowed"

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__(f"the token has not the scope {scope}; ask the operator for one that has")

    @property
    def headers(self) -> dict[str, str]:
        """As RFC 6750 wants it."""
        return {"www-authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'}


class Grant(NamedTuple):
    """What a token allows, and whose it is: the name in its line, else the beginning of its digest."""

    scopes: frozenset[Scope]
    holder: str


NOTHING = Grant(frozenset(), "anybody")


class Tokens:
    """The tokens that are let in. A line each: sha256 of the token in hex, its scopes with commas between, and a name."""

    def __init__(self, digests: Iterable[tuple[bytes, Grant]] = ()) -> None:
        self._digests = tuple(digests)

    def __len__(self) -> int:
        return len(self._digests)

    def __repr__(self) -> str:
        return f"Tokens({len(self)})"

    @classmethod
    def parse(cls, text: str, where: str = "INCIDENTLOG_TOKENS") -> Self:
        """Those in `text`, a line each (or with semicolons between); empty lines and those after a # say nothing."""
        lines = enumerate(text.replace(";", "\n").splitlines(), 1)
        return cls(_entry(line.strip(), f"{where}:{number}") for number, line in lines if line.split("#")[0].strip())

    @classmethod
    def of(cls, settings: GatewaySettings) -> Self:
        """Those of the settings: of the file, and of the environment."""
        tokens = cls.parse(settings.tokens)
        if not settings.tokens_file:
            return tokens
        try:
            text = Path(settings.tokens_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "is not UTF-8"
            raise BadTokens(settings.tokens_file, f"cannot be read ({why})") from None
        return cls((*tokens._digests, *cls.parse(text, settings.tokens_file)._digests))  # noqa: SLF001 - its own

    def grant(self, token: str) -> Grant:
        """What a token allows; NotAuthenticated if it is not known. Takes as long for any token."""
        presented = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        found: Grant | None = None
        for digest, grant in self._digests:
            if hmac.compare_digest(digest, presented):
                found = grant if found is None else Grant(found.scopes | grant.scopes, found.holder)
        if found is None:
            raise NotAuthenticated(sent=True)
        return found

    def granted(self, header: str | None) -> Grant:
        """What an `Authorization` header allows, nothing without one; NotAuthenticated for one that is of no use."""
        if header is None:
            return NOTHING
        bearer = _BEARER.fullmatch(header.strip())
        if bearer is None:
            raise NotAuthenticated(sent=True)
        return self.grant(bearer[1])


def require(granted: frozenset[Scope], scope: Scope, *, sent: bool) -> None:
    """NotAuthenticated or NotAllowed, unless the scope was granted."""
    if scope not in granted:
        raise NotAllowed(scope) if sent else NotAuthenticated(sent=False)


def new_token(scopes: Iterable[Scope], name: str = "") -> tuple[str, str]:
    """(token, line for the file). The token is nowhere else: who loses it makes another."""
    token = MARK + secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    return token, " ".join([digest, ",".join(sorted(set(scopes))), *name.split()])


def _entry(line: str, where: str) -> tuple[bytes, Grant]:
    match = _LINE.fullmatch(line.split("#", maxsplit=1)[0].strip())
    if match is None:
        raise BadTokens(where, "is not the sha256 of a token, a space, and its scopes")
    scopes = frozenset(match[2].split(","))
    unknown = sorted(scopes.difference(SCOPES))
    if unknown:
        raise BadTokens(where, f"{shown(unknown[0])} is no scope, they are {', '.join(SCOPES)}")
    known = frozenset(scope for scope in SCOPES if scope in scopes)
    return bytes.fromhex(match[1]), Grant(known, match[3] or f"token {match[1][:8]}")
