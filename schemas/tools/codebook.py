"""Writes schemas/published/codebook.md: the rules by which claims become numbers, for those who use them.

Prose is in `codebook_template.md`; tables and figures come from the models, the registers and the folds. Run from the
project root after changing any of them:
    uv run python schemas/tools/codebook.py
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import orjson

from incidentlog.cli import main as cli
from incidentlog.projections import treatments
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.series import DAYS_APART
from incidentlog.schemas import words
from incidentlog.schemas.about import ABOUT_TYPES
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.cells import MIXED
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.numbers import best, high
from incidentlog.schemas.paraphrase import LONGEST
from incidentlog.schemas.quantities import phrases, quantity
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.tables import table

HERE = Path(__file__).parent
TARGET = HERE.parent / "published/codebook.md"
_MARK = re.compile(r"<!-- (\w+) -->")
#: What each field of a claim says; a field without a line here is a mistake.
FIELDS = {
    "ref": "label of the statement, unique within its article",
    "measure": "what is counted",
    "counting_unit": "what one of them is; follows from the measure",
    "authority": "the office that said so: id in the register, class, country",
    "relayed_by": "the office or outlet that passed it on",
    "occasion": "the day on which the authority spoke",
    "statement_key": "the utterance: all of its wordings share it, whoever printed them",
    "population": "the nationality, as a code and in the source's own word",
    "place": "host country, perhaps a subdivision, never finer; of a movement the country left",
    "quantity": "low, best and high, how it was worded, and the words",
    "kind": "what kind of count it is (below)",
    "window": "the days it covers: in EDTF, and as first and last day",
    "grade": "how sure it is: firm, probable or possible",
    "prior_unknown": "it adds to a number that the source does not give",
    "part_of": "the claim that contains this one",
    "twin_of": "the claim of the same people under another measure; for readers only",
    "related": "any other claims worth reading beside it; for readers only",
    "replaces": "the retracted claim that this one takes the place of",
    "published": "when the article appeared; whether that was inferred",
    "embargo_until": "the day before which public views leave it out",
    "evidence": "hash of the article's text, offsets in it, its address if known; never a quotation",
}
KINDS = {
    "increment": "how many within a window: it needs a first day",
    "cumulative": "a running total up to a day, from the beginning or since a day",
    "stock": "how many there are on one day",
    "planned": "how many are to be; never counted with what happened",
}
TREATMENTS = {
    treatments.COUNTED_IN_LOW: "its low is a term of low",
    treatments.COUNTED_IN_BEST: "its value is a term of best",
    treatments.RAISES_HIGH: "its high is a term of high",
    treatments.SAME_STATEMENT_AS: "another wording of an utterance that another claim stands for",
    treatments.PART_OF: "a claim that counts contains it",
    treatments.ABSORBED_BY: "its window overlaps one that counts, or lies within a total that has it already",
    treatments.SUPERSEDED_BY: "a stock, and its authority has told a newer one",
    treatments.REVISED_DOWN_BY: "its authority has lowered the total since",
    treatments.OUTSIDE: "retracted, later than the day or the moment that was asked for, or told of another place",
}


def codebook() -> str:
    """The whole chapter; KeyError if the template asks for what there is not, or a description is missing."""
    template = (HERE / "codebook_template.md").read_text()
    return _MARK.sub(lambda mark: PARTS[mark[1]](), template)


def _table(headings: str, rows: Iterable[Iterable[object]]) -> str:
    cells = headings.split(" | ")
    lines = [cells, ["---"] * len(cells), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _claim() -> str:
    fields = CountedClaim.model_fields
    return _table(
        "field | says | ", ((f"`{name}`", FIELDS[name], "" if each.is_required() else "optional") for name, each in fields.items())
    )  # fmt: skip


def _measures() -> str:
    rows = sorted(builtin().measures.values(), key=lambda measure: measure.event_type)
    told = (
        (f"`{each.name}`", each.label, each.unit, f"`{each.event_type}`", ", ".join(each.kinds), each.precedence)
        for each in rows
    )
    return _table("measure | in words | unit | event type | kinds | first word", told)  # fmt: skip


def _quantities() -> str:
    rows = []
    for phrase in phrases(100):
        read = quantity(phrase)
        rows.append((phrase, read.low, best(read.best), high(read.high), f"`{read.qualifier}`"))
    return _table("phrase | low | best | high | qualifier", rows)


def _nationalities() -> str:
    return _table("code | stands for", ((f"`{code}`", says) for code, says in table("labels")["special"].items()))


def _docs(types: dict[str, Any]) -> str:
    return _table("event type | says", ((f"`{name}`", (each.__doc__ or "").strip()) for name, each in types.items()))


def _projections() -> str:
    counted = {"estimates": "every one", "official-actions": "none"}
    return _table(
        "projection | holds | measures",
        (
            (
                f"`{name}`",
                words.TITLES[name],
                counted.get(name) or ", ".join(f"`{each}`" for each in sorted(made.measures)),
            )
            for name, made in PROJECTIONS.items()
        ),
    )


def _why() -> list[dict[str, Any]]:
    """What the program itself says of the example."""
    with redirect_stdout(io.StringIO()) as said:
        cli.run(["why", "rescued-by-nationality", "VNM", "--articles", "--json"])
    return [orjson.loads(line) for line in said.getvalue().splitlines()]


def _example() -> str:
    rows = (
        (each["ref"], each["stated"], each["start"] or "…", each["end"], each["authority"], each["grade"],
         ", ".join(f"`{name}`" for name in each["treatment"]), each["reason"])
        for each in _why()
    )  # fmt: skip
    return _table("claim | said | from | to | by whom | grade | treatment | because", rows)


def _sum() -> str:
    return f"{sum(each['low'] if each['best'] is None else each['best'] for each in _why()):,}"


PARTS: dict[str, Callable[[], str]] = {
    "claim": _claim,
    "longest": lambda: str(LONGEST),
    "kinds": lambda: _table("kind | is", ((f"`{name}`", says) for name, says in KINDS.items())),
    "measures": _measures,
    "nationalities": _nationalities,
    "actions": lambda: _docs(ACTION_TYPES),
    "about": lambda: _docs(ABOUT_TYPES),
    "quantities": _quantities,
    "days": lambda: str(DAYS_APART),
    "mixed": lambda: ", ".join(f"`{code}`" for code in sorted(MIXED)),
    "projections": _projections,
    "treatments": lambda: _table("treatment | is said of a claim when", ((f"`{name}`", says) for name, says in TREATMENTS.items())),
    "example": _example,
    "sum": _sum,
    "flags": lambda: _table("flag | says", ((f"`{name}`", says) for name, says in words.FLAGS.items())),
}  # fmt: skip


def main() -> None:
    """Write the chapter if it differs."""
    content = codebook().encode()
    if not TARGET.exists() or TARGET.read_bytes() != content:
        TARGET.write_bytes(content)
        print("wrote schemas/published/codebook.md")


if __name__ == "__main__":
    main()
