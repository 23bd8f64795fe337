"""The compose file's limits: every service has them, ours may write nowhere, and a worker's hold what its comment says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(TEXT)["services"]
#: Bytes of a worker, and for each live claim while it is behind, as the README measured them.
EMPTY, CLAIM = 68 << 20, (1676 << 20) / 1_000_000


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits(name: str) -> None:
    service = SERVICES[name]
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if name != "broker":
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_a_worker_holds_half_a_million_claims() -> None:
    [limit] = re.findall(r"INCIDENTLOG_WORKER_MEMORY:-(\d)g", TEXT[: TEXT.index("gateway:")])
    assert int(limit) << 30 > EMPTY + 500_000 * CLAIM
    assert "half a million" in TEXT


def test_a_heap_leaves_as_much_beside_it() -> None:
    [heap] = re.findall(r"-Xmx(\d+)m", TEXT)
    assert SERVICES["broker"]["mem_limit"] == "${INCIDENTLOG_BROKER_MEMORY:-1g}"
    assert 2 * int(heap) <= 1024
