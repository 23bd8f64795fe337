"""The compose file as the README tells of it: up, publish, watch, replay, promote, more workers, down, up."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import orjson
import pytest

from incidentlog.cli.stack import free_port
from incidentlog.sheets import shipped
from support.articles import events, rows

pytestmark = [pytest.mark.integration, pytest.mark.docker, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
RESCUED = "rescued-by-nationality"
ROWS = {key: (row.low, row.best, row.high) for (name, key), row in rows(events()).items() if name == RESCUED}


class Composed:
    """The stack in containers, under a name and on a port of its own; verbs run here, in front of it."""

    def __init__(self) -> None:
        self.port, self.page = free_port(), free_port()
        self._environment = os.environ | {
            "INCIDENTLOG_PORT": str(self.port),
            "INCIDENTLOG_GATEWAY_PORT": str(self.page),
            "COMPOSE_PROJECT_NAME": f"incidentlog-{uuid.uuid4().hex[:6]}",
            "INCIDENTLOG_BOOTSTRAP": f"127.0.0.1:{self.port}",
        }

    def compose(self, *arguments: str) -> str:
        """Run `docker compose`; what it prints."""
        return self._run("docker", "compose", *arguments)

    def call(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a verb here; the objects it prints."""
        program = Path(sys.executable).with_name("incidentlog")
        return [orjson.loads(line) for line in self._run(str(program), *arguments).splitlines()]

    def rescued(self) -> dict[str, tuple[int, int | None, int | None]]:
        """The numbers of the flagship."""
        return {
            row["key"]: (row["low"], row["best"], row["high"])
            for row in self.call("watch", RESCUED, "--once", "--json")
        }

    def shown(self) -> dict[str, tuple[int, int | None, int | None]]:
        """The same, as the gateway answers."""
        with urlopen(f"http://127.0.0.1:{self.page}/projections/{RESCUED}", timeout=10) as answer:
            listed = orjson.loads(answer.read())["rows"]
        return {row["key"]: (row["low"], row["best"], row["high"]) for row in listed}

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def stack() -> Iterator[Composed]:
    """Up and healthy, gone with its volume in the end."""
    stack = Composed()
    try:
        stack.compose("up", "--wait", "--build")
        yield stack
    finally:
        stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "5")


def settled(stack: Composed, wanted: Callable[[], bool]) -> None:
    """Look again and again; a watch takes a second each, and a group waits ten for a member that died."""
    assert any(wanted() for _ in range(60))


def test_the_stack_in_containers(stack: Composed) -> None:
    assert stack.call("publish", "--articles", "--json") == [{"appended": 93, "known": 0, "refused": 0}]
    settled(stack, lambda: stack.rescued() == ROWS)
    assert stack.shown() == ROWS
    said = stack.compose("run", "--rm", "-T", "cli", "watch", RESCUED, "--once", "--json")
    assert {orjson.loads(line)["key"] for line in said.splitlines()} == ROWS.keys()
    stack.compose("run", "--rm", "-T", "replay", "--into", "v2")
    assert stack.call("diff", RESCUED, "v1", "v2", "--json") == []
    stack.compose("run", "--rm", "-T", "cli", "promote", "v2")
    stack.compose("down")
    stack.compose("up", "--wait")
    assert stack.rescued() == ROWS
    versions = {each["version"]: each for each in stack.call("versions", "--json")}
    assert {name: each["live"] for name, each in versions.items()} == {"v1": False, "v2": True}


def test_one_of_three_workers_is_killed(stack: Composed) -> None:
    stack.compose("up", "--wait", "--scale", "worker=3")
    first, *_, last = [str(file) for file in shipped()]
    assert stack.call("publish", first, "--json")[0]["appended"]
    victim, *others = stack.compose("ps", "--quiet", "worker").split()
    assert len(others) == 2
    subprocess.run(["docker", "kill", "--signal", "KILL", victim], check=True, capture_output=True)
    stack.call("publish", last, "--json")
    assert stack.call("publish", "--articles", "--json")[0]["refused"] == 0
    settled(stack, lambda: stack.rescued() == ROWS)
