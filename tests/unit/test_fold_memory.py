"""What the fold keeps in brief, to hold a million claims, says the same as at length."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentlog.projections.brief import SHORT, brief
from incidentlog.projections.cell import CellFold
from incidentlog.projections.stamp import ref_of, stamp, unstamped
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import BY_KEY, Statement
from support.all_cases import CASES
from support.fold_cases import Case, claim, exact

MOMENTS = st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
)
DIGESTS = st.binary(min_size=16, max_size=16).map(bytes.hex)
#: Bytes a claim may take in a fold; it takes some 600.
MOST = 750


@given(DIGESTS | st.text(max_size=40), MOMENTS | st.text(max_size=30), st.text(max_size=40))
@example("ab" * 16, "2023-01-01T10:00:60.123456Z", "S2-03")
@example("ab" * 16, "2023-01-01 10:00:07.123456Z", "S2-03")
@example("ab" * 16, "2023-01-01T10:00:07.\u0661\u0662\u0663\u0664\u0665\u0666Z", "S2-03")
@example("ab" * 16, "2023-02-30T10:00:07.123456Z", "S2-03")
def test_a_stamp_says_what_it_was_given(digest: str, recorded: str, ref: str) -> None:
    try:
        made = stamp(digest, recorded, ref)
    except ValueError:  # digests are ours: 32 characters that are no hex come from nowhere
        assert len(digest) == 2 * 16
        return
    assert unstamped(made) == (digest, recorded, ref)
    assert ref_of(made) == ref


def test_a_usual_stamp_is_packed() -> None:
    moment = datetime(2023, 1, 1, 10, 0, 7, 123456, UTC).isoformat().replace("+00:00", "Z")
    assert isinstance(stamp("ab" * 16, moment, "S2-03"), bytes)


@given(st.text(), st.text())
def test_keys_in_brief_are_equal_where_the_keys_are(one: str, other: str) -> None:
    assert (brief(one) == brief(other)) == (one == other)
    assert brief(brief(one)) == brief(one)
    assert len(brief(one)) <= SHORT


def at_length(statement: Statement) -> Statement:
    """The same, with a long statement key."""
    content, target = statement.content, statement.target
    if content is not None:
        content = content._replace(statement_key=long(content.statement_key))
    if target.startswith(BY_KEY):
        target = BY_KEY + long(target.removeprefix(BY_KEY))
    return statement._replace(content=content, target=target)


def long(key: str) -> str:
    return f"{key}|{'-' * SHORT}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_long_keys_change_nothing(case: Case) -> None:
    short, longer = [
        CellFold(case.parsed, host_first=case.host_first, until=case.until, known=case.known) for _ in range(2)
    ]
    statements = [*case.statements, *case.statements[:3]]
    Random(case.name).shuffle(statements)
    for statement in statements:
        assert short.add(statement) == longer.add(at_length(statement))
        assert short.estimate(case.scope) == longer.estimate(case.scope)
    assert short.lineage(case.scope) == longer.lineage(case.scope)


def test_bytes_per_claim() -> None:
    count = 2_000
    # Made beforehand, as everything that a claim's texts are; what the fold keeps of them is counted all the same.
    fold = CellFold(Cell("rescued", "VNM", "KHM"), host_first=False)
    tracemalloc.start()
    for n in range(count):
        said = claim(
            f"{n:032x}", exact(n % 50 + 1), f"{n % 12 + 1:02}-{n % 28 + 1:02}", "VN-MOFA", key=f"{long('k')}{n}"
        )
        fold.add(said._replace(digest=f"{n:032x}", recorded=f"2023-01-01T10:00:00.{n:06}Z"))
        if n % 50 == 0:
            fold.estimate()
    fold.estimate()
    del said
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / count < MOST
