"""`demo --secure` and `up --secure` as their users start them: the same numbers, and no secret where others might look."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psutil
import pytest

from incidentlog.local.secured import ADMINISTRATOR
from incidentlog.schemas.access import ROLES
from support.programs import objects, run, started

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_the_demo_comes_to_the_same_numbers() -> None:
    rows = objects("demo", "--secure", "--once", "--json")
    folded = objects("fold", "--json", "--projection", "rescued-by-nationality")
    assert len(rows) == 8
    assert sorted(rows, key=lambda row: row["key"]) == sorted(folded, key=lambda row: row["key"])


def test_each_verb_has_its_role_and_no_secret_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    credentials = data / "credentials"
    with started("up", "--secure", "--data", str(data), "--port", "0", "--gateway-port", "0") as program:
        program.until("Ctrl-C")
        _become(monkeypatch, credentials / "publisher.env")
        assert objects("publish", "--json", "--articles") == [{"appended": 93, "known": 0, "refused": 0}]
        _become(monkeypatch, credentials / "subscriber.env")
        denied = run("publish", "--articles")
        assert (denied.returncode, denied.stdout) == (1, "")
        assert denied.stderr.startswith(
            "incidentlog: User:subscriber may not describe group incidentlog-v1 at 127.0.0.1:"
        )
        assert "publish --write-only" in denied.stderr
        monkeypatch.setenv("INCIDENTLOG_SASL_PASSWORD_FILE", str(credentials / "worker.password"))
        wrong = run("watch", "rescued-by-nationality", "--once")
        assert (wrong.returncode, wrong.stdout) == (1, "")
        assert "does not let in User:subscriber: Authentication failed" in wrong.stderr
        shown = [denied.stderr, wrong.stderr, *_seen_by_neighbours(program.process.pid)]
        shown += [path.read_text(errors="replace") for path in (data / "broker.log", data / "server.properties")]
        program.process.terminate()
        assert program.wait() == 0
        shown.append(program.errors)
    secrets = [(credentials / f"{user}.password").read_text().strip() for user in (*ROLES, ADMINISTRATOR)]
    assert len(set(secrets)) == len(ROLES) + 1
    assert not [secret for secret in secrets for text in shown if secret in text]
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in credentials.iterdir()} == {0o600}
    opened = run("up", "--data", str(data))
    assert (opened.returncode, "start it with --secure" in opened.stderr) == (2, True), opened.stderr


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
