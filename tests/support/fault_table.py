"""The table of the experiments with faults: after the run on the terminal, with --table in a Markdown file."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from statistics import median
from typing import Any

import pytest

_COLUMNS = (
    "experiment", "fault", "seed", "times", "events", "lost", "duplicated", "wrong", "recovery p50", "max", "comes back",
    "took",
)  # fmt: skip


class FaultTable:
    """Collects what the trials tell; registered as a plugin, so that it hears of workers of pytest-xdist too."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self._failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)
        if report.when == "teardown":
            self.rows += [
                _row(told, failed=report.nodeid in self._failed)
                for name, told in report.user_properties
                if name == "trial"
            ]

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if not self.rows:
            return
        rows = sorted(self.rows, key=_place)
        terminalreporter.section("faults: lost, duplicated and wrong beside the oracle; recovery in seconds")
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
        for row in (_COLUMNS, *rows):
            terminalreporter.line(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )
        if file := config.getoption("--table"):
            Path(file).write_text(_markdown(rows))
            terminalreporter.line(f"written to {file}")


def _row(told: Any, *, failed: bool) -> tuple[str, ...]:
    recoveries = told["recoveries"]
    outcome = [f"{told[name]:,}" if told["judged"] else "?" for name in ("lost", "duplicated", "wrong")]
    times = [f"{value(recoveries):.1f}" if recoveries else "-" for value in (median, max)]
    back = "by itself" if told["heals"] else "after the cure"
    return (
        told["experiment"], told["fault"], str(told["seed"]), f"{told['times']:,}", f"{told['events']:,}", *outcome, *times,
        "FAILED" if failed else back, f"{told['seconds']:.0f} s",
    )  # fmt: skip


def _place(row: tuple[str, ...]) -> tuple[str, int, str]:
    first = row[0].split(",")[0].split("/")[0]
    return first[:1], int(first[1:] or 0) if first[1:].isdigit() else 0, row[1]


def _markdown(rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (_COLUMNS, *rows)]
    lines.insert(1, "|" + "---|" * len(_COLUMNS))
    command = " ".join(["pytest", *sys.argv[1:]])
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return "\n".join([*lines, "", f"`{command}` on {machine}. Recovery in seconds.", ""])
