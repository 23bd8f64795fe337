"""An export that is ended on the way leaves nothing under the file's name, and nothing at all where it can clean up."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: Exports dead letters from a broker in memory and sends itself a signal in the middle.
PROGRAM = """
import os, signal, sys
from incidentlog.cli import main
from incidentlog.cli.progress import Steps
from incidentlog.client import MemoryBroker, connect
from incidentlog.exchange import exporting
from incidentlog.schemas.topics import Topics

topics = Topics()
broker = MemoryBroker(topics)
for number in range(500):
    broker.put(topics.counted[0], f"rescued/VNM/{number}", b"no event")
connect.KafkaBroker = lambda *_: broker
exporting._STEP = 10
Steps.__call__ = lambda steps, message, done, total: done == 30 and os.kill(os.getpid(), int(sys.argv[2]))
sys.exit(main.run(["export", "events", sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("number", "suffix"),
    [(signal.SIGINT, ".jsonl"), (signal.SIGTERM, ".csv"), (signal.SIGTERM, ".parquet"), (signal.SIGKILL, ".jsonl")],
)
def test_a_signal_in_the_middle(number: signal.Signals, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"history{suffix}"
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file), str(int(number))], capture_output=True, check=False
    )
    assert ended.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130), ended.stderr.decode()
    assert b"Exception" not in ended.stderr
    left = [path.name for path in tmp_path.iterdir()]
    assert [name for name in left if not (name.startswith(".") and name.endswith(".part"))] == []
    assert len(left) == (number == signal.SIGKILL)
    if left:  # it is in nobody's way
        whole = subprocess.run([sys.executable, "-c", PROGRAM, str(file), "0"], capture_output=True, check=False)
        assert whole.returncode == 0, whole.stderr.decode()
        assert file.exists()
