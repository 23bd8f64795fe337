"""The README's programs are those that the tests run."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["subscribe.py", "subscribe.sh", "subscribe.mjs", "produce.py", "review.py"])
def test_examples_are_in_the_readme_as_they_are_run(name: str) -> None:
    assert (ROOT / "tests/examples" / name).read_text().strip() in (ROOT / "README.md").read_text()
