"""The pages: all projections, one as a table, one number with everything behind it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.routing import APIRoute

from incidentlog.client.errors import ClientError
from incidentlog.gateway import citing
from incidentlog.gateway.answers import Answers, Filter, Page
from incidentlog.gateway.depends import AnswersOf, GatewayOf
from incidentlog.gateway.errors import RequestError
from incidentlog.gateway.page import chart, phrases, tables
from incidentlog.gateway.page.bars import scale
from incidentlog.gateway.page.coverage import coverage
from incidentlog.gateway.page.numbers import Number, number
from incidentlog.gateway.page.rendering import KINDS, kept, page, static, unless_known
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.views import ActionView, ClaimAnswer, NumberView, WhyAnswer
from incidentlog.schemas import words
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
READ = ["GET", "HEAD"]
#: Rows of each projection on the first page.
_TOP = 4
#: Among so many rows the largest are looked for.
_LOOKED_AT = 2000


class Shown(APIRoute):
    """A route whose errors are pages too."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """What FastAPI calls."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestError as error:
                answer = page("error.html", request.app.state.gateway, error.status, error=error)
                if error.retry_after is not None:
                    answer.headers["Retry-After"] = str(error.retry_after)
                return answer

        return handle


router = APIRouter(route_class=Shown, include_in_schema=False)


@router.api_route("/", methods=READ)
async def home(request: Request, answers: AnswersOf, gateway: GatewayOf) -> Response:
    """All projections, each with its largest rows."""
    return kept(request, gateway, answers, gateway.mirrors, lambda: _home(answers, gateway))


def _home(answers: Answers, gateway: Gateway) -> Response:
    shown = []
    for each in answers.projections().projections:
        if each.name == ESTIMATES:
            continue
        answer = answers.numbers(each.name, None, Page("", _LOOKED_AT))
        known = [
            row for row in answer.rows if isinstance(row, NumberView) and (answer.next is None or row.key == words.ALL)
        ]
        common = scale(known)
        lines = tables.largest_first(tables.lines_of(known, common, gateway.registers))[:_TOP]
        found = [row for row in answer.rows if isinstance(row, ActionView) and answer.next is None]
        shown.append((each, lines, sorted(found, key=lambda row: (row.end, row.ref), reverse=True)[:_TOP], common))
    return page("home.html", gateway, shown=shown, coverage=coverage(gateway, answers))


@router.api_route("/p/{name}", methods=READ)
async def projection(
    request: Request, answers: AnswersOf, gateway: GatewayOf, name: str,
    sort: str = "", order: str = "", measure: str = "", nationality: str = "", place: str = "", after: str = "",
) -> Response:  # fmt: skip
    """One projection as a table."""
    asked = tables.Asked(sort, order, Filter(measure=measure, nationality=nationality, place=place), after)
    return kept(request, gateway, answers, [name], lambda: _table(answers, gateway, name, asked))


def _table(answers: Answers, gateway: Gateway, name: str, asked: tables.Asked) -> Response:
    follow = [_following(answers, name)]
    table = tables.table(answers, name, asked, gateway.registers)
    return page(
        "table.html",
        gateway,
        follow=follow,
        table=table,
        name=name,
        citation=citing.citation(gateway.settings, table.answer),
    )


@router.api_route("/p/{name}/{key:path}/{series}.svg", methods=READ)
async def picture(
    request: Request, answers: AnswersOf, name: str, key: str, series: str, theme: str = "light", size: str = "wide"
) -> Response:
    """The chart of a number: as it `grown`, or as it was `learned`."""
    if series not in ("grown", "learned"):
        raise HTTPException(404)
    timeline = await answers.timeline(name, key)
    points = [each for each in (timeline.grown if series == "grown" else timeline.learned) if each.at]
    if not points:
        raise HTTPException(404)
    palette = chart.DARK if theme == "dark" else chart.LIGHT
    drawn = await asyncio.to_thread(chart.svg, points, palette, chart.NARROW if size == "narrow" else chart.WIDE)
    headers = {"Cache-Control": "private, max-age=300", "Vary": "Authorization, Accept-Encoding"}
    return unless_known(request, Response(drawn, media_type=KINDS["svg"], headers=headers))


@router.api_route("/p/{name}/{key:path}", methods=READ)
async def one(
    request: Request, answers: AnswersOf, gateway: GatewayOf, name: str, key: str,
    as_of: str = "", since: str = "", claim: str = "",
) -> Response:  # fmt: skip
    """One number, and everything behind it; or one official action."""
    if name == OFFICIAL_ACTIONS:
        return unless_known(request, page("action.html", gateway, answer=answers.number(name, key), name=name))
    follow = [_following(answers, name), _following(answers, ESTIMATES)]
    why = await answers.why(name, key)
    follow[0]["keys"], follow[1]["keys"] = [key], [each.key for each in why.estimates]
    found = number(why, await answers.timeline(name, key), gateway.registers,
                   as_of=_day(as_of), since=_day(since), more=await _more(answers, why, claim))  # fmt: skip
    made = page(
        "number.html",
        gateway,
        follow=follow,
        number=found,
        name=name,
        citation=_citation(found, gateway, request),
    )
    return unless_known(request, made)


@router.api_route("/static/{digest}/{name}", methods=READ)
async def file(request: Request, digest: str, name: str) -> Response:
    """Style and script; the address changes with the content."""
    content, known = static().get(name, (b"", ""))
    if not known or digest != known:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    return unless_known(request, Response(content, media_type=KINDS[name.rpartition(".")[2]], headers=headers))


@router.api_route("/favicon.ico", methods=READ)
async def icon() -> Response:
    """What browsers ask for by themselves."""
    return Response(static()["icon.svg"][0], media_type=KINDS["svg"], headers={"Cache-Control": "max-age=86400"})


def _following(answers: Answers, name: str) -> dict[str, Any]:
    """What a page follows: the changes after what is shown; of all keys, unless `keys` are named."""
    return {"name": name, "mark": str(answers.showing(name).mark)}


def _citation(found: Number, gateway: Gateway, request: Request) -> str:
    """How to quote a number, so that others find the same; with the day that it was asked for."""
    standing, settings = found.why.standing, gateway.settings
    title = words.TITLES.get(found.row.projection, found.row.projection)
    day = found.as_of.at if found.as_of else standing.as_of
    address = (settings.base_url.rstrip("/") or str(request.base_url).rstrip("/")) + request.url.path
    return (
        f"{settings.publisher}: {title}: {found.name}, {phrases.headline(found.shown)}, as of {phrases.day(day)}; "
        f"{citing.codebook(settings)}, version {standing.version} of the data; read on {phrases.day(phrases.now())} at "
        f"{address}{f'?as_of={day}' if found.as_of else ''}; licence {settings.licence}."
    )


async def _more(answers: Answers, why: WhyAnswer, ref: str) -> ClaimAnswer | None:
    """Everything about the claim that was asked for by its ref or id, if it is one of these."""
    found = next((each.id for each in why.claims if ref and ref in (each.ref, each.id)), None)
    try:
        return await answers.claim(found) if found else None
    except ClientError:  # its event is read from the log, which is out of reach; the rest is not
        return None


def _day(text: str) -> str:
    """The text if it is an ISO day; else as if nothing had been asked."""
    try:
        return text if _DAY.fullmatch(text) and date.fromisoformat(text) else ""
    except ValueError:
        return ""
