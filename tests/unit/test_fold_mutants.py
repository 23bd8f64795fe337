"""No step of the fold can be left out or altered without a known case failing."""

from __future__ import annotations

import pytest

from support.all_cases import CASES, differs
from support.fold_mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"step {mutant.step}: {mutant.name}")
def test_a_case_fails(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.plant(monkeypatch)
    assert any(differs(case) for case in CASES)


def test_without_a_mutant_none_fails() -> None:
    assert not [case.name for case in CASES if differs(case)]


def test_every_step_has_mutants() -> None:
    assert {mutant.step for mutant in MUTANTS} == set(range(1, 9))
