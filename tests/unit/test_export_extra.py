"""Without its extra, exporting says which one Parquet needs; the other formats need none."""

from __future__ import annotations

import subprocess
import sys

TRY = """
import sys
sys.modules["pyarrow"] = None
from incidentlog.cli import main
import incidentlog.cli.import_
sys.exit(main.run(["export", "events", sys.argv[1], "--bootstrap", "127.0.0.1:1"]))
"""


def test_a_missing_extra_is_named() -> None:
    said = subprocess.run([sys.executable, "-c", TRY, "history.parquet"], capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "incidentlog[export]" in said.stderr
    other = subprocess.run([sys.executable, "-c", TRY, "history.jsonl"], capture_output=True, text=True, check=False)
    assert "no Kafka broker answers" in other.stderr
