"""Templates into answers: HTML that caches may keep only while it is the same, and the files it needs, which never change."""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from incidentlog.gateway.answers import Answers
from incidentlog.gateway.page import phrases
from incidentlog.gateway.service import Gateway
from incidentlog.schemas import words
from incidentlog.schemas.numbers import NOT_QUANTIFIED

#: How many pages are kept, and for how many seconds.
_KEPT, _FRESH = 64, 5.0
_pages: WeakKeyDictionary[Gateway, OrderedDict[tuple[Any, ...], Response]] = WeakKeyDictionary()
#: Whether a reader can unpack, and how much is worth it.
_GZIP, _SMALL = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))"), 1000
#: Steps of a timeline that are listed.
_STEPS = 200
KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@cache
def static() -> dict[str, tuple[bytes, str]]:
    """The files that pages refer to, by name: (bytes, digest)."""
    folder = files("incidentlog.gateway.page").joinpath("static")
    found = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in KINDS}
    return {name: (content, hashlib.sha256(content).hexdigest()[:12]) for name, content in found.items()}


def static_url(name: str) -> str:
    """Where a file is, under an address that another content would not have."""
    return f"/static/{static()[name][1]}/{name}"


def key_path(key: str) -> str:
    """A row's key as it stands in an address."""
    return quote(key, safe="/*")


def web(address: str | None) -> bool:
    """Whether an article's identity is an address that may be linked to."""
    return bool(address) and str(address).startswith(("https://", "http://"))


@cache
def environment() -> Environment:
    """The templates, with the words they use."""
    made = Environment(
        loader=PackageLoader("incidentlog.gateway.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        digits=phrases.digits, span=phrases.span, headline=phrases.headline, day=phrases.day, clock=phrases.clock,
        ago=phrases.ago, days_ago=phrases.days_ago, plural=phrases.plural, capital=phrases.capital, path=key_path,
        place=phrases.place, spaced=_spaced, flag=words.flag, short=_short,
        readable=phrases.readable, digest=_digest,
    )  # fmt: skip
    made.tests["web"] = web
    made.globals.update(static_url=static_url, DASH=NOT_QUANTIFIED, FLAGS=words.FLAGS, TITLES=words.TITLES,
                        sentence=phrases.sentence, MIXED=words.MIXED, FRESH_DAYS=words.FRESH_DAYS, MOST=_STEPS)  # fmt: skip
    return made


def page(template: str, gateway: Gateway, status: int = 200, **context: Any) -> Response:
    """A page, made."""
    registers = gateway.registers
    made = environment().get_template(template).render(
        now=phrases.now(), settings=gateway.settings, office=lambda name: phrases.office(name, registers),
        cell=lambda key: phrases.cell(key, registers), **context,
    ).encode()  # fmt: skip
    tag = f'W/"{hashlib.sha256(made).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Authorization, Accept-Encoding"}
    return Response(made, status, headers, "text/html; charset=utf-8")


def kept(
    request: Request, gateway: Gateway, answers: Answers, names: Iterable[str], make: Callable[[], Response]
) -> Response:
    """A page that is the same for all who ask while the projections `names` stay as they are, for some seconds.

    It must not show what a request says besides its path and its query.
    """
    marks = [str(answers.showing(name).mark) for name in names]
    doubt = gateway.quarantine.standing.revision
    key = (request.url.path, request.url.query, answers.view, *marks, doubt, int(time.monotonic() // _FRESH))
    pages = _pages.setdefault(gateway, OrderedDict())
    answer = pages.get(key)
    if answer is None:
        answer = pages[key] = make()
        if len(pages) > _KEPT:
            pages.popitem(last=False)
    return unless_known(request, answer)


def unless_known(request: Request, answer: Response) -> Response:
    """The answer, without its content for whoever has it already, else packed for whoever can unpack it."""
    headers = dict(answer.headers)
    tag = headers.get("etag")
    if tag is not None and answer.status_code == 200 and request.headers.get("if-none-match") == tag:
        told = {name: headers[name] for name in ("etag", "cache-control", "vary")}
        return Response(status_code=304, headers=told)
    body = bytes(answer.body)
    if len(body) > _SMALL and _GZIP.search(request.headers.get("accept-encoding", "")):
        body = _packed(body)
        headers |= {"content-encoding": "gzip", "content-length": str(len(body))}
    return Response(body, answer.status_code, headers)


@lru_cache(maxsize=128)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _spaced(name: str) -> str:
    """`Task force established` of TaskForceEstablished."""
    return phrases.capital("".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip())


def _digest(points: Any) -> str:
    """What tells these points from others: a picture of them is a picture of nothing else."""
    return hashlib.sha256(repr(points).encode()).hexdigest()[:12]


def _short(source: str | None) -> str:
    """An article's identity, its hash cut to what tells it apart."""
    if not source:
        return "not named"
    return f"{source[:24]}…" if source.startswith("urn:sha256:") else source
