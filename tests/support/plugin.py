"""Which tests run here: those that need Docker are deselected, and named, where it does not answer; the long experiments
with faults run under --whole.

Deselected, never skipped: a skip among the integration tests fails a run in CI, since it hides what was not tested.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from support.fault_table import FaultTable

DESELECTED = pytest.StashKey[tuple[str, list[str]]]()
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
    needing = [item for item in items if item.get_closest_marker("docker")]
    if not needing:
        return
    from support.containers import why_no_containers  # asks the engine, so only where it matters

    reason = why_no_containers()
    if reason is None:
        return
    config.stash[DESELECTED] = (reason, [item.nodeid for item in needing])
    items[:] = [item for item in items if item not in set(needing)]
    config.hook.pytest_deselected(items=needing)


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
        told["deselected"] = session.config.stash.get(DESELECTED, None)
    if session.config.stash.get(SKIPPED, []) and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    deselected = getattr(node, "workeroutput", {}).get("deselected")
    if deselected:
        node.config.stash[DESELECTED] = tuple(deselected)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reason, names = config.stash.get(DESELECTED, ("", []))
    if names:
        terminalreporter.section(f"{len(names)} deselected: {reason}")
        for name, count in Counter(name.partition("[")[0] for name in names).items():
            terminalreporter.line(f"{name}{f' ({count})' if count > 1 else ''}")
    skipped = config.stash.get(SKIPPED, [])
    if skipped:
        verdict = "which fails the run" if os.environ.get("CI") else "which in CI fails the run"
        terminalreporter.section(f"integration tests skipped, {verdict}: {len(skipped)}")
        for name in skipped:
            terminalreporter.line(name)
