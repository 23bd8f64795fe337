"""What the suite does with tests that cannot run here: deselected and named, and no quiet skips in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1]
SUITE = """
import pytest

@pytest.mark.docker
def test_in_a_container(): ...

@pytest.mark.chromium
def test_of_a_page(): ...

@pytest.mark.node
def test_of_a_script(): ...

@pytest.mark.integration
def test_of_a_broker(): pytest.skip("no reason")

def test_plain(): ...
"""
MARKERS = "[pytest]\nmarkers =\n  docker\n  chromium\n  node\n  integration\n"


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest on SUITE, on a machine without a Docker engine, a browser or Node."""
    (folder / "test_suite.py").write_text(SUITE)
    (folder / "pytest.ini").write_text(MARKERS)
    without_ci = {name: value for name, value in os.environ.items() if name != "CI"}
    nowhere = {"DOCKER_HOST": "tcp://127.0.0.1:1", "PYTHONPATH": str(SUPPORT), "PATH": str(folder)}
    nowhere |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # those of others take longer to load than all this
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "support.plugin", *arguments]
    return subprocess.run(
        command, cwd=folder, env=without_ci | nowhere | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_what_cannot_run_is_named_and_a_skip_fails_the_run_in_ci(tmp_path: Path, workers: list[str]) -> None:
    done = run(tmp_path, *workers, CI="true")
    assert "1 deselected: no Docker engine answers" in done.stdout, done.stdout + done.stderr
    assert "test_suite.py::test_in_a_container" in done.stdout
    assert "1 deselected: no Chromium is installed" in done.stdout
    assert "test_suite.py::test_of_a_page" in done.stdout
    assert "1 deselected: no Node is installed" in done.stdout
    assert "test_suite.py::test_of_a_script" in done.stdout
    assert "integration tests skipped, which fails the run: 1" in done.stdout
    assert "test_suite.py::test_of_a_broker" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


def test_elsewhere_a_skip_is_only_named(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert "test_suite.py::test_of_a_broker" in done.stdout
    assert done.returncode == pytest.ExitCode.OK


EXPERIMENTS = """
import pytest

@pytest.mark.fault("P2, F1", "it falls", seed=7)
def test_short(trial):
    trial.injected(trial.size(3, 1_000))
    trial.recoveries += [0.5, 2.0, 1.0]
    trial.judged = True

@pytest.mark.whole
@pytest.mark.fault("P10", "it burns", seed=8, heals=False)
def test_long(trial):
    assert trial.seed == 8
"""


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ([], ["| P2, F1 | it falls | 7 | 3 | 0 | 0 | 0 | 0 | 1.0 | 2.0 | by itself |"]),
        (
            ["--whole", "--seed", "9"],
            ["| P2, F1 | it falls | 9 | 1,000 |", "| P10 | it burns | 9 | 0 | 0 | ? | ? | ? |"],
        ),
    ],
)
def test_experiments_are_told_in_a_table(tmp_path: Path, options: list[str], rows: list[str]) -> None:
    (tmp_path / "test_experiments.py").write_text(EXPERIMENTS)
    table = tmp_path / "table.md"
    done = run(tmp_path, "-p", "support.trials", "test_experiments.py", "--table", str(table), *options)
    told = table.read_text().splitlines()
    assert len(told) - 4 == len(rows), done.stdout + done.stderr
    assert [line[: len(row)] for line, row in zip(told[2:], rows, strict=False)] == rows
    assert ("FAILED" in done.stdout) == ("--whole" in options)
