"""From how much everything shown was made."""

from __future__ import annotations

from incidentlog.gateway.answers import Answers, Page
from incidentlog.gateway.page.phrases import plural
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.views import ActionView, NumberView
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS

#: Of so many rows claims are counted, and of so many claims articles.
_ROWS, _CLAIMS = 2000, 5000


def coverage(gateway: Gateway, answers: Answers) -> str:
    """`93 claims in 5 articles`; of a log too long to look through, `32,000 estimates and 41 official actions`."""
    estimates = answers.numbers(ESTIMATES, None, Page("", _ROWS))
    actions = answers.numbers(OFFICIAL_ACTIONS, None, Page("", _ROWS))
    whole = [row for row in estimates.rows if isinstance(row, NumberView) and row.key.count("/") == 2]
    claims = sum(row.live or 0 for row in whole)
    if estimates.next or actions.next or claims > _CLAIMS:
        return f"{plural(estimates.total, 'estimate')} and {plural(actions.total, 'official action')}"
    disclosure = gateway.discretion.disclosure(answers.view)
    sources = {row.source for row in actions.rows if isinstance(row, ActionView)}
    for row in whole:
        told = [each.told or {} for each in disclosure.statements(gateway.claims.of(row.key)) if not each.target]
        sources |= {each["source"] for each in told if each.get("source")}
    return f"{plural(claims + actions.total, 'claim')} in {plural(len(sources), 'article')}"
