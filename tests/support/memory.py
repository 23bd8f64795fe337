"""Temporary files in memory: a broker makes some thousand files for a handful of installations, and a disk takes its time
to make and to delete them. The folders of pytest (`tmp_path`) stay on the disk, for whoever wants to look into them afterwards.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Where Linux keeps files in memory. In a container it may be tiny.
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30
_FOLDER = pytest.StashKey[str]()
_VARIABLES = ("TMPDIR", "PYTEST_DEBUG_TEMPROOT")


def pytest_configure(config: pytest.Config) -> None:
    """Have this run, and all it starts, put temporary files there; --whole measures on the disk, as users run it."""
    if config.getoption("--whole") or hasattr(config, "workerinput") or any(name in os.environ for name in _VARIABLES):
        return
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return
    os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.gettempdir()
    config.stash[_FOLDER] = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="incidentlog-tests-", dir=_MEMORY)
    tempfile.tempdir = None  # it is to be looked up again


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing in memory."""
    if _FOLDER in config.stash:
        for name in _VARIABLES:
            del os.environ[name]
        tempfile.tempdir = None
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


@pytest.fixture
def fleeting() -> Iterator[Path]:
    """A folder for what nobody will look at after the test."""
    with tempfile.TemporaryDirectory(prefix="incidentlog-fleeting-") as folder:
        yield Path(folder)
