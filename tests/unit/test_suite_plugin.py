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

@pytest.mark.integration
def test_of_a_broker(): pytest.skip("no reason")

def test_plain(): ...
"""
MARKERS = "[pytest]\nmarkers =\n  docker\n  integration\n"


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest on SUITE, on a machine without a Docker engine."""
    (folder / "test_suite.py").write_text(SUITE)
    (folder / "pytest.ini").write_text(MARKERS)
    without_ci = {name: value for name, value in os.environ.items() if name != "CI"}
    nowhere = {"DOCKER_HOST": "tcp://127.0.0.1:1", "PYTHONPATH": str(SUPPORT)}
    command = [sys.executable, "-m", "pytest", "-p", "support.plugin", *arguments]
    return subprocess.run(
        command, cwd=folder, env=without_ci | nowhere | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_what_cannot_run_is_named_and_a_skip_fails_the_run_in_ci(tmp_path: Path, workers: list[str]) -> None:
    done = run(tmp_path, *workers, CI="true")
    assert "1 deselected: no Docker engine answers" in done.stdout, done.stdout + done.stderr
    assert "test_suite.py::test_in_a_container" in done.stdout
    assert "integration tests skipped, which fails the run: 1" in done.stdout
    assert "test_suite.py::test_of_a_broker" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


def test_elsewhere_a_skip_is_only_named(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert "test_suite.py::test_of_a_broker" in done.stdout
    assert done.returncode == pytest.ExitCode.OK
