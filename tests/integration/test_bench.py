"""`incidentlog bench` for real, only short: this program and others on a broker, everyone checked, nothing left behind."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import orjson
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from incidentlog.bench.sums import runs
from support.commands import Calls
from support.programs import run, started

pytestmark = pytest.mark.integration

PEERS = """
[liar]
title = "Liar"
program = "liar.py"
progress = "told"

[dead]
title = "Dead"
program = "dead.py"

[unheard-of]
title = "Unheard of"
program = "liar.py"
python = ["this is no requirement"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "peers.toml").write_text(PEERS)
    (tmp_path / "liar.py").write_text(
        "import os\nprint(os.environ['BENCH_EVENTS'])\nprint('{\"rescued/VNM/KHM\": 1}')\n"
    )
    (tmp_path / "dead.py").write_text("raise SystemExit('no licence')\n")
    return tmp_path


async def _topics(bootstrap: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return {name for name in await admin.list_topics() if name.startswith("bench-")}
    finally:
        await admin.close()


async def test_it_measures_itself_beside_a_bare_loop(bootstrap: str, tmp_path: Path) -> None:
    table = tmp_path / "bench.md"
    done = run("bench", "--events", "2000", "--runs", "1", "--bootstrap", bootstrap, "--markdown", str(table), "--json")
    assert done.returncode == 0, done.stderr
    conditions, ours, bare = map(orjson.loads, done.stdout.splitlines())
    assert "2,000 claims" in conditions["conditions"][0]
    assert (ours["peer"], bare["peer"], ours["ratio"]) == ("incidentlog", "aiokafka", 1.0)
    for peer in (ours, bare):
        [measured] = peer["runs"]
        assert (measured["wrong"], measured["events"]) == (0, 2000)
        assert 0 < measured["cpu"] < 60
    assert f"**{ours['per_cpu_second']['median']:.0f}"[:4] in table.read_text().replace(",", "")
    assert await _topics(bootstrap) == set()


def test_whoever_is_wrong_dead_or_unavailable_is_named(
    bootstrap: str, folder: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_ROWS_SECONDS", 1.0)  # a liar's sums stay wrong however long one waits
    done = calls(
        *("bench", "--events", "2000", "--runs", "1", "--bootstrap", bootstrap, "--peers", str(folder), "--json"),
        *("--only", "liar", "--only", "dead", "--only", "unheard-of"),
    )
    assert done.status == 1
    told = {each["peer"]: each for each in map(orjson.loads, done.out.splitlines()) if "peer" in each}
    assert told["liar"]["wrong"] == 1
    assert "no licence" in told["dead"]["missing"]
    assert "this is no requirement" in told["unheard-of"]["missing"] or "uv" in told["unheard-of"]["missing"]
    assert "Liar got sums wrong" in done.err


def test_interrupted_it_leaves_nothing_behind(bootstrap: str) -> None:
    with started("bench", "--events", "10000", "--runs", "9", "--bootstrap", bootstrap, "--json") as program:
        while not any("incidentlog.bench.sums" in " ".join(_command(child)) for child in program.family()):
            assert program.process.poll() is None, program.errors
            time.sleep(0.05)  # what it measures needs the processors
        program.process.send_signal(signal.SIGINT)
        assert program.wait() == 130
        assert program.left() == []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
