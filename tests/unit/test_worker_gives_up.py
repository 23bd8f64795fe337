"""A worker that cannot stop ends all the same, also when whoever started it is gone."""

from __future__ import annotations

import subprocess
import sys

_ORPHAN = """
import os
from incidentlog.worker.__main__ import _give_up
reading, writing = os.pipe()
os.close(reading)
os.dup2(writing, 2)
try:
    _give_up()
finally:
    os._exit(7)
"""


def test_nobody_listens_any_more() -> None:
    assert subprocess.run([sys.executable, "-c", _ORPHAN], check=False, timeout=60).returncode == 1
