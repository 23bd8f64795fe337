"""Templates into answers: HTML that caches may keep only while it is the same, and the files it needs, which never change."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from incidentlog.gateway.page import phrases
from incidentlog.gateway.service import Gateway
from incidentlog.schemas import words
from incidentlog.schemas.numbers import NOT_QUANTIFIED

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
                        sentence=phrases.sentence, MIXED=words.MIXED, FRESH_DAYS=words.FRESH_DAYS)  # fmt: skip
    return made


def page(request: Request, template: str, gateway: Gateway, status: int = 200, **context: Any) -> Response:
    """A page; nothing is sent again to whoever has it already."""
    registers = gateway.registers
    made = environment().get_template(template).render(
        now=phrases.now(), settings=gateway.settings, office=lambda name: phrases.office(name, registers),
        cell=lambda key: phrases.cell(key, registers), **context,
    ).encode()  # fmt: skip
    tag = f'W/"{hashlib.sha256(made).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Authorization"}
    if status == 200 and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(made, status, headers, "text/html; charset=utf-8")


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
