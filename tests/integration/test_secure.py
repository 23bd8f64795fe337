"""`demo --secure` and `up --secure` as their users start them: the same numbers, and no secret where others might look."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psutil
import pytest

from incidentlog.local.secured import ADMINISTRATOR
from incidentlog.schemas.access import ROLES
from support.commands import Calls
from support.programs import Program, objects, started

pytestmark = [pytest.mark.integration, pytest.mark.slow]


#: Codebook, section 4.
RESCUED = {
    "VNM": (1000, 1000, None), "MYS": (24, 24, None), "QMF": (12, 12, 99), "CHN": (0, None, None), "IND": (0, None, 6),
    "TWN": (0, None, 2), "BGD": (0, None, 1), "*": (1024, 1024, None),
}  # fmt: skip


def test_the_demo_comes_to_the_rows_that_fold_prints(calls: Calls) -> None:
    rows = objects("demo", "--secure", "--once", "--json")
    folded = calls.objects("fold", "--json", "--projection", "rescued-by-nationality")
    assert {row["key"]: (row["low"], row["best"], row["high"]) for row in rows} == RESCUED
    assert sorted(rows, key=lambda row: row["key"]) == sorted(folded, key=lambda row: row["key"])


def test_each_verb_has_its_role_and_no_secret_shows(
    calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    credentials = data / "credentials"
    with started("up", "--secure", "--data", str(data), "--port", "0", "--gateway-port", "0") as program:
        program.until("Ctrl-C")
        _become(monkeypatch, credentials / "publisher.env")
        assert calls.objects("publish", "--json", "--articles") == [{"appended": 93, "known": 0, "refused": 0}]
        _become(monkeypatch, credentials / "subscriber.env")
        denied = calls("publish", "--articles")
        assert (denied.status, denied.out) == (1, "")
        assert denied.err.startswith("incidentlog: User:subscriber may not describe group incidentlog-v1 at 127.0.0.1:")
        assert "publish --write-only" in denied.err
        monkeypatch.setenv("INCIDENTLOG_SASL_PASSWORD_FILE", str(credentials / "worker.password"))
        wrong = calls("watch", "rescued-by-nationality", "--once")
        assert (wrong.status, wrong.out) == (1, "")
        assert "does not let in User:subscriber: Authentication failed" in wrong.err
        shown = [denied.err, wrong.err, *_seen_by_neighbours(program.process.pid)]
        shown += [path.read_text(errors="replace") for path in (data / "broker.log", data / "server.properties")]
        shown.append(_errors_when_the_broker_dies(program))
    secrets = [(credentials / f"{user}.password").read_text().strip() for user in (*ROLES, ADMINISTRATOR)]
    assert len(set(secrets)) == len(ROLES) + 1
    assert not [secret for secret in secrets for text in shown if secret in text]
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in credentials.iterdir()} == {0o600}
    opened = calls("up", "--data", str(data))
    assert (opened.status, "start it with --secure" in opened.err) == (2, True), opened.err


def _errors_when_the_broker_dies(program: Program) -> str:
    """All of it ends when its broker is killed, and says why."""
    next(each for each in program.family() if each.name() == "java").kill()
    assert program.wait() == 1
    assert program.left() == []
    assert "incidentlog: the broker " in program.errors
    assert "Traceback" not in program.errors
    return program.errors


def _become(environment: pytest.MonkeyPatch, file: Path) -> None:
    """Have what is started from now on connect as whose file it is."""
    for line in file.read_text().splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        environment.setenv(name, value)


def _seen_by_neighbours(pid: int) -> list[str]:
    """What every user of the machine sees of a program and its descendants."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    assert len(family) >= 4, "a broker, its keeper, a worker, a gateway"
    assert os.getpid() not in {each.pid for each in family}
    return [" ".join(each.cmdline()) for each in family]
