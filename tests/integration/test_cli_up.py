"""`up`, and the verbs against it, as processes: publish in any order, watch, why; stop; what breaks underneath."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from incidentlog.cli.stack import free_port
from incidentlog.sheets import shipped
from support.programs import Program, objects, run, started

pytestmark = pytest.mark.integration


@contextmanager
def up(data: Path, *options: str) -> Iterator[tuple[Program, str]]:
    """The stack on a folder and a free port, and its address."""
    with started("up", "--data", str(data), "--port", "0", "--gateway-port", "0", *options) as program:
        address = program.until(r"127\.0\.0\.1:\d+")[0]
        program.until("Ctrl-C")
        yield program, address


def rows(projection: str, bootstrap: str) -> dict[str, dict[str, object]]:
    """The rows as the log has them; that no dead letter may touch them is said besides."""
    found = objects("watch", projection, "--once", "--json", bootstrap=bootstrap)
    assert [row.pop("dead_letters") for row in found] == [0] * len(found)
    return {row["key"]: row for row in found}


def until_rescued(bootstrap: str) -> None:
    """Wait, as a reader would, until everything is folded."""
    with started("watch", "rescued-by-nationality", "--json", bootstrap=bootstrap) as reader:
        reader.until(r'"key":"\*","low":1024,"best":1024,"high":null')
        reader.process.send_signal(signal.SIGINT)
        assert (reader.wait(), reader.errors) == (0, "")


def test_published_thrice_in_three_orders_it_says_the_same(tmp_path: Path) -> None:
    sheets = [str(file) for file in shipped()]
    with up(tmp_path / "data", "--workers", "2") as (program, bootstrap):
        counts = []
        for seed in range(3):
            random.Random(seed).shuffle(sheets)
            counts += objects("publish", "--json", *sheets, bootstrap=bootstrap)
        assert [(each["appended"], each["known"]) for each in counts] == [(93, 0), (0, 93), (0, 93)]
        until_rescued(bootstrap)
        folded = {row["key"]: row for row in objects("fold", "--json", "-p", "rescued-by-nationality")}
        assert rows("rescued-by-nationality", bootstrap) == folded
        why = {line["ref"]: line for line in objects("why", "rescued-by-nationality", "VNM", bootstrap=bootstrap)}
        assert {ref for ref, line in why.items() if "counted_in_best" in line["treatment"]} == {"S2-02", "S2-03"}
        assert objects("topics", "check", bootstrap=bootstrap) == []
        assert objects("doctor", "--json", bootstrap=bootstrap) == []
        program.process.send_signal(signal.SIGTERM)
        assert program.wait() == 0
    assert program.left() == []
    port = free_port()
    with up(tmp_path / "data", "--metrics-port", str(port)) as (program, bootstrap):
        assert rows("rescued-by-nationality", bootstrap) == folded
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            assert b'incidentlog_worker_partitions{stage="estimates",version="v1",worker="v1-1"} 4.0' in answer.read()
    assert program.left() == []


@pytest.mark.parametrize(
    ("victim", "message"),
    [
        ("incidentlog.worker", "incidentlog: the worker "),
        ("incidentlog.gateway", "incidentlog: the gateway "),
        ("java", "incidentlog: the broker "),
    ],
)
def test_when_something_dies_underneath_all_of_it_ends(victim: str, message: str, tmp_path: Path) -> None:
    with up(tmp_path / "data") as (program, _):
        found = [each for each in program.family() if _is(each, victim)]
        found[0].kill()
        assert program.wait() == 1
    assert program.left() == []
    assert message in program.errors
    assert "Traceback" not in program.errors


def test_a_taken_port_and_a_taken_folder_are_told(tmp_path: Path) -> None:
    with up(tmp_path / "data") as (_, bootstrap):
        port = bootstrap.rpartition(":")[2]
        taken = run("up", "--data", str(tmp_path / "other"), "--port", port, "--gateway-port", "0")
        assert (taken.returncode, taken.stdout) == (1, "")
        assert f"incidentlog: port {port} on 127.0.0.1 is taken" in taken.stderr
        twice = run("up", "--data", str(tmp_path / "data"), "--port", "0", "--gateway-port", "0")
        assert twice.returncode == 1
        assert "a broker already runs on" in twice.stderr


def test_where_nothing_answers_the_next_step_is_told() -> None:
    told = run("watch", "estimates", "--once", bootstrap="127.0.0.1:1")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("incidentlog: no Kafka broker answers at 127.0.0.1:1")
    assert told.stderr.count("\n") == 1


def _is(process: psutil.Process, victim: str) -> bool:
    return victim in process.cmdline() or process.name() == victim
