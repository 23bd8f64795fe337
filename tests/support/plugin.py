"""Which tests run here: those that need Docker, Chromium or Node are deselected, and named, where it is missing; the long
experiments with faults run under --whole.

Deselected, never skipped: a skip among the integration tests fails a run in CI, since it hides what was not tested.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from support.fault_table import FaultTable

#: Why, and which.
DESELECTED = pytest.StashKey[list[tuple[str, list[str]]]]()
SKIPPED = pytest.StashKey[list[str]]()


#: Seconds that a test may take under --whole.
WHOLE_SECONDS = 3600


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults", "experiments with faults")
    group.addoption("--whole", action="store_true", help="all of them, and as often as the table asks for; for hours")
    group.addoption("--table", metavar="FILE", help="write the table of the experiments to this Markdown file")
    group.addoption(
        "--recovery",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="more may pass until all is live again: the machine is busy",
    )
    group.addoption("--seed", type=int, help="another seed for all of them")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _choose_experiments(config, items)
    _choose_engines(config, items)


def _choose_experiments(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--whole"):
        for item in items:
            if item.get_closest_marker("fault"):
                item.add_marker(pytest.mark.timeout(WHOLE_SECONDS), append=False)
        return
    # In short they run on one broker.
    long = [item for item in items if item.get_closest_marker("whole") or _on_a_second_broker(item)]
    if long:
        items[:] = [item for item in items if item not in set(long)]
        config.hook.pytest_deselected(items=long)


def _on_a_second_broker(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("fault") and item.get_closest_marker("docker"))


def _choose_engines(config: pytest.Config, items: list[pytest.Item]) -> None:
    for marker, why_not in ENGINES.items():
        needing = [item for item in items if item.get_closest_marker(marker)]
        reason = why_not() if needing else None  # asks the engine, so only where it matters
        if reason is not None:
            config.stash.setdefault(DESELECTED, []).append((reason, [item.nodeid for item in needing]))
            items[:] = [item for item in items if item not in set(needing)]
            config.hook.pytest_deselected(items=needing)


def _why_no_containers() -> str | None:
    from support.containers import why_no_containers

    return why_no_containers()


def chromium() -> str | None:
    """Where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


#: What some tests need besides Python, by their marker: says why it cannot be had, None if it can.
ENGINES: Mapping[str, Callable[[], str | None]] = {
    "docker": _why_no_containers,
    "chromium": lambda: None if chromium() else "no Chromium is installed",
    "node": lambda: None if shutil.which("node") else "no Node is installed",
    "curl": lambda: None if shutil.which("curl") else "no curl is installed",
}


class Skips:
    """Collects what was skipped; registered as a plugin where results are shown."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and "integration" in report.keywords:
            self.config.stash.setdefault(SKIPPED, []).append(report.nodeid)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "fault(experiment, fault, seed, heals=True): an experiment, with a row in the table"
    )
    config.addinivalue_line("markers", "whole: takes long; only under --whole")
    config.pluginmanager.register(Skips(config), "incidentlog-skips")
    config.pluginmanager.register(FaultTable(), "incidentlog-faults")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    told = getattr(session.config, "workeroutput", None)  # in a worker of pytest-xdist: to be handed to the controller
    if told is not None:
        told["deselected"] = session.config.stash.get(DESELECTED, [])
    if session.config.stash.get(SKIPPED, []) and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    deselected = getattr(node, "workeroutput", {}).get("deselected")
    if deselected:
        node.config.stash[DESELECTED] = [(reason, names) for reason, names in deselected]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, names in config.stash.get(DESELECTED, []):
        terminalreporter.section(f"{len(names)} deselected: {reason}")
        for name, count in Counter(name.partition("[")[0] for name in names).items():
            terminalreporter.line(f"{name}{f' ({count})' if count > 1 else ''}")
    skipped = config.stash.get(SKIPPED, [])
    if skipped:
        verdict = "which fails the run" if os.environ.get("CI") else "which in CI fails the run"
        terminalreporter.section(f"integration tests skipped, {verdict}: {len(skipped)}")
        for name in skipped:
            terminalreporter.line(name)
