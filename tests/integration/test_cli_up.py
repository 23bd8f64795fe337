"""`up` as a process, and the verbs against it: publish in any order, watch, why; stop; what breaks underneath."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from incidentlog.cli.stack import free_port
from incidentlog.sheets import shipped
from support.commands import Calls
from support.programs import Program, run, started

pytestmark = pytest.mark.integration


@contextmanager
def up(data: Path, *options: str) -> Iterator[tuple[Program, str]]:
    """The stack on a folder and a free port, and its address."""
    with started("up", "--data", str(data), "--port", "0", "--gateway-port", "0", *options) as program:
        address = program.until(r"127\.0\.0\.1:\d+")[0]
        program.until("Ctrl-C")
        yield program, address


def rows(calls: Calls, projection: str) -> dict[str, dict[str, object]]:
    """The rows as the log has them; that no dead letter may touch them is said besides."""
    found = calls.objects("watch", projection, "--once", "--json")
    assert [row.pop("dead_letters") for row in found] == [0] * len(found)
    return {row["key"]: row for row in found}


def until_rescued(bootstrap: str) -> None:
    """Wait, as a reader would, until everything is folded."""
    with started("watch", "rescued-by-nationality", "--json", bootstrap=bootstrap) as reader:
        reader.until(r'"key":"\*","low":1024,"best":1024,"high":null')
        reader.process.send_signal(signal.SIGINT)
        assert (reader.wait(), reader.errors) == (0, "")


def test_published_thrice_in_three_orders_it_says_the_same_also_after_a_restart(
    calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    with up(data, "--workers", "2") as (program, bootstrap):
        monkeypatch.setenv("INCIDENTLOG_BOOTSTRAP", bootstrap)
        _published_in_three_orders(calls)
        until_rescued(bootstrap)
        folded = {row["key"]: row for row in calls.objects("fold", "--json", "-p", "rescued-by-nationality")}
        assert rows(calls, "rescued-by-nationality") == folded
        why = {line["ref"]: line for line in calls.objects("why", "rescued-by-nationality", "VNM")}
        assert {ref for ref, line in why.items() if "counted_in_best" in line["treatment"]} == {"S2-02", "S2-03"}
        assert calls.objects("topics", "check") == []
        assert calls.objects("doctor", "--json") == []
        _refuses_a_taken_port_and_a_taken_folder(calls, data, bootstrap)
        program.process.send_signal(signal.SIGTERM)
        assert program.wait() == 0
    assert program.left() == []
    port = free_port()
    with up(data, "--metrics-port", str(port)) as (program, bootstrap):
        monkeypatch.setenv("INCIDENTLOG_BOOTSTRAP", bootstrap)
        assert rows(calls, "rescued-by-nationality") == folded
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            assert b'incidentlog_worker_partitions{stage="estimates",version="v1",worker="v1-1"} 4.0' in answer.read()
        _killed(program, "incidentlog.worker")
    _ended_saying(program, "incidentlog: the worker ")


def _published_in_three_orders(calls: Calls) -> None:
    sheets, counts = [str(file) for file in shipped()], []
    for seed in range(3):
        random.Random(seed).shuffle(sheets)
        counts += calls.objects("publish", "--json", *sheets)
    assert [(each["appended"], each["known"]) for each in counts] == [(93, 0), (0, 93), (0, 93)]


def _refuses_a_taken_port_and_a_taken_folder(calls: Calls, data: Path, bootstrap: str) -> None:
    port = bootstrap.rpartition(":")[2]
    taken = calls("up", "--data", str(data.parent / "other"), "--port", port, "--gateway-port", "0")
    assert (taken.status, taken.out) == (1, "")
    assert f"incidentlog: port {port} on 127.0.0.1 is taken" in taken.err
    twice = calls("up", "--data", str(data), "--port", "0", "--gateway-port", "0")
    assert twice.status == 1
    assert "a broker already runs on" in twice.err


def test_when_the_gateway_dies_all_of_it_ends(tmp_path: Path) -> None:
    """The same of a worker is shown above, of the broker in `test_secure.py`."""
    with up(tmp_path / "data", "--workers", "0") as (program, _):
        _killed(program, "incidentlog.gateway")
    _ended_saying(program, "incidentlog: the gateway ")


def _killed(program: Program, victim: str) -> None:
    """Kill one of its processes and wait for the failure of all of it."""
    found = [each for each in program.family() if victim in each.cmdline()]
    found[0].kill()
    assert program.wait() == 1


def _ended_saying(program: Program, message: str) -> None:
    assert program.left() == []
    assert message in program.errors
    assert "Traceback" not in program.errors


def test_where_nothing_answers_the_next_step_is_told() -> None:
    told = run("watch", "estimates", "--once", bootstrap="127.0.0.1:1")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("incidentlog: no Kafka broker answers at 127.0.0.1:1")
    assert told.stderr.count("\n") == 1
