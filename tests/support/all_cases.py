"""All known cells, and whether the fold gives another number for one."""

from __future__ import annotations

from incidentlog.projections.cell import CellFold
from support.article_cases import ARTICLES
from support.edge_cases import EDGES
from support.fold_cases import Case
from support.ranking_cases import BEST, HIGH, STOCKS
from support.rule_cases import RULES

CASES = [*ARTICLES, *EDGES, *RULES, *BEST, *HIGH, *STOCKS]


def differs(case: Case) -> bool:
    """Whether the fold fails, or says another number or another flag, in one order or the other."""
    for statements in (case.statements, case.statements[::-1]):
        fold = CellFold(case.parsed, host_first=case.host_first, until=case.until, known=case.known)
        try:
            for statement in statements:
                fold.add(statement)
            estimate = fold.estimate(case.scope)
        except (AssertionError, AttributeError, LookupError, TypeError, ValueError):
            return True
        if (estimate and estimate[:3]) != case.numbers or (estimate and set(estimate.flags) != case.flags):
            return True
    return False
